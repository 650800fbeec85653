//! Something like music: bars of chords under a melody, of instruments with harmonics, attack and decay.

use super::{Dice, samples};
use crate::{Dbm0, RATE};
use std::f32::consts::TAU;

/// Semitones of major and minor chords, and of the scale that melodies walk.
const CHORDS: [[i32; 3]; 2] = [[0, 4, 7], [0, 3, 7]];
const SCALE: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const HARMONICS: usize = 8;

/// A piece of at least `millis`, cut to it; the same for the same seed.
pub(super) fn piece(seed: u64, level: Dbm0, millis: u32) -> Vec<i16> {
    let mut dice = Dice(seed);
    let mut sound = Vec::with_capacity(samples(millis));
    while sound.len() < samples(millis) {
        let instrument = Instrument::pick(&mut dice);
        let beat = 250 + (dice.unit() * 350.0) as u32;
        for _ in 0..8 {
            sound.extend(bar(&mut dice, &instrument, beat, level));
        }
    }
    sound.truncate(samples(millis));
    sound
}

/// What its tones are made of.
struct Instrument {
    harmonics: [f32; HARMONICS],
    /// Seconds until a tone has fallen to a third; strings and winds hold theirs.
    decay: f32,
    vibrato: f32,
}

impl Instrument {
    fn pick(dice: &mut Dice) -> Self {
        let fall = 0.3 + 0.6 * dice.unit();
        let odd_only = dice.unit() < 0.2;
        let harmonic = |n: usize| if odd_only && n % 2 == 1 { 0.1 } else { 1.0 } * fall.powi(n as i32);
        Self {
            harmonics: std::array::from_fn(harmonic),
            decay: if dice.unit() < 0.5 { 0.3 } else { 5.0 },
            vibrato: if dice.unit() < 0.3 { 0.004 } else { 0.0 },
        }
    }

    /// Adds a note to a stretch of sound.
    fn play(&self, semitone: i32, from: usize, sound: &mut [f32]) {
        let hertz = 440.0 * 2_f32.powf((semitone - 69) as f32 / 12.0);
        let mut phase = 0.0;
        let length = sound.len() - from;
        for (n, sample) in sound[from..].iter_mut().enumerate() {
            let time = n as f32 / RATE as f32;
            let attack = (time / 0.01).min(1.0);
            let end = ((length - n) as f32 / 160.0).min(1.0);
            phase += TAU * hertz * (1.0 + self.vibrato * (TAU * 5.5 * time).sin()) / RATE as f32;
            let audible = self.harmonics.iter().zip(1_u8..).filter(|(_, h)| f32::from(*h) * hertz < 3600.0);
            let voice: f32 = audible.map(|(share, h)| share * (phase * f32::from(h)).sin()).sum();
            *sample += voice * attack * end * (-time / self.decay).exp();
        }
    }
}

fn bar(dice: &mut Dice, instrument: &Instrument, beat: u32, level: Dbm0) -> Vec<i16> {
    let mut sound = vec![0.0; samples(beat * 4)];
    let root = 45 + (dice.unit() * 12.0) as i32;
    let chord = CHORDS[usize::from(dice.unit() < 0.4)];
    for semitone in chord {
        instrument.play(root + semitone, 0, &mut sound);
    }
    let steps = if dice.unit() < 0.5 { 4 } else { 8 };
    for step in 0..steps {
        let degree = SCALE[(dice.unit() * 6.99) as usize];
        let octave = 24 + 12 * (dice.unit() * 2.99) as i32;
        let (from, until) = (sound.len() * step / steps, sound.len() * (step + 1) / steps);
        instrument.play(root + degree + octave, from, &mut sound[..until]);
    }
    let energy: f32 = sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
    let gain = level.rms() / energy.sqrt().max(1e-6);
    sound.into_iter().map(|sample| (sample * gain) as i16).collect()
}
