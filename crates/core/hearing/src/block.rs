//! Ten milliseconds of sound reduced to three sums: how loud, whether one steady tone, and of which frequency.

use audio::{Dbm0, Level, RATE};
use std::f32::consts::TAU;

/// Samples of a block.
pub(crate) const BLOCK: usize = RATE as usize / 100;

/// Sums over the samples' neighbours, by which one sine in white noise is told and measured at once.
///
/// A sine obeys `x[n] + x[n-2] = k x[n-1]` with `k = 2 cos(2πf)`, whatever its phase. Total least squares over the
/// two sides gives `k` without the noise's bias (Pisarenko's method), and what is left over is the noise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    /// Of squares of the middle sample.
    middle: f32,
    /// Of products of the middle sample and its neighbours' sum.
    cross: f32,
    /// Of squares of the neighbours' sum.
    outer: f32,
    /// Samples summed.
    count: f32,
}

/// One sine, as measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sine {
    pub(crate) hertz: f32,
    /// The part of the energy that is the sine's, 0 to 1.
    pub(crate) purity: f32,
}

impl Sums {
    pub(crate) fn of(block: &[i16; BLOCK]) -> Self {
        let (mut middle, mut cross, mut outer) = ([0.0_f32; 6], [0.0_f32; 6], [0.0_f32; 6]);
        // Thirteen rows of six are the 78 middles of a block; rows let the compiler add side by side.
        for row in 0..13 {
            let near = &block[row * 6..row * 6 + 8];
            let sums = middle.iter_mut().zip(&mut cross).zip(&mut outer);
            for (column, ((middle, cross), outer)) in sums.enumerate() {
                let here = f32::from(near[column + 1]);
                let around = f32::from(near[column]) + f32::from(near[column + 2]);
                *middle += here * here;
                *cross += here * around;
                *outer += around * around;
            }
        }
        let [middle, cross, outer] = [middle, cross, outer].map(|row| row.iter().sum::<f32>());
        Self { middle, cross, outer, count: (BLOCK - 2) as f32 }
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.middle += more.middle;
        self.cross += more.cross;
        self.outer += more.outer;
        self.count += more.count;
    }

    pub(crate) fn level(&self) -> Level {
        Level(self.middle / self.count.max(1.0))
    }

    pub(crate) fn is_louder_than(&self, floor: Dbm0) -> bool {
        self.level() > floor.level()
    }

    /// The sine that explains the sums best.
    pub(crate) fn sine(&self) -> Sine {
        let Self { middle, cross, outer, .. } = *self;
        if middle <= 0.0 {
            return Sine { hertz: 0.0, purity: 0.0 };
        }
        let lean = outer - 2.0 * middle;
        let root = (lean * lean + 8.0 * cross * cross).sqrt();
        // Two forms of one root: each is exact where the other takes a difference of equals.
        let turn = if lean > 0.0 { (lean + root) / (2.0 * cross) } else { 4.0 * cross / (root - lean) };
        let turn = if turn.is_finite() { turn.clamp(-2.0, 2.0) } else { 0.0 };
        let left = (outer - 2.0 * turn * cross + turn * turn * middle) / (2.0 + turn * turn);
        let hertz = (turn / 2.0).acos() / TAU * RATE as f32;
        Sine { hertz, purity: (1.0 - left / middle).clamp(0.0, 1.0) }
    }
}

/// The mean square that a block owes to a pitch and 50 Hz around it (Goertzel's filter).
pub(crate) fn power_at(hertz: f32, block: &[i16; BLOCK]) -> f32 {
    let turn = 2.0 * (TAU * hertz / RATE as f32).cos();
    let (mut last, mut before) = (0.0_f32, 0.0_f32);
    for &sample in block {
        (last, before) = (turn * last - before + f32::from(sample), last);
    }
    let power = last * last + before * before - turn * last * before;
    2.0 * power / (BLOCK * BLOCK) as f32
}

/// One pitch that many blocks are compared with, as its two waves.
pub(crate) struct Pitch {
    cosine: [f32; BLOCK],
    sine: [f32; BLOCK],
}

/// Numbers that are added side by side; a block is ten rows of them.
const LANES: usize = 8;

impl Pitch {
    pub(crate) fn of(hertz: f32) -> Self {
        let angle = |at: usize| TAU * hertz * at as f32 / RATE as f32;
        Self {
            cosine: std::array::from_fn(|at| angle(at).cos()),
            sine: std::array::from_fn(|at| angle(at).sin()),
        }
    }

    /// The mean square that a block owes to the pitch and 50 Hz around it, as [`power_at`] tells of any pitch.
    pub(crate) fn power_in(&self, block: &[i16; BLOCK]) -> f32 {
        let (mut cosines, mut sines) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        let waves = self.cosine.as_chunks::<LANES>().0.iter().zip(self.sine.as_chunks::<LANES>().0);
        for (row, (cosine, sine)) in block.as_chunks::<LANES>().0.iter().zip(waves) {
            for lane in 0..LANES {
                let sample = f32::from(row[lane]);
                cosines[lane] += sample * cosine[lane];
                sines[lane] += sample * sine[lane];
            }
        }
        let (real, imaginary) = (cosines.iter().sum::<f32>(), sines.iter().sum::<f32>());
        2.0 * (real * real + imaginary * imaginary) / (BLOCK * BLOCK) as f32
    }
}

/// Collects samples until they make a block.
#[derive(Debug)]
pub(crate) struct Filling {
    block: [i16; BLOCK],
    filled: usize,
}

impl Default for Filling {
    fn default() -> Self {
        Self { block: [0; BLOCK], filled: 0 }
    }
}

impl Filling {
    /// Samples that wait for the rest of their block.
    pub(crate) fn waiting(&self) -> usize {
        self.filled
    }

    /// Takes samples, and gives each block that they complete.
    pub(crate) fn fill(&mut self, mut samples: &[i16], mut take: impl FnMut(&[i16; BLOCK])) {
        while let Some((part, rest)) = samples.split_at_checked(BLOCK - self.filled) {
            if let Some(block) = part.as_array() {
                take(block);
            } else {
                self.block[self.filled..].copy_from_slice(part);
                take(&self.block);
            }
            (self.filled, samples) = (0, rest);
        }
        self.block[self.filled..][..samples.len()].copy_from_slice(samples);
        self.filled += samples.len();
    }
}

/// Cuts packets into blocks by position.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    filling: Filling,
    next: Option<i64>,
}

/// What a cutter gives.
pub(crate) enum Cut<'a> {
    /// A block that begins at a position.
    Block(i64, &'a [i16; BLOCK]),
    /// So many blocks were lost.
    Missing(u32),
}

impl Cutter {
    /// Takes one packet. A packet from before the last one is left out; one from far before begins anew.
    pub(crate) fn cut(&mut self, position: i64, samples: &[i16], mut take: impl FnMut(Cut<'_>)) {
        let expected = self.next.unwrap_or(position);
        // A clock correction lays a packet a few samples over the one before it.
        let is_late = position + samples.len() as i64 <= expected;
        if is_late && expected - position < i64::from(RATE) {
            return;
        }
        self.next = Some(position + samples.len() as i64);
        let missing = (position - expected).max(0) / BLOCK as i64;
        if missing > 0 {
            take(Cut::Missing(missing.min(i64::from(u32::MAX)) as u32));
        }
        let mut begins = position - self.filling.waiting() as i64;
        self.filling.fill(samples, |block| {
            take(Cut::Block(begins, block));
            begins += BLOCK as i64;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audio::synth;

    fn sums(sound: &[i16]) -> Sums {
        let mut all = Sums::default();
        for block in sound.as_chunks::<BLOCK>().0 {
            all.add(&Sums::of(block));
        }
        all
    }

    #[test]
    fn one_block_of_a_clean_sine_has_its_frequency() {
        for hertz in [300.0, 450.0, 913.8, 1100.0, 1400.0, 1776.7, 1999.0, 2000.0, 2100.0, 3000.0] {
            for level in [0.0, -10.0, -25.0] {
                let sound = synth::sines(&[hertz], Dbm0(level), 10);
                let sine = sums(&sound).sine();
                assert!((sine.hertz - hertz).abs() < 4.0, "{hertz} Hz at {level}: {sine:?}");
                assert!(sine.purity > 0.99, "{hertz} Hz at {level}: {sine:?}");
            }
        }
    }

    #[test]
    fn noise_moves_the_purity_and_not_the_frequency() {
        for hertz in [450.0, 950.0, 1800.0, 2100.0] {
            let tone = synth::sines(&[hertz], Dbm0(-10.0), 300);
            let noise = synth::noise(7, Dbm0(-25.0), 300);
            let sound: Vec<i16> = tone.iter().zip(noise).map(|(a, b)| a + b).collect();
            let sine = sums(&sound).sine();
            assert!((sine.hertz - hertz).abs() < 8.0, "{hertz}: {sine:?}");
            assert!((0.95..0.985).contains(&sine.purity), "{hertz}: {sine:?}");
        }
    }

    #[test]
    fn noise_is_not_pure_and_a_key_has_no_power_at_the_pitch_measured() {
        let sines = (0..9).map(|seed| sums(&synth::noise(seed, Dbm0(-10.0), 50)).sine());
        for sine in sines {
            assert!(sine.purity < 0.6, "{sine:?}");
        }
        for digit in "159D*0#".chars() {
            let key = synth::key(digit, Dbm0(-10.0), 10).unwrap();
            let block = key.as_array::<BLOCK>().unwrap();
            let (sums, sine) = (Sums::of(block), Sums::of(block).sine());
            assert!(power_at(sine.hertz, block) < 0.6 * sums.level().0, "{digit}: {sine:?}");
        }
    }

    #[test]
    fn a_pitch_that_is_kept_finds_the_power_that_one_worked_out_anew_finds() {
        let pitch = Pitch::of(450.0);
        for sound in [synth::sines(&[450.0], Dbm0(-10.0), 50), synth::noise(3, Dbm0(-20.0), 50)] {
            for block in sound.as_chunks::<BLOCK>().0 {
                let (kept, anew) = (pitch.power_in(block), power_at(450.0, block));
                assert!((kept - anew).abs() <= 0.001 * Level::of(block).0, "{kept} {anew}");
            }
        }
    }

    #[test]
    fn the_power_of_a_sine_lies_at_its_pitch() {
        let tone = synth::sines(&[1000.0], Dbm0(-10.0), 10);
        let block = tone.as_array::<BLOCK>().unwrap();
        let all = Sums::of(block).level().0;
        for (hertz, least, most) in [(1000.0, 0.95, 1.05), (1020.0, 0.8, 0.95), (1100.0, 0.0, 0.05)] {
            let part = power_at(hertz, block) / all;
            assert!((least..=most).contains(&part), "{hertz}: {part}");
        }
    }
}
