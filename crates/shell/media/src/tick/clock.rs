//! Absolute deadlines every 20 ms: a late tick does not delay the ones behind it.

use audio::FRAME_TIME;
use std::{
    thread,
    time::{Duration, Instant},
};

/// Behind by more than this, ticks are left out rather than made up for in a burst.
const MOST_BEHIND: Duration = Duration::from_millis(100);
/// A tick that begins later than this is counted.
const LATE: Duration = Duration::from_millis(5);

/// One tick.
#[derive(Clone, Copy)]
pub(super) struct Tick {
    /// Grows by one every 20 ms, left-out ticks included: the RTP timestamp in frames.
    pub(super) number: u64,
    /// When it was due.
    pub(super) due: Instant,
    /// When it began.
    pub(super) now: Instant,
}

pub(super) struct Clock {
    number: u64,
    due: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { number: 0, due: Instant::now() }
    }

    /// After a pause without legs.
    pub(super) fn restart(&mut self) {
        self.due = Instant::now();
    }

    /// Sleeps until the next tick is due.
    pub(super) fn wait(&mut self) -> Tick {
        self.advance(1);
        thread::sleep(self.due.saturating_duration_since(Instant::now()));
        let now = Instant::now();
        let behind = now.saturating_duration_since(self.due);
        if behind > LATE {
            metrics::counter!("media_ticks_late_total").increment(1);
        }
        if behind > MOST_BEHIND {
            let skipped = (behind.as_nanos() / FRAME_TIME.as_nanos()) as u32;
            tracing::warn!(skipped, "media ticks left out: the machine is overloaded or was asleep");
            metrics::counter!("media_ticks_skipped_total").increment(u64::from(skipped));
            self.advance(skipped);
        }
        Tick { number: self.number, due: self.due, now }
    }

    fn advance(&mut self, ticks: u32) {
        self.number += u64::from(ticks);
        self.due += FRAME_TIME * ticks;
    }
}
