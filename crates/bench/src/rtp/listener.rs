//! What a called party hears of one stream: whether packets come, in order, in time, and what they say.

use super::packet::{FRAME, Header, PCMA};
use super::prompts::{Prompt, PromptEar};
use super::punctuality::Punctuality;
use crate::report::Tally;

/// Later than this by the stream's own clock is counted (5 ms), in nanoseconds.
const LATE: i64 = 5_000_000;
/// And this much later apart (20 ms).
const VERY_LATE: i64 = 20_000_000;
/// 20 ms in nanoseconds.
const FRAME_NANOS: i64 = 20_000_000;

/// The ear of one call.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    next: Option<Next>,
    punctuality: Punctuality,
    prompts: PromptEar,
    last_arrival: Option<i64>,
    /// Of this call alone.
    pub tally: Tally,
    /// The latest packet, in nanoseconds.
    pub latest: i64,
}

#[derive(Clone, Copy, Debug)]
struct Next {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Listener {
    /// Takes a datagram that arrived at `arrival` nanoseconds; answers the prompt that has ended with it.
    pub fn hear(&mut self, datagram: &[u8], arrival: i64) -> Option<Prompt> {
        let plain =
            |(header, payload): &(Header, &[u8])| header.payload_type == PCMA && payload.len() == FRAME;
        let Some((header, payload)) = Header::read(datagram).filter(plain) else {
            self.tally.odd += 1;
            return None;
        };
        if !self.follows(&header) {
            self.tally.odd += 1;
            return None;
        }
        self.tally.received += 1;
        self.last_arrival = Some(arrival);
        let late = self.punctuality.late(header.timestamp, arrival);
        self.latest = self.latest.max(late);
        self.tally.late_5ms += u64::from(late > LATE);
        self.tally.late_20ms += u64::from(late > VERY_LATE);
        self.prompts.hear(payload)
    }

    /// The stream is over at `now`, or was to begin at `since` and never did: what is missing at its end is lost.
    /// A packet may be on its way for 20 ms.
    pub fn end(&mut self, since: i64, now: i64) {
        let last = self.last_arrival.unwrap_or(since);
        self.tally.lost += ((now - last) / FRAME_NANOS - 1).max(0) as u64;
    }

    /// Counts what is missing before a packet, by its number and by its timestamp: a frame that never was sent has no
    /// number, but its time is gone. False for one that comes twice, too late, or from another source.
    fn follows(&mut self, header: &Header) -> bool {
        let behind = |ssrc| Next {
            ssrc,
            sequence: header.sequence.wrapping_add(1),
            timestamp: header.timestamp.wrapping_add(FRAME as u32),
        };
        let Some(next) = self.next else {
            self.next = Some(behind(header.ssrc));
            return true;
        };
        let packets = i64::from(header.sequence.wrapping_sub(next.sequence).cast_signed());
        let samples = i64::from(header.timestamp.wrapping_sub(next.timestamp).cast_signed());
        if header.ssrc != next.ssrc || packets < 0 || samples < 0 || samples % FRAME as i64 != 0 {
            return false;
        }
        self.tally.lost += packets.max(samples / FRAME as i64) as u64;
        self.next = Some(behind(header.ssrc));
        true
    }
}
