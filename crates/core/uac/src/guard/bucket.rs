//! Rates: how often something may happen, and how much of it at once.

use std::time::Duration;

/// So many a second, so many at once. Zero a second is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Sustained.
    pub per_second: u32,
    /// At once, after a silence.
    pub burst: u32,
}

impl Rate {
    /// The same number sustained and twice of it at once.
    pub const fn of(per_second: u32) -> Self {
        Self { per_second, burst: per_second.saturating_mul(2) }
    }
}

/// A token bucket kept as one moment: when it will be full again (the generic cell rate algorithm).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    full_at: Duration,
}

impl Bucket {
    /// Takes one token, if there is one.
    pub(super) fn take(&mut self, now: Duration, rate: Rate) -> bool {
        if rate.per_second == 0 {
            return false;
        }
        let step = Duration::from_secs(1) / rate.per_second;
        let full_at = self.full_at.max(now) + step;
        let within = full_at <= now + step * rate.burst.max(1);
        if within {
            self.full_at = full_at;
        }
        within
    }

    /// When nothing is missing from it any more.
    pub(super) fn full_at(&self) -> Duration {
        self.full_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_then_its_rate() {
        let (mut bucket, rate) = (Bucket::default(), Rate { per_second: 10, burst: 3 });
        let taken = |bucket: &mut Bucket, ms| bucket.take(Duration::from_millis(ms), rate);
        assert_eq!([0, 0, 0, 0].map(|ms| taken(&mut bucket, ms)), [true, true, true, false]);
        assert_eq!([99, 100, 100].map(|ms| taken(&mut bucket, ms)), [false, true, false]);
        assert_eq!([1000, 1000, 1000, 1000].map(|ms| taken(&mut bucket, ms)), [true, true, true, false]);
        assert!(!Bucket::default().take(Duration::ZERO, Rate::of(0)));
    }
}
