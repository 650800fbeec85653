//! RTP streams as they arrive: numbers unwrapped, duplicates refused, losses counted, and each packet
//! handed on by its payload type (RFC 3550 appendix A.1).

use crate::rtcp::{Block, Reception};
use crate::{Codec, Header, Packet, RATE, comfort};

/// A step forward of more packets than this is a new start, not a loss (RFC 3550 `MAX_DROPOUT`).
const MAX_DROPOUT: i16 = 3000;
/// A step back of more packets than this is a new start, not reordering (RFC 3550 `MAX_MISORDER`).
const MAX_MISORDER: i16 = 100;

/// After a pause this long an old number is no late packet: the sender began anew, as a played capture does.
const REPLAY_PAUSE: i64 = RATE as i64 / 2;
/// Senders told apart at once.
const SENDERS: usize = 4;

/// What the answer agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadTypes {
    /// The audio's payload type.
    pub audio: u8,
    /// The audio's codec.
    pub codec: Codec,
    /// The payload types of `telephone-event/8000`, if agreed: the one that our description gives to it, which
    /// the peer should use (RFC 3264 section 5.1), and the peer's own, which many use instead.
    pub telephone_events: [Option<u8>; 2],
}

impl Default for PayloadTypes {
    fn default() -> Self {
        Self { audio: Codec::Pcma.payload_type(), codec: Codec::Pcma, telephone_events: [None; 2] }
    }
}

impl PayloadTypes {
    /// Whether such a packet was agreed on, or means one thing only.
    pub fn knows(self, payload_type: u8) -> bool {
        self.telephone_events.contains(&Some(payload_type))
            || self.codec_of(payload_type).is_some()
            || payload_type == comfort::PAYLOAD_TYPE
    }

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
    /// A silence begins, and the noise to be heard in it, for [`crate::ComfortNoise`].
    Noise {
        /// Where it stands.
        stamp: Stamp,
        /// RFC 3389 section 3.
        payload: &'a [u8],
    },
    /// A named telephone event, for [`crate::KeyReceiver`].
    Event {
        /// Where it stands; its timestamp is the event's beginning.
        stamp: Stamp,
        /// RFC 4733 section 2.3.
        payload: &'a [u8],
    },
    /// Of a payload type that nobody agreed on; counted as foreign. [`crate::UnagreedEvents`] may know better.
    Foreign {
        /// Where it stands.
        stamp: Stamp,
        /// Its payload type.
        payload_type: u8,
        /// Whatever it is.
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
    /// Streams after the first one: other senders, and new starts of known ones.
    pub restarts: u32,
}

/// Receives all packets of one leg. Several senders may be heard at once: some gateways send telephone
/// events, or each of two forks its sound, under an SSRC of their own.
#[derive(Debug, Default)]
pub struct StreamReceiver {
    senders: [Option<Sender>; SENDERS],
    streams: u32,
    lost_before: u64,
    counts: Counts,
}

#[derive(Debug)]
struct Sender {
    ssrc: u32,
    stream: u32,
    heard: i64,
    first: u64,
    highest: u64,
    /// Bit n: `highest - n` has come.
    seen: u128,
    received: u64,
    timestamp: u64,
    /// The number that would prove a jump.
    awaited: Option<u16>,
    reception: Reception,
    /// Something came since the last report.
    fresh: bool,
}

enum Order {
    Next,
    Late,
    Duplicate,
    OutOfLine,
    Restart,
}

impl StreamReceiver {
    /// Sorts one packet that came at `now` (samples, on any clock that runs on).
    pub fn receive<'a>(&mut self, packet: &Packet<'a>, types: &PayloadTypes, now: i64) -> Arrival<'a> {
        let header = &packet.header;
        let place = self.place_of(header.ssrc);
        let order = self.senders[place].as_mut().map_or(Order::Restart, |sender| sender.order(header, now));
        match order {
            Order::Next => {}
            Order::Late => self.counts.reordered += 1,
            Order::Duplicate => {
                self.counts.duplicates += 1;
                return Arrival::Refused(Refused::Duplicate);
            }
            Order::OutOfLine => return Arrival::Refused(Refused::OutOfLine),
            Order::Restart => self.restart(place, header, now),
        }
        self.counts.received += 1;
        let Some(sender) = &mut self.senders[place] else { return Arrival::Refused(Refused::OutOfLine) };
        let stamp = sender.stamp(header);
        sender.fresh = true;
        if types.telephone_events.contains(&Some(header.payload_type)) {
            Arrival::Event { stamp, payload: packet.payload }
        } else if let Some(codec) = types.codec_of(header.payload_type) {
            sender.reception.note(header.timestamp, now);
            Arrival::Audio { stamp, codec, payload: packet.payload }
        } else if header.payload_type == comfort::PAYLOAD_TYPE {
            Arrival::Noise { stamp, payload: packet.payload }
        } else {
            self.counts.foreign += 1;
            Arrival::Foreign { stamp, payload_type: header.payload_type, payload: packet.payload }
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        let lost: u64 = self.senders.iter().flatten().map(Sender::lost).sum();
        Counts { lost: self.lost_before + lost, ..self.counts }
    }

    /// A report on each sender that was heard since the last one (RFC 3550 section 6.4), without what concerns the
    /// peer's own reports.
    pub fn blocks(&mut self) -> impl Iterator<Item = Block> {
        let senders = self.senders.iter_mut().flatten();
        senders.filter_map(|sender| std::mem::take(&mut sender.fresh).then(|| sender.block()))
    }

    /// The interarrival jitter of the sender heard last, and the highest that any had, in samples.
    pub fn jitter(&self) -> (u32, u32) {
        let senders = || self.senders.iter().flatten();
        let latest =
            senders().max_by_key(|sender| sender.heard).map_or(0, |sender| sender.reception.jitter());
        (latest, senders().map(|sender| sender.reception.most_jitter()).max().unwrap_or(0))
    }

    /// Whether a packet goes on where a known sender was.
    pub fn continues(&self, header: &Header) -> bool {
        let known = self.senders.iter().flatten().find(|sender| sender.ssrc == header.ssrc);
        known.is_some_and(|sender| {
            (1..=MAX_DROPOUT).contains(&(header.sequence.wrapping_sub(sender.highest as u16) as i16))
        })
    }

    /// The sender's place; a new one takes a free place, or the one of whoever was silent longest.
    fn place_of(&self, ssrc: u32) -> usize {
        let known = self.senders.iter().position(|sender| sender.as_ref().is_some_and(|s| s.ssrc == ssrc));
        known.unwrap_or_else(|| {
            let heard = |place: &usize| self.senders[*place].as_ref().map_or(i64::MIN, |sender| sender.heard);
            (0..SENDERS).min_by_key(heard).unwrap_or(0)
        })
    }

    fn restart(&mut self, place: usize, header: &Header, now: i64) {
        self.counts.restarts += u32::from(self.streams > 0);
        self.streams += 1;
        let sender = Sender::new(header, self.streams, now);
        if let Some(old) = self.senders[place].replace(sender) {
            self.lost_before += old.lost();
        }
    }
}

impl Sender {
    fn new(header: &Header, stream: u32, now: i64) -> Self {
        // One whole turn above zero, so that packets from before the first one have a number too.
        let first = (1 << 16) + u64::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            stream,
            heard: now,
            first,
            highest: first,
            seen: 1,
            received: 1,
            timestamp: (1 << 32) + u64::from(header.timestamp),
            awaited: None,
            reception: Reception::default(),
            fresh: true,
        }
    }

    fn stamp(&mut self, header: &Header) -> Stamp {
        let step = header.timestamp.wrapping_sub(self.timestamp as u32) as i32;
        let timestamp = self.timestamp.saturating_add_signed(i64::from(step));
        self.timestamp = self.timestamp.max(timestamp);
        let behind = (self.highest as u16).wrapping_sub(header.sequence);
        Stamp {
            stream: self.stream,
            sequence: self.highest - u64::from(behind),
            timestamp,
            marker: header.marker,
        }
    }

    fn order(&mut self, header: &Header, now: i64) -> Order {
        if self.ssrc != header.ssrc {
            return Order::Restart;
        }
        let paused = now - std::mem::replace(&mut self.heard, now) > REPLAY_PAUSE;
        let step = header.sequence.wrapping_sub(self.highest as u16) as i16;
        if (1..=MAX_DROPOUT).contains(&step) {
            self.advance(step.unsigned_abs());
            return Order::Next;
        }
        if paused {
            return Order::Restart;
        }
        if (-MAX_MISORDER..=0).contains(&step) {
            return self.late(step.unsigned_abs());
        }
        if self.awaited == Some(header.sequence) {
            return Order::Restart;
        }
        self.awaited = Some(header.sequence.wrapping_add(1));
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

    fn block(&mut self) -> Block {
        let interval = self.reception.interval(self.highest - self.first + 1, self.received);
        // Ours begins one turn above zero.
        let highest = (self.highest - (1 << 16)) as u32;
        let (fraction_lost, lost, jitter) = (interval.fraction_lost, interval.lost, self.reception.jitter());
        Block { ssrc: self.ssrc, fraction_lost, lost, highest, jitter, ..Block::default() }
    }

    fn lost(&self) -> u64 {
        (self.highest - self.first + 1).saturating_sub(self.received)
    }
}
