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
        let around = loudest_around(said);
        let of_known = |place: usize, level: f32| if self.met[place] >= KNOWN { level } else { f32::MIN };
        let least = highest(|place| of_known(place, self.ratio[place])) - NEAR;
        let level = |place: usize| self.ratio[place] + around[place];
        let near = |place: usize| if self.ratio[place] >= least { level(place) } else { f32::MIN };
        let known = highest(|place| of_known(place, near(place)));
        let unknown = highest(|place| if self.met[place] >= KNOWN { f32::MIN } else { level(place) });
        if known >= unknown {
            Bound { level: known, known: true }
        } else {
            Bound { level: unknown, known: false }
        }
    }
}

/// A slot's sound may lie across two: the loudest of each place and its neighbours.
fn loudest_around(said: &[i8; LAGS]) -> [f32; LAGS] {
    let mut around = [i8::MIN; LAGS + 2];
    around[1..=LAGS].copy_from_slice(said);
    std::array::from_fn(|place| f32::from(around[place].max(around[place + 1]).max(around[place + 2])))
}

/// Places that are compared side by side.
const LANES: usize = 8;
const _: () = assert!(LAGS.is_multiple_of(LANES));

/// The highest of what there is at the places.
fn highest(at: impl Fn(usize) -> f32) -> f32 {
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    let mut lanes = [f32::MIN; LANES];
    for row in 0..LAGS / LANES {
        for (lane, most) in lanes.iter_mut().enumerate() {
            *most = larger(at(row * LANES + lane), *most);
        }
    }
    lanes.into_iter().fold(f32::MIN, larger)
}
