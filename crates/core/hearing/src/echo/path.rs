//! What a line sends back: for each lag, the lowest ratio of what is heard to what was said so long before.
//!
//! An echo is never quieter than the line makes it, whatever else is heard at the same time: at its lag the ratio
//! stays. At any other lag, and on a line without echo, pauses in what is heard meet what was said loudly, and the
//! ratio falls within a few syllables. So nobody who speaks can hide an echo, or be taken for one for long.

use super::said::LAGS;

/// What is said more quietly tells nothing (dBm0).
const LOUD: i8 = -32;
/// Taken for possible before anything is known: the loudest echo is 6 dB quieter than what it is of.
const AT_FIRST: f32 = -3.0;
/// A lost packet's silence counts as no more than this, in dB.
const MOST: f32 = 8.0;
/// The parts of the way that the ratio goes at a frame: down, up, and up while somebody seems to speak over us, which
/// makes an echo seem louder, unless it is the echo that became so.
const DOWN: f32 = 0.3;
const UP: f32 = 0.03;
const UP_MEANWHILE: f32 = 0.006;
/// Frames over which the lowest ratio of a lag is sought, and how many of them must be loud: in 1.5 s somebody who
/// speaks pauses often, so that what never falls below is an echo that became louder.
const SOUGHT: u32 = 75;
const ENOUGH: f32 = 25.0;
/// Loud frames from which a lag is known, 0.4 s.
const KNOWN: f32 = 20.0;
/// So far below the best lag others may lie and be part of the echo too, in dB.
const NEAR: f32 = 5.0;

/// The ratios of a line, in dB, by the places of [`super::said::Said::before`].
#[derive(Debug)]
pub(super) struct Path {
    ratio: [f32; LAGS],
    /// Loud frames met.
    met: [f32; LAGS],
    /// The lowest ratios of late, and the loud frames that they were sought in.
    lowest: [f32; LAGS],
    of: [f32; LAGS],
    frames: u32,
}

/// What a frame seems to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Heard {
    /// No more than the line's noise: an echo may be hidden in it, and is no louder.
    Noise,
    /// Sound, of whomever.
    Sound,
    /// Somebody speaks over us.
    Talk,
}

/// How loud an echo may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    /// In dBm0.
    pub(super) level: f32,
    /// Whether the lag that it comes from is known.
    pub(super) known: bool,
}

impl Default for Path {
    fn default() -> Self {
        let (lowest, none) = ([f32::MAX; LAGS], [0.0; LAGS]);
        Self { ratio: [AT_FIRST; LAGS], met: none, lowest, of: none, frames: 0 }
    }
}

impl Path {
    /// Learns from a frame's level in dBm0.
    pub(super) fn learn(&mut self, said: &[i8; LAGS], heard: f32, what: Heard) {
        let up = match what {
            Heard::Noise => 0.0,
            Heard::Sound => UP,
            Heard::Talk => UP_MEANWHILE,
        };
        for (place, &said) in said.iter().enumerate() {
            let loud = if said >= LOUD { 1.0 } else { 0.0 };
            let ratio = heard - f32::from(said);
            let off = (ratio - self.ratio[place]).clamp(-MOST, MOST);
            self.ratio[place] += loud * off * if off < 0.0 { DOWN } else { up };
            self.met[place] += loud;
            self.of[place] += loud;
            self.lowest[place] = self.lowest[place].min(ratio + (1.0 - loud) * f32::MAX);
        }
        self.frames += 1;
        if self.frames == SOUGHT {
            self.rise_to_lowest();
        }
    }

    fn rise_to_lowest(&mut self) {
        for place in 0..LAGS {
            if self.of[place] >= ENOUGH {
                self.ratio[place] = self.ratio[place].max(self.lowest[place].min(AT_FIRST));
            }
        }
        (self.lowest, self.of, self.frames) = ([f32::MAX; LAGS], [0.0; LAGS], 0);
    }

    /// How loud an echo of what was said may be.
    pub(super) fn bound(&self, said: &[i8; LAGS]) -> Bound {
        let best = self.ratio.iter().zip(&self.met).filter(|(_, met)| **met >= KNOWN);
        let least = best.map(|(ratio, _)| *ratio).fold(f32::MIN, f32::max) - NEAR;
        let mut bound = Bound { level: f32::MIN, known: true };
        for place in 0..LAGS {
            let (ratio, known) = (self.ratio[place], self.met[place] >= KNOWN);
            // A slot's sound may lie across two.
            let around = &said[place.saturating_sub(1)..(place + 2).min(LAGS)];
            let level = ratio + f32::from(around.iter().copied().fold(i8::MIN, i8::max));
            if level > bound.level && (ratio >= least || !known) {
                bound = Bound { level, known };
            }
        }
        bound
    }
}
