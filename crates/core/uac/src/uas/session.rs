//! Session timers (RFC 4028) of the answering side. We let the caller refresh where it may choose.

use std::time::Duration;

use crate::message::Headers;
use crate::session_timer::{Refresher, SessionExpires};

/// The shortest interval we take part in (RFC 4028 section 4).
pub(super) const LEAST: Duration = Duration::from_secs(90);
/// Before its end a session that nobody refreshed is ended by BYE (section 10).
const MARGIN: Duration = Duration::from_secs(32);

/// The agreed interval and who refreshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) interval: Duration,
    /// We send the refreshes; else the peer does.
    pub(super) ours: bool,
}

impl Session {
    /// What a request of the peer asks for. A peer that wants us to refresh but takes no UPDATE
    /// gets no session timer: without it a session does not expire.
    pub(super) fn asked(headers: &Headers) -> Option<Self> {
        let SessionExpires { seconds, refresher } = SessionExpires::of(headers)?;
        let supported = headers.lists("Supported", "timer") || headers.lists("Require", "timer");
        let ours = !supported || refresher == Some(Refresher::Uas);
        (!ours || headers.lists("Allow", "UPDATE"))
            .then_some(Self { interval: Duration::from_secs(seconds.into()), ours })
    }

    /// Whether the request asks for less than we bear, and can be told so (section 9).
    pub(super) fn is_too_short(headers: &Headers) -> bool {
        let asked = SessionExpires::of(headers).map(|asked| Duration::from_secs(asked.seconds.into()));
        headers.lists("Supported", "timer") && asked.is_some_and(|interval| interval < LEAST)
    }

    /// Says in a 2xx what holds.
    pub(super) fn write(&self, headers: &mut Headers) {
        let refresher = Some(if self.ours { Refresher::Uas } else { Refresher::Uac });
        SessionExpires { seconds: self.interval.as_secs() as u32, refresher }.write(headers);
        if !self.ours {
            headers.push("Require", "timer");
        }
    }

    /// How long after a refresh the next one is ours to send.
    pub(super) fn refresh_after(&self) -> Duration {
        self.interval / 2
    }

    /// How long after a refresh the call is to be ended: a third of the interval or 32 s before it
    /// is over, whichever is less.
    pub(super) fn ends_after(&self) -> Duration {
        self.interval.saturating_sub(MARGIN.min(self.interval / 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines<'a> = &'a [(&'a str, &'a str)];

    fn asked(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        headers
    }

    #[test]
    fn the_caller_refreshes_unless_it_cannot_or_will_not() {
        let table: [(Lines<'_>, Option<bool>); 6] = [
            (&[("Supported", "timer"), ("Session-Expires", "1800")], Some(false)),
            (&[("Supported", "timer"), ("Session-Expires", "1800;refresher=uac")], Some(false)),
            (
                &[("Supported", "timer"), ("Session-Expires", "1800; refresher=uas"), ("Allow", "UPDATE")],
                Some(true),
            ),
            (&[("Supported", "timer"), ("Session-Expires", "1800;refresher=uas")], None),
            (&[("Session-Expires", "1800"), ("Allow", "INVITE, UPDATE")], Some(true)),
            (&[("Supported", "timer")], None),
        ];
        for (lines, ours) in table {
            assert_eq!(Session::asked(&asked(lines)).map(|session| session.ours), ours, "{lines:?}");
        }
    }

    #[test]
    fn an_interval_under_ninety_seconds_is_too_short_for_who_can_hear_it() {
        assert!(Session::is_too_short(&asked(&[("Supported", "timer"), ("Session-Expires", "60")])));
        assert!(!Session::is_too_short(&asked(&[("Session-Expires", "60")])));
        assert!(!Session::is_too_short(&asked(&[("Supported", "timer"), ("Session-Expires", "90")])));
    }

    #[test]
    fn the_call_ends_before_the_session_does() {
        let of = |seconds| Session { interval: Duration::from_secs(seconds), ours: false }.ends_after();
        assert_eq!(of(1800), Duration::from_secs(1768));
        assert_eq!(of(90), Duration::from_secs(60));
    }
}
