//! One RTP stream as it arrives: numbers unwrapped, duplicates refused, losses counted, and each packet
//! handed on by its payload type (RFC 3550 appendix A.1).

use crate::{Codec, Packet};

/// A step forward of more packets than this is a new start, not a loss (RFC 3550 `MAX_DROPOUT`).
const MAX_DROPOUT: i16 = 3000;
/// A step back of more packets than this is a new start, not reordering (RFC 3550 `MAX_MISORDER`).
const MAX_MISORDER: i16 = 100;

/// What the answer agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadTypes {
    /// The audio's payload type.
    pub audio: u8,
    /// The audio's codec.
    pub codec: Codec,
    /// The payload type of `telephone-event/8000`, if agreed.
    pub telephone_event: Option<u8>,
}

impl Default for PayloadTypes {
    fn default() -> Self {
        Self { audio: Codec::Pcma.payload_type(), codec: Codec::Pcma, telephone_event: None }
    }
}

impl PayloadTypes {
    /// The two static types are always taken: they mean one thing only, and carriers do send the other.
    fn codec_of(self, payload_type: u8) -> Option<Codec> {
        if payload_type == self.audio { Some(self.codec) } else { Codec::of_payload_type(payload_type) }
    }
}

/// Where a packet stands in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Which stream: grows by one with each new SSRC and each jump of the sequence.
    pub stream: u32,
    /// The sequence number without its wrap.
    pub sequence: u64,
    /// The timestamp without its wrap.
    pub timestamp: u64,
    /// The packet's marker bit.
    pub marker: bool,
}

/// What a packet turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival<'a> {
    /// Sound.
    Audio {
        /// Where it stands.
        stamp: Stamp,
        /// What its octets are.
        codec: Codec,
        /// One octet a sample.
        payload: &'a [u8],
    },
    /// A named telephone event, for [`crate::KeyReceiver`].
    Event {
        /// Where it stands; its timestamp is the event's beginning.
        stamp: Stamp,
        /// RFC 4733 section 2.3.
        payload: &'a [u8],
    },
    /// Nothing to be used.
    Refused(Refused),
}

/// Why a packet is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Seen before.
    Duplicate,
    /// A payload type nobody agreed on.
    PayloadType,
    /// The sequence jumped; the next packet in line proves a new start.
    OutOfLine,
}

/// What was counted over all streams of a leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets used or of foreign payload types, duplicates not among them.
    pub received: u64,
    /// Packets the sequence numbers say were sent and that never came.
    pub lost: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that came behind a later one.
    pub reordered: u64,
    /// Packets of payload types nobody agreed on.
    pub foreign: u64,
    /// New starts after the first one.
    pub restarts: u32,
}

/// Receives all packets of one leg.
#[derive(Debug, Default)]
pub struct StreamReceiver {
    current: Option<Current>,
    streams: u32,
    lost_before: u64,
    counts: Counts,
}

#[derive(Debug)]
struct Current {
    ssrc: u32,
    first: u64,
    highest: u64,
    /// Bit n: `highest - n` has come.
    seen: u128,
    received: u64,
    timestamp: u64,
    /// The number that would prove a jump.
    awaited: Option<u16>,
}

enum Order {
    Next,
    Late,
    Duplicate,
    OutOfLine,
    Restart,
}

impl StreamReceiver {
    /// Sorts one packet.
    pub fn receive<'a>(&mut self, packet: &Packet<'a>, types: &PayloadTypes) -> Arrival<'a> {
        let header = &packet.header;
        match self.order(header.ssrc, header.sequence) {
            Order::Next => {}
            Order::Late => self.counts.reordered += 1,
            Order::Duplicate => {
                self.counts.duplicates += 1;
                return Arrival::Refused(Refused::Duplicate);
            }
            Order::OutOfLine => return Arrival::Refused(Refused::OutOfLine),
            Order::Restart => self.restart(header.ssrc, header.sequence, header.timestamp),
        }
        self.counts.received += 1;
        let Some(stamp) = self.stamp(packet) else { return Arrival::Refused(Refused::OutOfLine) };
        if types.telephone_event == Some(header.payload_type) {
            Arrival::Event { stamp, payload: packet.payload }
        } else if let Some(codec) = types.codec_of(header.payload_type) {
            Arrival::Audio { stamp, codec, payload: packet.payload }
        } else {
            self.counts.foreign += 1;
            Arrival::Refused(Refused::PayloadType)
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        Counts { lost: self.lost_before + self.current.as_ref().map_or(0, Current::lost), ..self.counts }
    }

    fn order(&mut self, ssrc: u32, sequence: u16) -> Order {
        match &mut self.current {
            Some(current) if current.ssrc == ssrc => current.order(sequence),
            _ => Order::Restart,
        }
    }

    fn restart(&mut self, ssrc: u32, sequence: u16, timestamp: u32) {
        if let Some(old) = self.current.take() {
            self.lost_before += old.lost();
            self.counts.restarts += 1;
        }
        self.streams += 1;
        // One whole turn above zero, so that packets from before the first one have a number too.
        let first = (1 << 16) + u64::from(sequence);
        self.current = Some(Current {
            ssrc,
            first,
            highest: first,
            seen: 1,
            received: 1,
            timestamp: (1 << 32) + u64::from(timestamp),
            awaited: None,
        });
    }

    fn stamp(&mut self, packet: &Packet<'_>) -> Option<Stamp> {
        let current = self.current.as_mut()?;
        let header = &packet.header;
        let step = header.timestamp.wrapping_sub(current.timestamp as u32) as i32;
        let timestamp = current.timestamp.saturating_add_signed(i64::from(step));
        current.timestamp = current.timestamp.max(timestamp);
        let behind = (current.highest as u16).wrapping_sub(header.sequence);
        Some(Stamp {
            stream: self.streams,
            sequence: current.highest - u64::from(behind),
            timestamp,
            marker: header.marker,
        })
    }
}

impl Current {
    fn order(&mut self, sequence: u16) -> Order {
        let step = sequence.wrapping_sub(self.highest as u16) as i16;
        if (1..=MAX_DROPOUT).contains(&step) {
            self.advance(step.unsigned_abs());
            return Order::Next;
        }
        if (-MAX_MISORDER..=0).contains(&step) {
            return self.late(step.unsigned_abs());
        }
        if self.awaited == Some(sequence) {
            return Order::Restart;
        }
        self.awaited = Some(sequence.wrapping_add(1));
        Order::OutOfLine
    }

    fn advance(&mut self, step: u16) {
        self.highest += u64::from(step);
        self.seen = self.seen.checked_shl(u32::from(step)).unwrap_or(0) | 1;
        self.received += 1;
        self.awaited = None;
    }

    fn late(&mut self, behind: u16) -> Order {
        let bit = 1_u128 << behind;
        if self.seen & bit != 0 {
            return Order::Duplicate;
        }
        self.seen |= bit;
        self.received += 1;
        self.first = self.first.min(self.highest - u64::from(behind));
        Order::Late
    }

    fn lost(&self) -> u64 {
        (self.highest - self.first + 1).saturating_sub(self.received)
    }
}
