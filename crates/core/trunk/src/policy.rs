//! When a call goes over another trunk.

use records::Reason;

use crate::pool::Route;

/// When fallback trunks are used, and when a failed call goes on over the next trunk (W6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one rule, on or off by itself")]
pub struct Policy {
    /// A fallback trunk stands in where ordinary ones fail.
    pub on_trunk_failure: bool,
    /// A customer who did not answer on an ordinary trunk is called over a fallback trunk the next time.
    pub on_no_answer: bool,
    /// A call that could not be recorded is placed over a fallback trunk the next time. It is recorded there too, or not
    /// placed.
    pub on_recorder_failure: bool,
    /// An INVITE that nobody answered at all counts as failed though its trunk still answers OPTIONS. Such an INVITE
    /// cannot be cancelled: the customer's telephone may ring twice.
    pub on_silence: bool,
}

/// How the last attempt of a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub reason: Reason,
    /// It went over a fallback trunk.
    pub on_fallback: bool,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    pub reason: Reason,
    pub answered: bool,
    /// Nobody answered the INVITE, and the trunk still answers OPTIONS.
    pub silent: bool,
}

impl Policy {
    /// Where the next attempt of a task goes first.
    pub fn route(&self, last: Option<Last>) -> Route {
        let fallback = last.filter(|last| !last.on_fallback).is_some_and(|last| match last.reason {
            Reason::NoAnswer => self.on_no_answer,
            Reason::RecorderUnavailable => self.on_recorder_failure,
            Reason::NoMedia | Reason::NoCommonCodec => self.on_trunk_failure,
            _ => false,
        });
        if fallback { Route::Fallback } else { Route::Ordinary }
    }

    /// Whether the same call is tried over the next trunk at once: it was the trunk that failed, and nobody was reached.
    pub fn goes_on(&self, failed: Failed) -> bool {
        let of_the_trunk = matches!(
            failed.reason,
            Reason::TrunkUnreachable | Reason::TrunkCongested | Reason::TrunkAuthFailed
        );
        of_the_trunk && !failed.answered && (!failed.silent || self.on_silence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Policy =
        Policy { on_trunk_failure: true, on_no_answer: false, on_recorder_failure: true, on_silence: false };

    #[test]
    fn the_next_attempt_goes_where_the_policy_says() {
        let ask = Policy { on_no_answer: true, ..USUAL };
        let never = Policy { on_trunk_failure: false, on_recorder_failure: false, ..USUAL };
        for (policy, reason, on_fallback, expected) in [
            (USUAL, Reason::NoAnswer, false, Route::Ordinary),
            (ask, Reason::NoAnswer, false, Route::Fallback),
            (ask, Reason::NoAnswer, true, Route::Ordinary),
            (ask, Reason::Busy, false, Route::Ordinary),
            (USUAL, Reason::NoMedia, false, Route::Fallback),
            (USUAL, Reason::NoCommonCodec, false, Route::Fallback),
            (never, Reason::NoMedia, false, Route::Ordinary),
            (USUAL, Reason::RecorderUnavailable, false, Route::Fallback),
            (USUAL, Reason::RecorderUnavailable, true, Route::Ordinary),
            (never, Reason::RecorderUnavailable, false, Route::Ordinary),
        ] {
            assert_eq!(policy.route(Some(Last { reason, on_fallback })), expected, "{reason} {policy:?}");
        }
        assert_eq!(ask.route(None), Route::Ordinary);
    }

    #[test]
    fn only_a_trunk_that_reached_nobody_passes_its_call_on() {
        for reason in Reason::ALL {
            let failed = Failed { reason: *reason, answered: false, silent: false };
            let expected =
                ["trunk_unreachable", "trunk_congested", "trunk_auth_failed"].contains(&reason.slug());
            assert_eq!(USUAL.goes_on(failed), expected, "{reason}");
            assert!(!USUAL.goes_on(Failed { answered: true, ..failed }), "{reason}");
        }
        let silent = Failed { reason: Reason::TrunkUnreachable, answered: false, silent: true };
        assert!(!USUAL.goes_on(silent));
        assert!(Policy { on_silence: true, ..USUAL }.goes_on(silent));
    }
}
