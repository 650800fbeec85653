//! Key presses from RFC 4733 telephone events: each press once, however its packets fare.

use super::KeyPolicy;
use crate::{RATE, Stamp};

/// Presses remembered, so that late packets of an old one are known.
const REMEMBERED: usize = 16;
/// The longest an event can say it lasts before it must go on as a further segment (section 2.5.1.3).
const LONGEST_SEGMENT: u16 = u16::MAX;
/// A sender that counts in whole packets begins its next segment up to this much earlier (60 ms).
const SEGMENT_SLACK: u16 = 480;
/// Clocks by which senders count durations, whatever was agreed on.
const CLOCKS: [u32; 5] = [1000, 8000, 16_000, 32_000, 48_000];
/// A press must be watched for this long before its clock can be told: jitter blurs shorter ones (0.2 s).
const WATCHED: u64 = RATE as u64 / 5;

/// What became known about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// The first packet of a press that arrived, whichever it was.
    Pressed {
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
    },
    /// The first end packet of a press, or what stands in for it. Told once of every press.
    Released {
        /// The key.
        digit: char,
        /// How long it was held, in samples at 8 kHz, whatever clock its sender counts by.
        held: u64,
    },
}

/// Tells presses apart by stream, timestamp and code.
#[derive(Debug)]
pub struct KeyReceiver {
    lost_end: u64,
    longest: u64,
    presses: [Option<Press>; REMEMBERED],
    next: usize,
    /// Stream and last sequence number of the latest press forgotten.
    forgotten: Option<(u32, u64)>,
    /// Presses whose release is not told.
    held: usize,
    ignored: u64,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    digit: char,
    stream: u32,
    /// Beginning of the whole press.
    began: u64,
    /// Beginning of its latest segment.
    segment: u64,
    /// The timestamp moves with each packet, and durations count from the beginning.
    creeps: bool,
    code: u8,
    duration: u16,
    sequence: u64,
    ended: bool,
    told: bool,
    first: Seen,
    last: Seen,
}

/// How long a press was when a packet of it came.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: i64,
    held: u64,
}

struct Event {
    code: u8,
    end: bool,
    duration: u16,
}

impl Default for KeyReceiver {
    fn default() -> Self {
        Self::new(&KeyPolicy::default())
    }
}

impl KeyReceiver {
    /// A receiver that has heard nothing.
    pub fn new(policy: &KeyPolicy) -> Self {
        Self {
            lost_end: policy.lost_end,
            longest: policy.longest,
            presses: [None; REMEMBERED],
            next: 0,
            forgotten: None,
            held: 0,
            ignored: 0,
        }
    }

    /// Takes one event packet that came at `now` (samples, on any clock that runs on). A press whose only packet
    /// is its end is pressed now; [`Self::tick`] tells its release.
    pub fn receive(&mut self, now: i64, stamp: &Stamp, payload: &[u8]) -> Option<KeyChange> {
        let Some((event, digit)) = parse(payload) else {
            self.ignored += 1;
            return None;
        };
        if let Some(press) = self.presses.iter_mut().flatten().find(|press| press.is_of(stamp, &event)) {
            press.update(now, stamp, &event);
            let released = (press.ended || press.held() > self.longest) && !press.told;
            return if released { Some(press.release(&mut self.held)) } else { None };
        }
        if self.forgotten.is_some_and(|(stream, last)| stream == stamp.stream && stamp.sequence <= last) {
            self.ignored += 1;
            return None;
        }
        self.remember(Press::new(now, stamp, &event, digit));
        Some(KeyChange::Pressed { digit })
    }

    /// What time brings: presses are over that ended with their first packet, whose ends are lost, or that last
    /// too long.
    pub fn tick(&mut self, now: i64, mut tell: impl FnMut(KeyChange)) {
        if self.held == 0 {
            return;
        }
        let silent = |press: &Press| press.ended || now - press.last.at >= self.lost_end as i64;
        for press in self.presses.iter_mut().flatten() {
            if !press.told && silent(press) {
                tell(press.release(&mut self.held));
            }
        }
    }

    /// Packets that were no keys, or of presses long over.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    fn remember(&mut self, press: Press) {
        if let Some(old) = self.presses[self.next].replace(press) {
            self.held -= usize::from(!old.told);
            self.forgotten = Some((old.stream, old.sequence));
        }
        self.held += 1;
        self.next = (self.next + 1) % REMEMBERED;
    }
}

impl Press {
    fn new(now: i64, stamp: &Stamp, event: &Event, digit: char) -> Self {
        let seen = Seen { at: now, held: u64::from(event.duration) };
        Self {
            digit,
            stream: stamp.stream,
            began: stamp.timestamp,
            segment: stamp.timestamp,
            creeps: false,
            code: event.code,
            duration: event.duration,
            sequence: stamp.sequence,
            ended: event.end,
            told: false,
            first: seen,
            last: seen,
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

    fn goes_on(&self, stamp: &Stamp, event: &Event) -> bool {
        if stamp.timestamp <= self.segment {
            return false;
        }
        if self.ended {
            return self.creeps && event.end && event.duration == self.duration;
        }
        self.is_next_segment(stamp) || (!stamp.marker && self.is_crept(stamp, event))
    }

    /// A long press goes on where its full field ended. No press of its own begins there: its sender would have
    /// ended this one first.
    fn is_next_segment(&self, stamp: &Stamp) -> bool {
        let step = stamp.timestamp - self.segment;
        let nearly_full = self.duration >= LONGEST_SEGMENT - SEGMENT_SLACK;
        step == u64::from(LONGEST_SEGMENT) || (nearly_full && step == u64::from(self.duration))
    }

    /// A sender that wrongly moves the timestamp with each packet moves it by as much as the duration.
    fn is_crept(&self, stamp: &Stamp, event: &Event) -> bool {
        stamp.timestamp - self.segment == u64::from(event.duration.saturating_sub(self.duration))
    }

    fn update(&mut self, now: i64, stamp: &Stamp, event: &Event) {
        if stamp.timestamp > self.segment {
            self.creeps |= !self.ended && self.is_crept(stamp, event) && !self.is_next_segment(stamp);
            self.duration = event.duration;
        } else {
            self.duration = self.duration.max(event.duration);
        }
        self.segment = self.segment.max(stamp.timestamp);
        if stamp.sequence > self.sequence && !self.ended {
            self.last = Seen { at: now, held: self.counted() };
        }
        self.sequence = self.sequence.max(stamp.sequence);
        self.ended |= event.end;
    }

    fn release(&mut self, unreleased: &mut usize) -> KeyChange {
        self.told = true;
        *unreleased -= 1;
        KeyChange::Released { digit: self.digit, held: self.held() }
    }

    /// The press's length in its sender's units.
    fn counted(&self) -> u64 {
        let before = if self.creeps { 0 } else { self.segment - self.began };
        before + u64::from(self.duration)
    }

    /// The press's length in samples at 8 kHz.
    fn held(&self) -> u64 {
        self.counted() * u64::from(RATE) / u64::from(self.clock())
    }

    /// The clock that fits best to how the press grew while it was watched.
    fn clock(&self) -> u32 {
        let watched = (self.last.at - self.first.at).max(0) as u64;
        let grown = self.last.held.saturating_sub(self.first.held);
        if watched < WATCHED || grown == 0 {
            return RATE;
        }
        let rate = (grown * u64::from(RATE) / watched).max(1) as f32;
        let off = |clock: &u32| (rate / *clock as f32).ln().abs();
        CLOCKS.into_iter().min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(RATE)
    }
}

/// Section 2.3: event, E bit, volume, duration. Events above 15 (flash, modem tones) are no keys.
fn parse(payload: &[u8]) -> Option<(Event, char)> {
    let &[code, flags, high, low, ..] = payload else { return None };
    let digit = char::from(*b"0123456789*#ABCD".get(usize::from(code))?);
    Some((Event { code, end: flags & 0x80 != 0, duration: u16::from_be_bytes([high, low]) }, digit))
}
