//! Session timers (RFC 4028): what the headers say and what both sides agreed on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::address::{split_outside, value_of};
use crate::message::{Headers, Response};

/// The shortest interval worked with, whatever a peer writes: less would only make traffic.
const SHORTEST: Duration = Duration::from_secs(2);
/// Before the session expires we give up by this much at most (RFC 4028 section 10).
const MARGIN: Duration = Duration::from_secs(32);

/// Which side of one transaction refreshes the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresher {
    /// The side that sent this request.
    Uac,
    /// The side that answers it.
    Uas,
}

impl Refresher {
    fn parse(text: &str) -> Option<Self> {
        let known = [(Self::Uac, "uac"), (Self::Uas, "uas")];
        known.into_iter().find(|(_, name)| text.eq_ignore_ascii_case(name)).map(|(side, _)| side)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Uac => "uac",
            Self::Uas => "uas",
        }
    }
}

/// A Session-Expires header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionExpires {
    /// The interval in seconds.
    pub seconds: u32,
    /// Who refreshes, where it is said.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Reads the header, if there is one that can be read.
    pub fn of(headers: &Headers) -> Option<Self> {
        let mut parts = split_outside(headers.first("Session-Expires")?, ';').map(str::trim);
        let seconds = parts.next()?.parse().ok()?;
        let refresher = value_of(parts, "refresher").and_then(Refresher::parse);
        Some(Self { seconds, refresher })
    }

    /// Writes the header.
    pub fn write(self, headers: &mut Headers) {
        let refresher =
            self.refresher.map(|side| format!(";refresher={}", side.as_str())).unwrap_or_default();
        headers.push("Session-Expires", format!("{}{refresher}", self.seconds));
    }
}

/// The smallest interval that a message allows.
pub fn min_se(headers: &Headers) -> Option<u32> {
    headers.first("Min-SE")?.split(';').next()?.trim().parse().ok()
}

/// A session that ends unless it is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTimer {
    /// Time from one refresh to the end.
    pub interval: Duration,
    /// Whether we refresh; else the peer does.
    pub ours: bool,
}

impl SessionTimer {
    /// What a 2xx to our INVITE, re-INVITE or UPDATE agrees on; without Session-Expires there is
    /// no timer (RFC 4028 section 7.2).
    pub fn answered(response: &Response) -> Option<Self> {
        let header = SessionExpires::of(&response.headers)?;
        Some(Self::new(header.seconds, header.refresher != Some(Refresher::Uas)))
    }

    /// A timer of that many seconds; `ours` when we refresh.
    pub fn new(seconds: u32, ours: bool) -> Self {
        Self { interval: Duration::from_secs(seconds.into()).max(SHORTEST), ours }
    }

    /// From one refresh to the next, as the refresher (RFC 4028 section 7.2 recommends the half).
    pub fn refresh_after(&self) -> Duration {
        self.interval / 2
    }

    /// From the last refresh to our BYE, when no other comes (RFC 4028 section 10).
    pub fn give_up_after(&self) -> Duration {
        self.interval.saturating_sub(MARGIN.min(self.interval / 3))
    }

    /// The interval in whole seconds.
    pub fn seconds(&self) -> u32 {
        u32::try_from(self.interval.as_secs()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> Headers {
        let mut headers = Headers::default();
        headers.push(name, value);
        headers
    }

    #[test]
    fn the_header_is_read_as_carriers_write_it() {
        let table = [
            ("1800", Some((1800, None))),
            ("90;refresher=UAS", Some((90, Some(Refresher::Uas)))),
            ("90 ; x=y; refresher = uac", Some((90, Some(Refresher::Uac)))),
            ("90;refresher=both", Some((90, None))),
            ("soon", None),
            ("-1", None),
        ];
        for (value, wanted) in table {
            let read = SessionExpires::of(&headers("x", value));
            assert_eq!(read.map(|header| (header.seconds, header.refresher)), wanted, "{value}");
        }
        assert_eq!(min_se(&headers("Min-SE", "120;x=y")), Some(120));
        assert_eq!(min_se(&headers("Min-SE", "")), None);
    }

    #[test]
    fn the_end_is_given_up_to_half_a_minute_early() {
        let table = [(1800, 900, 1768), (90, 45, 60), (3, 1, 2), (0, 1, 1)];
        for (seconds, refresh, give_up) in table {
            let timer = SessionTimer::new(seconds, true);
            assert_eq!(
                (timer.refresh_after().as_secs(), timer.give_up_after().as_secs()),
                (refresh, give_up)
            );
        }
    }
}
