//! What was heard of late, and whose it was taken to be.

use super::{
    Whose,
    said::{MEMORY, SLOT},
};

/// A frame of what was heard. Its level is in whole dBm0.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub(super) level: i8,
    pub(super) whose: Whose,
}

/// A ring of frames, one a slot; nothing where nothing came.
#[derive(Debug)]
pub(super) struct Past {
    frames: [Option<Frame>; MEMORY as usize],
    /// The latest slot heard.
    until: i64,
}

impl Default for Past {
    fn default() -> Self {
        Self { frames: [None; MEMORY as usize], until: 0 }
    }
}

impl Past {
    /// Keeps a frame of so many samples.
    pub(super) fn keep(&mut self, slot: i64, samples: usize, frame: Frame) {
        if slot <= self.until - MEMORY {
            return;
        }
        let slots = samples.div_ceil(SLOT as usize) as i64;
        for missing in self.until.max(slot - MEMORY) + 1..slot {
            self.frames[place_of(missing)] = None;
        }
        self.until = self.until.max(slot + slots - 1);
        for slot in slot..slot + slots {
            self.frames[place_of(slot)] = Some(frame);
        }
    }

    /// The frame that was heard in a slot.
    pub(super) fn frame(&self, slot: i64) -> Option<Frame> {
        let known = slot <= self.until && slot > self.until - MEMORY;
        self.frames[place_of(slot)].filter(|_| known)
    }
}

fn place_of(slot: i64) -> usize {
    slot.rem_euclid(MEMORY) as usize
}
