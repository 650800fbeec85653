//! The timers of a call, each named after why it fires.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why the machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    /// Nothing at all was heard of the INVITE for 64·T1 (timer B).
    InviteUnanswered,
    /// The INVITE has been ringing longer than any caller should let it.
    RingLimit,
    /// 64·T1 after our CANCEL there still is no final response (RFC 3261 section 9.1).
    CancelUnanswered,
    /// Our BYE got no final response for 64·T1 (timer F).
    ByeUnanswered,
    /// Our side did not answer the peer's offer in time.
    ReofferUnanswered,
    /// 64·T1 after the end, no answer of another fork and no retransmission can come any more.
    Linger,
}

/// The timers that are set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Timers(BTreeMap<Timer, Duration>);

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Duration) {
        self.0.insert(timer, at);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.0.remove(&timer);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.0.values().min().copied()
    }

    /// Removes and returns the earliest timer that is due.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<Timer> {
        let (timer, _) = self.0.iter().filter(|(_, at)| **at <= now).min_by_key(|(_, at)| **at)?;
        let timer = *timer;
        self.0.remove(&timer);
        Some(timer)
    }

    /// Times as what remains of them, for a snapshot.
    pub(super) fn remaining(&self, now: Duration) -> Self {
        Self(self.0.iter().map(|(timer, at)| (*timer, at.saturating_sub(now))).collect())
    }

    /// The reverse of [`Timers::remaining`] at another `now`.
    pub(super) fn resumed(&self, now: Duration) -> Self {
        Self(self.0.iter().map(|(timer, left)| (*timer, now + *left)).collect())
    }
}
