//! How much of the latest 20 ms lies at each of the eight frequencies, looked at every 5 ms.
//!
//! Each 1.25 ms of sound is correlated once with each frequency; a look adds sixteen such blocks under a Hann window,
//! for which only their phases are to be turned. Sound that is too quiet to matter is not correlated at all.

use super::{HIGH, Key, LOW, may_be_a_key};
use crate::{Dbm0, Level, RATE};
use std::{
    array::from_fn,
    f32::consts::{FRAC_PI_2, PI, TAU},
    ops::{Add, Mul},
    sync::LazyLock,
};

/// Samples of one block.
const BLOCK: usize = 10;
/// Blocks of one look.
const BLOCKS: usize = 16;
/// Samples of one look.
pub(super) const WINDOW: usize = BLOCK * BLOCKS;
/// Samples between looks.
pub(super) const HOP: usize = 40;
/// Looks that a proof may look back over.
const KEPT: usize = WINDOW + 3 * HOP;

/// Quieter blocks are silence: 10 dB below the weakest tone.
const SILENCE: Dbm0 = Dbm0(-45.0);
/// The part of a look's energy that must lie in the two tones; noise takes 3 % at 15 dB, the edges of a tone the
/// rest.
const SHARE: f32 = 0.8;
/// The same for a key that is down.
const SHARE_WHILE_DOWN: f32 = 0.5;
/// How far off a frequency may look, as a part of it; the proof is stricter.
const OFF: f32 = 0.032;
/// High over low, in dB; Q.24 asks for −8 to +4, and the edges of a tone blur it.
const TWIST: (f32, f32) = (-11.0, 7.0);
/// Hertz to either side of a frequency where its neighbourhood is looked at: half a bin of a look.
const ASIDE: f32 = 25.0;
/// One bin of a look, in hertz.
const BIN: f32 = RATE as f32 / WINDOW as f32;
/// A Hann window's main lobe is nearly Gaussian, `exp(-a·x²)` at `x` bins; this is `a`.
const LOBE: f32 = 0.68;

/// Where a tone is compared: at its frequency, and a little below and above.
const PLACES: [f32; 3] = [0.0, -ASIDE, ASIDE];

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f32,
    pub(super) im: f32,
}

/// Correlations of one block with the eight frequencies, and its energy.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    at: [Complex; 8],
    energy: f32,
}

#[derive(Debug)]
pub(super) struct Spectrum {
    samples: [i16; KEPT],
    filled: usize,
    blocks: [Block; BLOCKS],
}

/// What one look sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    strongest: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    key: Key,
    /// Mean squares of the two tones.
    low: f32,
    high: f32,
    /// How far off they are, as a part of their frequencies.
    off: f32,
    /// The part of the energy that lies in them.
    share: f32,
}

impl Default for Spectrum {
    fn default() -> Self {
        Self { samples: [0; KEPT], filled: 0, blocks: [Block::default(); BLOCKS] }
    }
}

impl Spectrum {
    /// Takes a sample; every [`HOP`] samples, once a window is full, a look.
    pub(super) fn push(&mut self, sample: i16) -> Option<Look> {
        if self.filled == KEPT {
            self.samples.copy_within(HOP.., 0);
            self.filled -= HOP;
        }
        self.samples[self.filled] = sample;
        self.filled += 1;
        if !self.filled.is_multiple_of(BLOCK) {
            return None;
        }
        self.blocks.rotate_left(1);
        self.blocks[BLOCKS - 1] = Block::of(&self.samples[self.filled - BLOCK..self.filled]);
        let due = self.filled >= WINDOW && self.filled.is_multiple_of(HOP);
        due.then(|| Look::at(&self.blocks))
    }

    /// Forgets all: what comes does not follow on what came.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
        self.blocks = [Block::default(); BLOCKS];
    }

    /// The latest `N` samples but the last `margin`; silence where there are fewer.
    pub(super) fn latest<const N: usize>(&self, margin: usize) -> [i16; N] {
        let end = self.filled.saturating_sub(margin);
        from_fn(|n| (end + n).checked_sub(N).map_or(0, |at| self.samples[at]))
    }
}

impl Block {
    fn of(samples: &[i16]) -> Self {
        let level = Level::of(samples);
        if level < TABLES.silence {
            return Self::default();
        }
        let correlate = |waves: &[Complex; BLOCK]| {
            samples.iter().zip(waves).fold(Complex::default(), |sum, (&sample, wave)| {
                let sample = f32::from(sample);
                Complex { re: sum.re + wave.re * sample, im: sum.im + wave.im * sample }
            })
        };
        Self { at: from_fn(|n| correlate(&TABLES.waves[n])), energy: level.0 }
    }
}

impl Look {
    fn at(blocks: &[Block; BLOCKS]) -> Self {
        let energy: f32 = blocks.iter().zip(&TABLES.weights).map(|(b, w)| b.energy * w * w).sum();
        if energy <= 0.0 {
            return Self { strongest: None };
        }
        let low = strongest(blocks, 0..4);
        let high = strongest(blocks, 4..8);
        let share = (low.level + high.level) * TABLES.squares / energy;
        let key = Key { low: low.place, high: high.place - 4 };
        let off = low.off.abs().max(high.off.abs());
        Self { strongest: Some(Seen { key, low: low.level, high: high.level, off, share }) }
    }

    /// The key whose two tones, and little else, are heard.
    pub(super) fn shows(&self) -> Option<Key> {
        let seen = self.strongest.filter(|seen| seen.share >= SHARE && seen.off <= OFF)?;
        let level = |mean_square| Dbm0::from(Level(mean_square));
        may_be_a_key(level(seen.low), level(seen.high), TWIST).then_some(seen.key)
    }

    /// Whether a key that is down still sounds.
    pub(super) fn still_shows(&self, key: Key) -> bool {
        self.strongest.is_some_and(|seen| seen.key == key && seen.share >= SHARE_WHILE_DOWN)
    }
}

/// One tone of a look.
struct Heard {
    place: usize,
    /// Mean square.
    level: f32,
    /// Off its frequency by this part of it.
    off: f32,
}

fn strongest(blocks: &[Block; BLOCKS], places: std::ops::Range<usize>) -> Heard {
    let power = |place: usize, aside: usize| -> f32 {
        let sum = blocks
            .iter()
            .zip(&TABLES.turns[place][aside])
            .fold(Complex::default(), |sum, (block, turn)| sum + block.at[place] * *turn);
        sum.power()
    };
    let (place, at) =
        places.map(|place| (place, power(place, 0))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
    let ratio = power(place, 2).max(1.0) / power(place, 1).max(1.0);
    let bins = ratio.ln() / (4.0 * LOBE);
    let amplitude = 2.0 * at.sqrt() / (TABLES.sum * BLOCK as f32 * response(bins));
    Heard { place, level: amplitude * amplitude / 2.0, off: bins * BIN / TABLES.hertz[place] }
}

/// A Hann window's answer to a tone `bins` beside the middle, as a part of that in the middle; no less than at the
/// edge of what is taken for a tone.
fn response(bins: f32) -> f32 {
    let x = bins.abs().min(1.4);
    if x < 1e-3 || (x - 1.0).abs() < 1e-3 {
        return if x < 0.5 { 1.0 } else { 0.5 };
    }
    (PI * x).sin() / (PI * x * (1.0 - x * x))
}

struct Tables {
    hertz: [f32; 8],
    /// Each frequency over one block.
    waves: [[Complex; BLOCK]; 8],
    /// For each frequency and place: the weight and the turn of each block.
    turns: [[[Complex; BLOCKS]; 3]; 8],
    weights: [f32; BLOCKS],
    /// Of the weights, and of their squares.
    sum: f32,
    squares: f32,
    silence: Level,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let hertz: [f32; 8] = from_fn(|n| if n < 4 { LOW[n] } else { HIGH[n - 4] });
    let weights: [f32; BLOCKS] = from_fn(|k| {
        let sine = (FRAC_PI_2 * (2 * k + 1) as f32 / BLOCKS as f32).sin();
        sine * sine
    });
    let wave = |hertz: f32, sample: f32| Complex::turned(-TAU * hertz * sample / RATE as f32);
    // Within a block, phases count from its middle, so that the places beside a frequency can share it.
    let middle = (BLOCK as f32 - 1.0) / 2.0;
    Tables {
        hertz,
        waves: hertz.map(|f| from_fn(|n| wave(f, n as f32 - middle))),
        turns: hertz
            .map(|f| PLACES.map(|aside| from_fn(|k| wave(f + aside, (k * BLOCK) as f32).scaled(weights[k])))),
        sum: weights.iter().sum(),
        squares: weights.iter().map(|w| w * w).sum(),
        weights,
        silence: SILENCE.level(),
    }
});

impl Complex {
    pub(super) fn turned(angle: f32) -> Self {
        Self { re: angle.cos(), im: angle.sin() }
    }

    pub(super) fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    pub(super) fn scaled(self, by: f32) -> Self {
        Self { re: self.re * by, im: self.im * by }
    }

    pub(super) fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }

    pub(super) fn angle(self) -> f32 {
        self.im.atan2(self.re)
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}
