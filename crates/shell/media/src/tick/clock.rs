//! Absolute deadlines: each leg is carried every 20 ms, one half of the legs and then the other, so that their packets
//! do not leave in one burst. Each wake-up costs as much as five legs do. A late step does not delay the ones behind it.

use audio::FRAME_TIME;
use std::{
    thread,
    time::{Duration, Instant},
};

/// Groups of legs, carried one after the other.
pub(super) const GROUPS: usize = 2;
/// From one group to the next: 10 ms.
const STEP: Duration = FRAME_TIME.checked_div(GROUPS as u32).expect("there are groups");
/// Behind by more than this, ticks are left out rather than made up for in a burst.
const MOST_BEHIND: Duration = Duration::from_millis(100);
/// A step that begins later than this is counted.
const LATE: Duration = Duration::from_millis(5);

/// One tick of one group.
#[derive(Clone, Copy)]
pub(super) struct Tick {
    /// Grows by one every 20 ms, left-out ticks included: the RTP timestamp in frames.
    pub(super) number: u64,
    /// Whose turn it is.
    pub(super) group: usize,
    /// When it was due.
    pub(super) due: Instant,
    /// When it began.
    pub(super) now: Instant,
}

pub(super) struct Clock {
    step: u64,
    due: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { step: 0, due: Instant::now() }
    }

    /// After a pause without legs.
    pub(super) fn restart(&mut self) {
        self.due = Instant::now();
    }

    /// Sleeps until the next group is due.
    pub(super) fn wait(&mut self) -> Tick {
        self.advance(1);
        thread::sleep(self.due.saturating_duration_since(Instant::now()));
        let now = Instant::now();
        let behind = now.saturating_duration_since(self.due);
        if behind > LATE {
            metrics::counter!("media_ticks_late_total").increment(1);
        }
        if behind > MOST_BEHIND {
            // Whole rounds, so that the groups stay even.
            let skipped = (behind.as_nanos() / FRAME_TIME.as_nanos()) as u32;
            tracing::warn!(skipped, "media ticks left out: the machine is overloaded or was asleep");
            metrics::counter!("media_ticks_skipped_total").increment(u64::from(skipped));
            self.advance(skipped * GROUPS as u32);
        }
        let (number, group) = (self.step / GROUPS as u64, (self.step % GROUPS as u64) as usize);
        Tick { number, group, due: self.due, now }
    }

    fn advance(&mut self, steps: u32) {
        self.step += u64::from(steps);
        self.due += STEP * steps;
    }
}
