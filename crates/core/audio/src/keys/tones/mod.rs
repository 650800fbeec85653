//! Keys in the sound itself, as two tones (ITU-T Q.23), told apart from speech as ITU-T Q.24 asks.
//!
//! Every 5 ms the latest 20 ms are looked at ([`spectrum`]). Four looks in a row that show one key's two tones make
//! a candidate, whose 25 ms in the middle must then be these two tones and nothing else ([`proof`]). A pause of
//! 30 ms ends a press; what shorter gaps lost packets leave does not.

mod proof;
mod spectrum;

use crate::{Dbm0, RATE};
use proof::{PROVED, proves};
use spectrum::{HOP, Look, Spectrum, WINDOW};

/// The low and high frequencies, in hertz (ITU-T Q.23).
const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// Looks in a row that make a press: 26 ms of tone at the least, 32 ms at the most.
const PRESSED: u32 = 4;
/// Looks in a row without it that end a press.
const RELEASED: u32 = 6;
/// A press begins this long behind the beginning of its first look, and ends this long behind that of its last, give
/// or take 3 ms, since a look may begin before its tone and end behind it.
const BEGINS: i64 = RATE as i64 * 25 / 10_000;
const ENDS: i64 = RATE as i64 * 12 / 1000;
/// What timestamps may be off without a packet missing: the clocks' drift is taken out a sample at a time.
const SLIP: i64 = 8;
/// A longer gap is silence, a shorter one lost packets (60 ms).
const LONGEST_LOSS: i64 = RATE as i64 * 60 / 1000;
/// A packet from further back than this is of another clock, not late (1 s).
const LATE: i64 = RATE as i64;

/// What became known about a key in the sound. Positions are those given to [`ToneKeys::hear`], within 5 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToneKey {
    /// A key's tones have been heard for long enough.
    Pressed {
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
        /// Where they began.
        from: i64,
    },
    /// They are over. Told once of every press.
    Released {
        /// The key.
        digit: char,
        /// Where they began.
        from: i64,
        /// Where they ended.
        to: i64,
    },
}

/// Listens to one leg's received sound for keys.
#[derive(Debug, Default)]
pub struct ToneKeys {
    spectrum: Spectrum,
    expected: Option<i64>,
    candidate: Option<Candidate>,
    down: Option<Down>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    key: Key,
    from: i64,
    looks: u32,
}

#[derive(Clone, Copy, Debug)]
struct Down {
    key: Key,
    from: i64,
    to: i64,
    missed: u32,
}

/// A key by the places of its frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    low: usize,
    high: usize,
}

impl ToneKeys {
    /// Hears samples whose first lies at `position` (samples on the call's clock). Packets from before the last
    /// one are left out; up to 60 ms that are missing are taken for lost packets, more for silence.
    pub fn hear(&mut self, position: i64, samples: &[i16], mut tell: impl FnMut(ToneKey)) {
        let expected = self.expected.unwrap_or(position);
        let gap = position - expected;
        if (-LATE..-SLIP).contains(&gap) {
            return;
        }
        if gap.abs() > SLIP {
            self.lose_thread();
            if !(0..=LONGEST_LOSS).contains(&gap) {
                self.break_off(expected, &mut tell);
            }
        }
        self.expected = Some(position + samples.len() as i64);
        for (index, &sample) in samples.iter().enumerate() {
            if let Some(look) = self.spectrum.push(sample) {
                let end = position + index as i64 + 1;
                self.look(end - WINDOW as i64, &look, &mut tell);
            }
        }
    }

    /// Where the tones of the key that is down began.
    pub fn down_since(&self) -> Option<i64> {
        self.down.map(|down| down.from)
    }

    /// Tells the release of a key whose tones the stream broke off: nothing has been heard for a second.
    pub fn tick(&mut self, now: i64, mut tell: impl FnMut(ToneKey)) {
        if self.down.is_some()
            && let Some(expected) = self.expected.take_if(|expected| now - *expected > LATE)
        {
            self.lose_thread();
            self.break_off(expected, &mut tell);
        }
    }

    /// What comes does not follow on what came.
    fn lose_thread(&mut self) {
        self.spectrum.clear();
        self.candidate = None;
    }

    /// The sound ended at `end`; a key that was down then was down to the end.
    fn break_off(&mut self, end: i64, tell: &mut impl FnMut(ToneKey)) {
        if let Some(down) = self.down.as_mut().filter(|down| down.missed == 0) {
            down.to = end;
        }
        self.release(tell);
    }

    fn look(&mut self, from: i64, look: &Look, tell: &mut impl FnMut(ToneKey)) {
        if let Some(down) = &mut self.down {
            if look.still_shows(down.key) {
                down.to = from + ENDS;
                down.missed = 0;
            } else {
                down.missed += 1;
            }
            if down.missed >= RELEASED {
                self.release(tell);
            }
        }
        self.try_candidate(from, look, tell);
    }

    fn try_candidate(&mut self, from: i64, look: &Look, tell: &mut impl FnMut(ToneKey)) {
        let shown = look.shows().filter(|key| self.down.is_none_or(|down| down.key != *key));
        let Some(key) = shown else {
            self.candidate = None;
            return;
        };
        let candidate = match self.candidate {
            Some(before) if before.key == key => Candidate { looks: before.looks + 1, ..before },
            _ => Candidate { key, from, looks: 1 },
        };
        self.candidate = Some(candidate);
        if candidate.looks >= PRESSED && proves(&self.spectrum.latest(MARGIN), key) {
            self.candidate = None;
            self.release(tell);
            let from = candidate.from + BEGINS;
            self.down = Some(Down { key, from, to: from, missed: 0 });
            tell(ToneKey::Pressed { digit: key.digit(), from });
        }
    }

    fn release(&mut self, tell: &mut impl FnMut(ToneKey)) {
        if let Some(Down { key, from, to, .. }) = self.down.take() {
            tell(ToneKey::Released { digit: key.digit(), from, to: to.max(from) });
        }
    }
}

/// Samples at either end of a candidate that need not be of its tones: 5 ms.
const MARGIN: usize = HOP;
const _: () = assert!(PROVED + 2 * MARGIN == WINDOW + (PRESSED as usize - 1) * HOP);

impl Key {
    fn digit(self) -> char {
        KEYS[self.low][self.high]
    }

    fn hertz(self) -> (f32, f32) {
        (LOW[self.low], HIGH[self.high])
    }
}

/// What Q.24 leaves to each administration: how strong, and how unlike, the two tones may be.
fn may_be_a_key(low: Dbm0, high: Dbm0, twist: (f32, f32)) -> bool {
    let (weaker, stronger) = (low.0.min(high.0), low.0.max(high.0));
    let slope = high.0 - low.0;
    weaker >= -35.0 && stronger >= -28.0 && (twist.0..=twist.1).contains(&slope)
}
