//! Where a packet's samples belong on the call's clock: by the sender's RTP clock, tied to ours by arrival.

use crate::{FRAME, RATE, Stamp};

/// Further ahead than this a packet cannot be: its timestamp jumped.
const MOST_EARLY: i64 = RATE as i64 / 5;
/// Further behind than this the sender's clock stood still.
const MOST_LATE: i64 = RATE as i64 * 2;
/// Behind by this at the start of a talk-spurt or after a key: the clock stood still meanwhile.
const LATE_AFTER_PAUSE: i64 = RATE as i64 / 10;
/// Packets over which the least delay is sought: 2 s of them. A new tie, which one delayed packet may have made, is
/// looked at after a quarter of that.
const BLOCK: u32 = 100;
/// Blocks over which drift is sought.
const BLOCKS: u32 = 2;
/// An error below this is left alone (2 ms).
const TOLERATED: i64 = 16;
/// The least delay of 4 s grows by more than this neither by drift (0.8 ms at 200 ppm) nor by a network that is
/// busy for a while: it is followed no faster (1.25 ms).
const MOST_DRIFT: i64 = 10;
/// But a least delay beyond this is no busy network: the sender's clock stood still.
const STOOD_STILL: i64 = RATE as i64 / 10;
/// Sound behind a key bears a time that much before the key's end only when the clock stood still (5 ms).
const STOOD_IN_KEY: i64 = 40;
/// Packets behind a key in which its sender's clock shows itself.
const CLOSE: u64 = 16;
/// A correction is spread over about so many packets: 1.3 s.
const SPREAD: i64 = 64;

/// Maps RTP timestamps to positions (samples since the leg was opened).
///
/// The first packet ties the sender's clock to ours. From then on timestamps decide, so loss, jitter and
/// key presses move nothing. No packet comes before it was spoken: one that seems to proves that the tie lies late,
/// as when the first packet was held up, and it is drawn back. The least delay of some seconds shows the
/// drift between the two clocks and is drawn towards zero. All that goes a few samples a packet, inaudibly.
#[derive(Debug, Default)]
pub struct Timeline {
    anchor: Option<Anchor>,
    /// The tie before this one, for packets that are still on their way.
    before: Option<Anchor>,
    key: Option<Key>,
    last: Option<Last>,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Of its first sample.
    pub position: i64,
    /// From where to where sound was sent before it that has not come, to judge by the sequence numbers.
    pub missing: Option<(i64, i64)>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    stream: u32,
    /// The highest sequence number that it has placed.
    highest: u64,
    timestamp: u64,
    position: i64,
    /// Since drift was looked at last.
    least: i64,
    /// Of this block.
    least_here: i64,
    packets: u32,
    blocks: u32,
    /// The tie is new: the least delay is followed however much it grew.
    new: bool,
    correction: i64,
}

/// The latest telephone event, as far as it is known.
#[derive(Clone, Copy, Debug)]
struct Key {
    stream: u32,
    sequence: u64,
    timestamp: u64,
    length: u64,
    position: i64,
    behind: Option<Behind>,
    /// By how much the tie was moved because the clock stood still.
    shift: i64,
}

/// The sound behind a key that is earliest by the sender's clock.
#[derive(Clone, Copy, Debug)]
struct Behind {
    sequence: u64,
    timestamp: u64,
    /// Against the tie of before the key.
    delay: i64,
}

/// The packet highest in sequence.
#[derive(Clone, Copy, Debug)]
struct Last {
    stream: u32,
    sequence: u64,
    ends: i64,
    length: i64,
}

impl Timeline {
    /// Places an audio packet of `length` samples; `arrived` is the position of now less its own length, since
    /// its last sample was spoken just before it was sent.
    pub fn place(&mut self, stamp: &Stamp, length: usize, arrived: i64) -> Placed {
        let resumed = self.resume(stamp, arrived) || stamp.marker;
        let position = match self.late(stamp, arrived) {
            Some(position) => position,
            None => self.tie(stamp, arrived, resumed).place(stamp, arrived),
        };
        Placed { position, missing: self.follow(stamp, position, length as i64, length as i64) }
    }

    /// Places a telephone event that has lasted `length` samples so far: where it began.
    pub fn place_event(&mut self, stamp: &Stamp, length: u64, arrived: i64) -> Placed {
        let packet = self.last.map_or(FRAME as i64, |last| last.length);
        let position = match self.key.as_mut().filter(|key| key.is_of(stamp, length)) {
            Some(key) => {
                key.length = key.length.max(length);
                key.sequence = key.sequence.max(stamp.sequence);
                key.behind = key.behind.filter(|behind| behind.sequence > key.sequence);
                let position = key.position;
                self.move_on();
                position
            }
            None => self.begin_event(stamp, length, arrived - length as i64),
        };
        Placed { position, missing: self.follow(stamp, position, length as i64, packet) }
    }

    fn begin_event(&mut self, stamp: &Stamp, length: u64, begins: i64) -> i64 {
        let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.stream == stamp.stream) else {
            return begins;
        };
        let fits = anchor.fits(stamp, begins, false);
        let position = if fits { anchor.position_of(stamp) } else { begins };
        if self.key.is_none_or(|key| key.sequence < stamp.sequence) {
            let Stamp { stream, sequence, timestamp, .. } = *stamp;
            self.key = Some(Key { stream, sequence, timestamp, length, position, behind: None, shift: 0 });
        }
        position
    }

    /// Whether sound follows a key closely. Some gateways let their clock stand still while a key is down: then the
    /// sound behind it bears a time at which the key had not ended, and all that follows moves on.
    fn resume(&mut self, stamp: &Stamp, arrived: i64) -> bool {
        let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.stream == stamp.stream) else {
            return false;
        };
        let Some(key) = self.key.as_mut().filter(|key| key.is_close_before(stamp)) else { return false };
        if key.behind.is_none_or(|behind| stamp.timestamp < behind.timestamp) {
            let Stamp { sequence, timestamp, .. } = *stamp;
            let delay = arrived - anchor.position_of(stamp) + key.shift;
            key.behind = Some(Behind { sequence, timestamp, delay });
            self.move_on();
        }
        true
    }

    /// Moves the tie by what is known of the time for which the clock stood still.
    fn move_on(&mut self) {
        let (Some(anchor), Some(key)) = (&mut self.anchor, &mut self.key) else { return };
        let stood = key.stood();
        let change = stood - std::mem::replace(&mut key.shift, stood);
        if change != 0 {
            self.before = Some(Anchor { highest: key.sequence, ..*anchor });
            anchor.move_by(change);
        }
    }

    /// The position of a packet from before the latest ones, whose tie may be one that was given up.
    fn late(&self, stamp: &Stamp, arrived: i64) -> Option<i64> {
        let of = |anchor: &&Anchor| anchor.stream == stamp.stream;
        let (now, before) = (self.anchor.as_ref().filter(of), self.before.as_ref().filter(of));
        let is_late = |anchor: &Anchor| stamp.sequence <= anchor.highest;
        let of_before = before.is_some_and(is_late);
        if !of_before && !now.is_some_and(is_late) {
            return None;
        }
        let ties = if of_before { [before, now] } else { [now, before] };
        let fits = |anchor: &Anchor| anchor.fits(stamp, arrived, false).then(|| anchor.position_of(stamp));
        Some(ties.into_iter().flatten().find_map(fits).unwrap_or(arrived))
    }

    /// The tie by which the next packet in line is placed.
    fn tie(&mut self, stamp: &Stamp, arrived: i64, resumed: bool) -> &mut Anchor {
        let anchor = self.anchor.get_or_insert_with(|| Anchor::new(stamp, arrived));
        if !anchor.fits(stamp, arrived, resumed) {
            self.before = Some(std::mem::replace(anchor, Anchor::new(stamp, arrived)));
        }
        anchor.highest = stamp.sequence;
        anchor
    }

    /// What is missing between the packet highest in sequence so far and this one, at most as long as the packets
    /// that are missing: the rest is a pause of the sender.
    fn follow(&mut self, stamp: &Stamp, position: i64, lasts: i64, length: i64) -> Option<(i64, i64)> {
        let next = Last { stream: stamp.stream, sequence: stamp.sequence, ends: position + lasts, length };
        let Some(last) = self.last.filter(|last| last.stream == stamp.stream) else {
            self.last = Some(next);
            return None;
        };
        if stamp.sequence <= last.sequence {
            return None;
        }
        self.last = Some(next);
        let packets = (stamp.sequence - last.sequence - 1) as i64;
        let most = packets.saturating_mul(last.length.max(length));
        let to = position.min(last.ends.saturating_add(most));
        (packets > 0 && to > last.ends).then_some((last.ends, to))
    }
}

impl Key {
    /// Whether a packet is of this event: a shorter one behind it is the next press of a clock that stands still.
    fn is_of(&self, stamp: &Stamp, length: u64) -> bool {
        let again = stamp.sequence > self.sequence && length < self.length;
        self.stream == stamp.stream && self.timestamp == stamp.timestamp && !again
    }

    fn is_close_before(&self, stamp: &Stamp) -> bool {
        self.stream == stamp.stream && (1..=CLOSE).contains(&stamp.sequence.saturating_sub(self.sequence))
    }

    /// For how long the sender's clock stood still. What came no later than before the key knows better.
    fn stood(&self) -> i64 {
        let Some(behind) = self.behind else { return 0 };
        let stood = (self.timestamp + self.length) as i64 - behind.timestamp as i64;
        if stood > STOOD_IN_KEY && behind.delay > stood - FRAME as i64 { stood } else { 0 }
    }
}

impl Anchor {
    fn new(stamp: &Stamp, position: i64) -> Self {
        Self {
            stream: stamp.stream,
            highest: stamp.sequence,
            timestamp: stamp.timestamp,
            position,
            least: i64::MAX,
            least_here: i64::MAX,
            packets: 0,
            blocks: 0,
            new: true,
            correction: 0,
        }
    }

    fn position_of(&self, stamp: &Stamp) -> i64 {
        self.position + (stamp.timestamp as i64 - self.timestamp as i64)
    }

    fn fits(&self, stamp: &Stamp, arrived: i64, resumed: bool) -> bool {
        let delay = arrived - self.position_of(stamp);
        let most = if resumed { LATE_AFTER_PAUSE } else { MOST_LATE };
        self.stream == stamp.stream && (-MOST_EARLY..=most).contains(&delay)
    }

    /// The least delay is sought anew from here.
    fn move_by(&mut self, change: i64) {
        let (stream, highest, timestamp) = (self.stream, self.highest, self.timestamp);
        let stamp = Stamp { stream, timestamp, sequence: highest, marker: false };
        *self = Self::new(&stamp, self.position + change);
    }

    fn place(&mut self, stamp: &Stamp, arrived: i64) -> i64 {
        self.observe(arrived - self.position_of(stamp));
        if self.correction != 0 {
            let step = self.correction / SPREAD + self.correction.signum();
            self.position += step;
            self.correction -= step;
        }
        self.position_of(stamp)
    }

    /// What is still to be corrected counts as done.
    fn observe(&mut self, delay: i64) {
        let delay = delay - self.correction;
        if delay < -TOLERATED {
            self.shift(delay);
            self.correction += delay;
        }
        self.least_here = self.least_here.min(delay.max(0));
        self.packets += 1;
        if self.packets >= if self.new { BLOCK / 4 } else { BLOCK } {
            self.close_block();
        }
    }

    fn close_block(&mut self) {
        let here = std::mem::replace(&mut self.least_here, i64::MAX);
        self.packets = 0;
        self.blocks += 1;
        self.least = self.least.min(here);
        if here > STOOD_STILL {
            self.shift(here);
            self.position += here;
        } else if self.new {
            self.shift(here);
            self.correction += here;
            self.new = false;
        } else if self.blocks >= BLOCKS {
            if self.least > TOLERATED {
                self.correction += self.least.min(MOST_DRIFT);
            }
            self.least = i64::MAX;
            self.blocks = 0;
        }
    }

    /// All delays seen are less by this from now on.
    fn shift(&mut self, by: i64) {
        self.least_here = self.least_here.saturating_sub(by);
        self.least = self.least.saturating_sub(by);
    }
}
