//! Whether 25 ms of sound are two steady tones and nothing else, as only a key makes them.
//!
//! Both tones are measured exactly (frequency by the turn of the phase, level, phase) and taken out. What is left
//! is noise and distortion on a telephone line, but half of the energy of a vowel whose harmonics merely came near.

use super::{Key, may_be_a_key, spectrum::Complex};
use crate::{Dbm0, Level, RATE};
use std::{
    array::from_fn,
    f32::consts::{PI, TAU},
    sync::LazyLock,
};

/// Samples that are looked at.
pub(super) const PROVED: usize = 200;
/// The frequencies are measured between two parts this long, and this far apart: ±66 Hz are told apart.
const PART: usize = 140;
const APART: usize = PROVED - PART;

/// Q.24: within 1.5 % a key is to be taken, beyond 3.5 % none is.
const OFF: f32 = 0.025;
/// High over low, in dB; Q.24: −8 to +4.
const TWIST: (f32, f32) = (-9.0, 5.0);
/// The part of the energy that may be left once both tones are out: 10 dB of noise.
const LEFT: f32 = 0.1;
/// The part of a tone that its second harmonic may be: −20 dB. Keys have none, voices do.
const HARMONIC: f32 = 0.01;

struct Tone {
    hertz: f32,
    /// Amplitude and phase at the first sample.
    at: Complex,
}

/// Whether the samples are the key's tones.
pub(super) fn proves(samples: &[i16; PROVED], key: Key) -> bool {
    let mut sound: [f32; PROVED] = from_fn(|n| f32::from(samples[n]));
    let energy = energy(&sound);
    let (low, high) = key.hertz();
    let (Some(low), Some(high)) = (Tone::near(&sound, low), Tone::near(&sound, high)) else { return false };
    if !may_be_a_key(low.level(), high.level(), TWIST) {
        return false;
    }
    low.take_out_of(&mut sound);
    high.take_out_of(&mut sound);
    let left = self::energy(&sound);
    left <= LEFT * energy && [low, high].iter().all(|tone| tone.is_without_harmonic(&sound))
}

impl Tone {
    /// The tone near `nominal`, unless it is too far off.
    fn near(sound: &[f32; PROVED], nominal: f32) -> Option<Self> {
        let first = correlate(&sound[..PART], &WINDOWS.part, nominal);
        let second = correlate(&sound[APART..], &WINDOWS.part, nominal);
        let expected = Complex::turned(-TAU * nominal * APART as f32 / RATE as f32);
        let turn = (second * first.conjugate() * expected).angle();
        let off = turn * RATE as f32 / (TAU * APART as f32);
        let hertz = nominal + off;
        (off.abs() <= nominal * OFF).then(|| Self { hertz, at: amplitude(sound, hertz) })
    }

    fn level(&self) -> Dbm0 {
        Dbm0::from(Level(self.at.power() / 2.0))
    }

    fn take_out_of(&self, sound: &mut [f32; PROVED]) {
        let step = Complex::turned(TAU * self.hertz / RATE as f32);
        let mut at = self.at;
        for sample in sound {
            *sample -= at.re;
            at = at * step;
        }
    }

    fn is_without_harmonic(&self, left: &[f32; PROVED]) -> bool {
        amplitude(left, 2.0 * self.hertz).power() <= HARMONIC * self.at.power()
    }
}

/// Amplitude and phase of a tone over all samples.
fn amplitude(sound: &[f32; PROVED], hertz: f32) -> Complex {
    let sum: f32 = WINDOWS.whole.iter().sum();
    correlate(sound, &WINDOWS.whole, hertz).scaled(2.0 / sum)
}

fn correlate(sound: &[f32], window: &[f32], hertz: f32) -> Complex {
    let step = Complex::turned(-TAU * hertz / RATE as f32);
    let mut wave = Complex { re: 1.0, im: 0.0 };
    let mut sum = Complex::default();
    for (sample, weight) in sound.iter().zip(window) {
        sum = sum + wave.scaled(sample * weight);
        wave = wave * step;
    }
    sum
}

fn energy(sound: &[f32; PROVED]) -> f32 {
    sound.iter().zip(&WINDOWS.whole).map(|(sample, weight)| sample * sample * weight).sum()
}

struct Windows {
    whole: [f32; PROVED],
    part: [f32; PART],
}

static WINDOWS: LazyLock<Windows> = LazyLock::new(|| Windows { whole: hann(), part: hann() });

fn hann<const N: usize>() -> [f32; N] {
    from_fn(|n| {
        let sine = (PI * (n as f32 + 0.5) / N as f32).sin();
        sine * sine
    })
}
