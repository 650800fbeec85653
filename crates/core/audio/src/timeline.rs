//! Where a packet's samples belong on the call's clock: by the sender's RTP clock, tied to ours by arrival.

use crate::{RATE, Stamp};

/// Further ahead than this a packet cannot be: its timestamp jumped.
const MOST_EARLY: i64 = RATE as i64 / 5;
/// Further behind than this the sender's clock stood still.
const MOST_LATE: i64 = RATE as i64 * 2;
/// Behind by this at the start of a talk-spurt or after a key: the clock stood still meanwhile, as some
/// gateways let it do during telephone events.
const LATE_AFTER_PAUSE: i64 = RATE as i64 / 10;
/// Packets over which the least delay is sought: 5 s.
const WINDOW: u32 = 250;
/// A drift below this is left alone (5 ms).
const TOLERATED: i64 = 40;

/// Maps RTP timestamps to positions (samples since the leg was opened).
///
/// The first packet ties the sender's clock to ours. From then on timestamps decide, so loss, jitter and
/// key presses move nothing. The least delay of each 5 s is drawn towards zero, one sample a packet, which
/// takes out both the first packet's own delay and the drift between the two clocks, inaudibly.
#[derive(Debug, Default)]
pub struct Timeline {
    anchor: Option<Anchor>,
    paused: bool,
}

#[derive(Debug)]
struct Anchor {
    stream: u32,
    timestamp: u64,
    position: i64,
    least_delay: i64,
    packets: u32,
    correction: i64,
}

impl Timeline {
    /// The position of an audio packet's first sample; `arrived` is the position of now less the packet's
    /// own length, since its last sample was spoken just before it was sent.
    pub fn place(&mut self, stamp: &Stamp, arrived: i64) -> i64 {
        let resumed = std::mem::take(&mut self.paused) || stamp.marker;
        match &mut self.anchor {
            Some(anchor) if anchor.fits(stamp, arrived, resumed) => anchor.place(stamp, arrived),
            _ => {
                self.anchor = Some(Anchor::new(stamp, arrived));
                arrived
            }
        }
    }

    /// The position of a telephone event's beginning.
    pub fn place_event(&mut self, stamp: &Stamp, arrived: i64) -> i64 {
        self.paused = true;
        match &self.anchor {
            Some(anchor) if anchor.fits(stamp, arrived, false) => anchor.position_of(stamp),
            _ => arrived,
        }
    }
}

impl Anchor {
    fn new(stamp: &Stamp, position: i64) -> Self {
        Self {
            stream: stamp.stream,
            timestamp: stamp.timestamp,
            position,
            least_delay: i64::MAX,
            packets: 0,
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

    fn place(&mut self, stamp: &Stamp, arrived: i64) -> i64 {
        if self.correction == 0 {
            self.observe(arrived - self.position_of(stamp));
        } else {
            self.position += self.correction.signum();
            self.correction -= self.correction.signum();
        }
        self.position_of(stamp)
    }

    fn observe(&mut self, delay: i64) {
        self.least_delay = self.least_delay.min(delay);
        self.packets += 1;
        if self.packets == WINDOW {
            if self.least_delay.abs() > TOLERATED {
                self.correction = self.least_delay;
            }
            self.least_delay = i64::MAX;
            self.packets = 0;
        }
    }
}
