//! The clock watch: due times and windows hold only while wall time runs as time does.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// Wall and monotonic time may differ by this between two looks: slewing and a slow query.
const TOLERANCE: Duration = Duration::from_secs(5);
/// After a jump nobody is called for this long, so that a clock that is being set is not believed half-way.
const PAUSE: Duration = Duration::from_secs(60);

/// Compares the database's clock with monotonic time.
#[derive(Default)]
pub(super) struct ClockWatch {
    last: Option<(DateTime<Utc>, Instant)>,
    paused_until: Option<Instant>,
}

/// The clock jumped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database's clock jumped by {seconds} s: nobody is called for a minute. Check its time service (chrony)"
)]
pub(super) struct Jump {
    seconds: i64,
}

impl ClockWatch {
    /// Looks at both clocks; an error while calls must wait.
    pub(super) fn look(&mut self, wall: DateTime<Utc>, monotonic: Instant) -> Result<(), Jump> {
        let last = self.last.replace((wall, monotonic));
        let jumped = last.map_or(0, |(last_wall, last_monotonic)| {
            let expected = (monotonic - last_monotonic).as_millis() as i64;
            (wall - last_wall).num_milliseconds() - expected
        });
        if jumped.unsigned_abs() > TOLERANCE.as_millis() as u64 {
            self.paused_until = Some(monotonic + PAUSE);
            metrics::counter!("huifang_clock_jumps_total").increment(1);
            return Err(Jump { seconds: jumped / 1000 });
        }
        match self.paused_until {
            Some(until) if monotonic < until => Err(Jump { seconds: 0 }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_jump_either_way_pauses_calls_for_a_minute_and_slewing_does_not() {
        for (jump, calls) in [(0, true), (4, true), (-4, true), (3600, false), (-3600, false), (6, false)] {
            let (wall, start) = (DateTime::from_timestamp(1_795_000_000, 0).unwrap(), Instant::now());
            let mut watch = ClockWatch::default();
            assert!(watch.look(wall, start).is_ok());
            let next = wall + TimeDelta::seconds(1 + jump);
            assert_eq!(watch.look(next, start + Duration::from_secs(1)).is_ok(), calls, "jump of {jump} s");
            let soon = next + TimeDelta::seconds(30);
            assert_eq!(watch.look(soon, start + Duration::from_secs(31)).is_ok(), calls, "jump of {jump} s");
            let later = next + TimeDelta::seconds(61);
            assert!(watch.look(later, start + Duration::from_secs(62)).is_ok(), "jump of {jump} s");
        }
    }
}
