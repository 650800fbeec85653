//! Keys whose tones our own prompts contain: the line may send them back.

use crate::{FRAME, RATE};

/// No echo comes later (0.45 s).
const LATEST: i64 = RATE as i64 * 45 / 100;
const KEYS: &str = "123A456B789C*0#D";

/// From where to where each key's tones were sent last, in samples on the leg's clock.
#[derive(Debug, Default)]
pub struct OwnKeys([Option<(i64, i64)>; KEYS.len()]);

impl OwnKeys {
    /// The frame sent at a position has a key's tones.
    pub fn said(&mut self, digit: char, position: i64) {
        let Some(said) = KEYS.find(digit).and_then(|place| self.0.get_mut(place)) else { return };
        let end = position + FRAME as i64;
        *said = match *said {
            Some((from, to)) if position <= to + FRAME as i64 => Some((from, end)),
            _ => Some((position, end)),
        };
    }

    /// Whether a key heard from a position on may be the echo of one that was sent.
    pub fn may_return(&self, digit: char, from: i64) -> bool {
        let said = KEYS.find(digit).and_then(|place| self.0[place]);
        said.is_some_and(|(begun, ended)| (begun - FRAME as i64..=ended + LATEST).contains(&from))
    }
}
