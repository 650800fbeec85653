//! What is to happen to a call at some time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Send again what was not acknowledged.
    Repeat,
    /// The call's time is over.
    HangUp,
    /// Nothing is repeated to us any more.
    Forget,
}

/// The earliest first. A timer is never taken back: what is not due any more is ignored when it fires.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Instant, What, String)>>);

impl Timers {
    pub(super) fn set(&mut self, at: Instant, what: What, call_id: &str) {
        self.0.push(Reverse((at, what, call_id.to_owned())));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, ..))| *at)
    }

    /// The next that is due.
    pub(super) fn due(&mut self, now: Instant) -> Option<(What, String)> {
        self.next().filter(|at| *at <= now)?;
        self.0.pop().map(|Reverse((_, what, call_id))| (what, call_id))
    }
}
