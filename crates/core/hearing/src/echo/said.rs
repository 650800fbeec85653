//! How loud we were of late.

/// Samples of a slot: the steps in which lags are told, 10 ms.
pub(super) const SLOT: i64 = 80;
/// Slots remembered, 5.1 s.
pub(super) const MEMORY: i64 = 512;
/// Lags looked at, a slot apart: from [`EARLY`] to 450 ms.
pub(super) const LAGS: usize = 48;
/// By so many slots an echo may seem to come before what it is of: a packet's position is as coarse as a tick.
const EARLY: i64 = 2;
/// As loud as silence.
pub(super) const QUIET: i8 = -100;

/// A ring of levels in whole dBm0, one a slot, each of the 20 ms that begin there. Written twice, half a ring apart, so
/// that every stretch lies in one piece.
#[derive(Debug)]
pub(super) struct Said {
    levels: [i8; 2 * MEMORY as usize],
    /// The latest slot known, were it silence.
    until: i64,
    /// The latest in which anything was said.
    latest: Option<i64>,
}

impl Default for Said {
    fn default() -> Self {
        Self { levels: [QUIET; 2 * MEMORY as usize], until: 0, latest: None }
    }
}

impl Said {
    /// Two slots in a row.
    pub(super) fn say(&mut self, slot: i64, loudness: [i8; 2]) {
        self.cover(slot + 1);
        for (slot, level) in (slot..).zip(loudness) {
            self.set(slot, level);
        }
        self.latest = self.latest.max(Some(slot + 1));
    }

    /// Whether anything was said that may be heard at a slot.
    pub(super) fn reaches(&self, slot: i64) -> bool {
        self.latest.is_some_and(|latest| latest >= slot + EARLY - LAGS as i64)
    }

    /// What was said while what is heard in a slot may have been on its way, the longest ago first.
    pub(super) fn before(&mut self, slot: i64) -> &[i8; LAGS] {
        // A frame reaches into the next slot, which is asked for later.
        self.cover(slot + 1 + EARLY);
        self.known_before(slot).unwrap_or(&[QUIET; LAGS])
    }

    /// The same of a slot in the past, where it is still known.
    pub(super) fn known_before(&self, slot: i64) -> Option<&[i8; LAGS]> {
        let (first, last) = (slot + EARLY + 1 - LAGS as i64, slot + EARLY);
        let known = last <= self.until && first > self.until - MEMORY;
        let begin = first.rem_euclid(MEMORY) as usize;
        self.levels[begin..].first_chunk().filter(|_| known)
    }

    /// What nobody told of was silence.
    fn cover(&mut self, slot: i64) {
        for slot in self.until.max(slot - MEMORY) + 1..=slot {
            self.set(slot, QUIET);
        }
        self.until = self.until.max(slot);
    }

    fn set(&mut self, slot: i64, level: i8) {
        let place = slot.rem_euclid(MEMORY);
        for place in [place, place + MEMORY] {
            self.levels[place as usize] = level;
        }
    }
}
