//! What happens next in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, Utc};
use records::StepId;

/// Something that happens at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A day begins at Shanghai.
    Day,
    /// A call is over, by its place among those that are up.
    Over(usize),
    /// A customer who missed a call rings back.
    RingBack(usize),
    /// The people work off an hour's share.
    People,
    /// A step of the ladder that was carried out is answered.
    Answer(StepId),
    /// The dialer looks for due tasks.
    Look,
}

/// Events in the order of their times; of one time in the order they were entered.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BinaryHeap<Reverse<(DateTime<Utc>, u64, Event)>>,
    entered: u64,
}

impl Agenda {
    pub(super) fn enter(&mut self, at: DateTime<Utc>, event: Event) {
        self.entered += 1;
        self.events.push(Reverse((at, self.entered, event)));
    }

    pub(super) fn next(&mut self) -> Option<(DateTime<Utc>, Event)> {
        self.events.pop().map(|Reverse((at, _, event))| (at, event))
    }

    /// How many were ever entered.
    pub(super) fn entered(&self) -> u64 {
        self.entered
    }
}
