//! How well a stream comes in: the sums of RFC 3550 appendix A.3 and A.8.

/// Jitter and the last report's counts of one source. The counts themselves are its receiver's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    /// When the last packet came, less its timestamp.
    transit: Option<u32>,
    /// In sixteenths of a sample.
    jitter: u32,
    most_jitter: u32,
    expected: u64,
    received: u64,
}

/// What came between two reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Lost of 256.
    pub fraction_lost: u8,
    /// Lost in all.
    pub lost: i32,
}

impl Reception {
    /// A packet came at `arrived`, in samples on any clock that runs on (A.8). Packets that repeat a timestamp, as
    /// those of one key do, are not to be told.
    pub fn note(&mut self, timestamp: u32, arrived: i64) {
        let transit = (arrived as u32).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let step = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A jump of the sender's clock is no jitter of the network's.
            if step < crate::RATE {
                self.jitter = self.jitter + step - ((self.jitter + 8) >> 4);
                self.most_jitter = self.most_jitter.max(self.jitter);
            }
        }
    }

    /// The mean of late, in samples.
    pub fn jitter(&self) -> u32 {
        self.jitter >> 4
    }

    /// The highest that it was.
    pub fn most_jitter(&self) -> u32 {
        self.most_jitter >> 4
    }

    /// Closes the interval since the last report (A.3). Both counts are over the whole stream.
    pub fn interval(&mut self, expected: u64, received: u64) -> Interval {
        let expected_here = expected.saturating_sub(std::mem::replace(&mut self.expected, expected));
        let received_here = received.saturating_sub(std::mem::replace(&mut self.received, received));
        let lost_here = expected_here.saturating_sub(received_here);
        let fraction = (lost_here << 8).checked_div(expected_here).unwrap_or(0);
        let lost = i64::try_from(expected).unwrap_or(i64::MAX) - i64::try_from(received).unwrap_or(i64::MAX);
        Interval {
            fraction_lost: fraction.min(255) as u8,
            lost: lost.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
        }
    }
}
