//! How late each packet of a stream is, by the stream's own RTP clock.

/// Nanoseconds of one sample at 8 kHz.
const SAMPLE: i64 = 125_000;

/// The clock of one stream, tied to our own by its least delayed packet.
///
/// A packet's delay is its arrival less what its timestamp says; only differences of delays mean anything, so each is
/// measured against the least so far. A stream that begins late is measured against its beginning only until a packet
/// comes with less delay.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Punctuality {
    first: Option<(u32, i64)>,
    least: i64,
}

impl Punctuality {
    /// Nanoseconds that a packet is late; `arrival` is in nanoseconds of any steady clock.
    pub(super) fn late(&mut self, timestamp: u32, arrival: i64) -> i64 {
        let (first_timestamp, first_arrival) = *self.first.get_or_insert((timestamp, arrival));
        let media = i64::from(timestamp.wrapping_sub(first_timestamp).cast_signed()) * SAMPLE;
        let delay = arrival - first_arrival - media;
        self.least = self.least.min(delay);
        delay - self.least
    }
}
