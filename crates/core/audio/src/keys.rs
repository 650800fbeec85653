//! Key presses from RFC 4733 telephone events: each press once, however its packets fare.

use crate::Stamp;

/// Presses remembered, so that late packets of an old one are known.
const REMEMBERED: usize = 16;
/// The longest an event can say it lasts before it must go on as a further segment (section 2.5.1.3).
const LONGEST_SEGMENT: u16 = u16::MAX;

/// What became known about a key. Times are RTP clock samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// The first packet of a press that arrived, whichever it was.
    Pressed {
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
    },
    /// The first end packet of a press.
    Released {
        /// The key.
        digit: char,
        /// How long it was held.
        held: u64,
    },
}

/// Tells presses apart by stream, timestamp and code.
#[derive(Debug, Default)]
pub struct KeyReceiver {
    presses: [Option<Press>; REMEMBERED],
    next: usize,
    /// Stream and last sequence number of the latest press forgotten.
    forgotten: Option<(u32, u64)>,
    ignored: u64,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    stream: u32,
    /// Beginning of the whole press.
    began: u64,
    /// Beginning of its latest segment.
    segment: u64,
    code: u8,
    duration: u16,
    sequence: u64,
    ended: bool,
}

struct Event {
    code: u8,
    end: bool,
    duration: u16,
}

impl KeyReceiver {
    /// Takes one event packet. A press whose only packet is its end is pressed now; its release is not told.
    pub fn receive(&mut self, stamp: &Stamp, payload: &[u8]) -> Option<KeyChange> {
        let Some((event, digit)) = parse(payload) else {
            self.ignored += 1;
            return None;
        };
        if let Some(press) = self.presses.iter_mut().flatten().find(|press| press.is_of(stamp, &event)) {
            return press.update(stamp, &event, digit);
        }
        if self.forgotten.is_some_and(|(stream, last)| stream == stamp.stream && stamp.sequence <= last) {
            self.ignored += 1;
            return None;
        }
        self.remember(Press::new(stamp, &event));
        Some(KeyChange::Pressed { digit })
    }

    /// Packets that were no keys, or of presses long over.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    fn remember(&mut self, press: Press) {
        if let Some(old) = self.presses[self.next].replace(press) {
            self.forgotten = Some((old.stream, old.sequence));
        }
        self.next = (self.next + 1) % REMEMBERED;
    }
}

impl Press {
    fn new(stamp: &Stamp, event: &Event) -> Self {
        Self {
            stream: stamp.stream,
            began: stamp.timestamp,
            segment: stamp.timestamp,
            code: event.code,
            duration: event.duration,
            sequence: stamp.sequence,
            ended: event.end,
        }
    }

    fn is_of(&self, stamp: &Stamp, event: &Event) -> bool {
        self.stream == stamp.stream
            && self.code == event.code
            && !self.is_repeated(stamp, event)
            && ((self.began..=self.segment).contains(&stamp.timestamp) || self.goes_on(stamp, event))
    }

    /// The same key again from a sender that does not move the timestamp: after the end, in a later packet,
    /// the event is shorter than it was.
    fn is_repeated(&self, stamp: &Stamp, event: &Event) -> bool {
        self.ended && !event.end && stamp.sequence > self.sequence && event.duration < self.duration
    }

    /// A further segment of a long press, or a sender that wrongly moves the timestamp with each packet.
    fn goes_on(&self, stamp: &Stamp, event: &Event) -> bool {
        if stamp.marker || stamp.timestamp <= self.segment {
            return false;
        }
        if self.ended {
            let crept = self.segment != self.began;
            return crept && event.end && event.duration == self.duration;
        }
        let step = stamp.timestamp - self.segment;
        let segmented = step == u64::from(LONGEST_SEGMENT);
        let creeping = step == u64::from(event.duration.saturating_sub(self.duration));
        segmented || creeping
    }

    fn update(&mut self, stamp: &Stamp, event: &Event, digit: char) -> Option<KeyChange> {
        if stamp.timestamp > self.segment || event.duration > self.duration {
            self.duration = event.duration;
        }
        self.segment = self.segment.max(stamp.timestamp);
        self.sequence = self.sequence.max(stamp.sequence);
        let released = event.end && !self.ended;
        self.ended |= event.end;
        released.then(|| KeyChange::Released { digit, held: self.held() })
    }

    fn held(&self) -> u64 {
        // A creeping sender counts from the beginning in every packet; segments count from their own.
        if (self.segment - self.began).is_multiple_of(u64::from(LONGEST_SEGMENT)) {
            self.segment - self.began + u64::from(self.duration)
        } else {
            u64::from(self.duration)
        }
    }
}

/// Section 2.3: event, E bit, volume, duration. Events above 15 (flash, modem tones) are no keys.
fn parse(payload: &[u8]) -> Option<(Event, char)> {
    let &[code, flags, high, low, ..] = payload else { return None };
    let digit = char::from(*b"0123456789*#ABCD".get(usize::from(code))?);
    Some((Event { code, end: flags & 0x80 != 0, duration: u16::from_be_bytes([high, low]) }, digit))
}
