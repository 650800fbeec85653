//! Sounds made, not recorded: call-progress tones, keys in-band, noise, and something like speech and music. The
//! virtual carrier plays them and the tests listen to them. All lengths are milliseconds.

mod music;

use crate::{Dbm0, RATE, Tone};
use std::f32::consts::{PI, SQRT_2};

/// Silence.
pub fn silence(millis: u32) -> Vec<i16> {
    vec![0; samples(millis)]
}

/// A sine, or several added, each at `level`.
pub fn sines(hertz: &[f32], level: Dbm0, millis: u32) -> Vec<i16> {
    let peak = level.rms() * SQRT_2;
    let sample =
        |n: usize| hertz.iter().map(|f| peak * (2.0 * PI * f * n as f32 / RATE as f32).sin()).sum::<f32>();
    (0..samples(millis)).map(|n| sample(n) as i16).collect()
}

/// On and off times of a tone, repeated for ever.
pub fn cadence(tone: Tone) -> &'static [u32] {
    match tone {
        Tone::Ringback => &[1000, 4000],
        Tone::Busy => &[350, 350],
        Tone::Congestion => &[700, 700],
        Tone::Unobtainable => &[100, 100, 100, 100, 100, 100, 400, 400],
    }
}

/// A call-progress tone of `hertz` (450 in China).
pub fn call_progress(tone: Tone, hertz: f32, level: Dbm0, millis: u32) -> Vec<i16> {
    let mut sound = Vec::with_capacity(samples(millis));
    for (index, &length) in cadence(tone).iter().cycle().enumerate() {
        if sound.len() >= samples(millis) {
            break;
        }
        sound.extend(if index % 2 == 0 { sines(&[hertz], level, length) } else { silence(length) });
    }
    sound.truncate(samples(millis));
    sound
}

/// A key's two tones (ITU-T Q.23), or nothing if it is no key.
pub fn key(digit: char, level: Dbm0, millis: u32) -> Option<Vec<i16>> {
    let place = "123A456B789C*0#D".find(digit)?;
    let low = [697.0, 770.0, 852.0, 941.0][place / 4];
    let high = [1209.0, 1336.0, 1477.0, 1633.0][place % 4];
    Some(sines(&[low, high], level, millis))
}

/// White noise, the same for the same seed.
pub fn noise(seed: u64, level: Dbm0, millis: u32) -> Vec<i16> {
    let mut dice = Dice(seed);
    let width = level.rms() * 3_f32.sqrt();
    (0..samples(millis)).map(|_| (dice.signed() * width) as i16).collect()
}

/// Syllables of a gliding voice with pauses between them: not words, but the energy, harmonics and rhythm
/// of speech, the same for the same seed.
pub fn babble(seed: u64, level: Dbm0, millis: u32) -> Vec<i16> {
    let mut dice = Dice(seed);
    let mut sound = Vec::with_capacity(samples(millis));
    while sound.len() < samples(millis) {
        let pitch = 90.0 + 160.0 * dice.unit();
        let glide = 1.0 + 0.4 * dice.signed();
        let length = 80 + (220.0 * dice.unit()) as u32;
        sound.extend(syllable(pitch, glide, 300.0 + 900.0 * dice.unit(), level, length));
        let pause = if dice.unit() < 0.2 { 250.0 } else { 50.0 } * dice.unit();
        sound.extend(silence(pause as u32));
    }
    sound.truncate(samples(millis));
    sound
}

/// Chords under a melody, as instruments with harmonics play them, the same for the same seed.
pub fn music(seed: u64, level: Dbm0, millis: u32) -> Vec<i16> {
    music::piece(seed, level, millis)
}

/// Harmonics of a gliding pitch, loudest around a formant, fading in and out.
fn syllable(pitch: f32, glide: f32, formant: f32, level: Dbm0, millis: u32) -> Vec<i16> {
    let count = samples(millis);
    let mut phase = 0.0_f32;
    let mut sample = |n: usize| {
        let part = n as f32 / count as f32;
        let now = pitch * (1.0 + (glide - 1.0) * part);
        phase += 2.0 * PI * now / RATE as f32;
        let voice: f32 = (1..=12_u8)
            .map(f32::from)
            .map(|h| (phase * h).sin() / (1.0 + ((now * h - formant) / 250.0).powi(2)))
            .sum();
        (voice * level.rms() * (PI * part).sin()) as i16
    };
    (0..count).map(&mut sample).collect()
}

fn samples(millis: u32) -> usize {
    (millis * (RATE / 1000)) as usize
}

/// Splitmix64: small, seeded and good enough to be heard.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn signed(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }
}
