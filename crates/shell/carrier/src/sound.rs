//! What comes out of a customer's mouth, or an exchange: noise floor, speech, 450 Hz tones, clips.

use std::f32::consts::TAU;
use std::sync::Arc;

use crate::rtp::FRAME;
use crate::script::ToneName;

const RATE: f32 = 8000.0;

/// A sound being made, sample by sample.
#[derive(Debug, Clone)]
pub(crate) enum Sound {
    /// A quiet line.
    Floor,
    /// A murmur with the rhythm and spectrum of speech.
    Murmur,
    /// A 450 Hz tone with its cadence.
    Tone(ToneName),
    /// A steady 1 kHz beep.
    Beep,
    /// Recorded samples, then a quiet line.
    Clip(Arc<[i16]>),
}

/// Makes sound in frames of 20 ms.
#[derive(Debug)]
pub(crate) struct Voice {
    sound: Sound,
    at: usize,
    noise: u32,
}

impl Voice {
    /// A quiet one. The seed tells the noise of calls apart.
    pub(crate) fn new(seed: u32) -> Self {
        Self { sound: Sound::Floor, at: 0, noise: seed | 1 }
    }

    /// Changes to another sound, from its beginning.
    pub(crate) fn start(&mut self, sound: Sound) {
        self.sound = sound;
        self.at = 0;
    }

    /// The next 20 ms.
    pub(crate) fn frame(&mut self) -> [i16; FRAME] {
        std::array::from_fn(|_| {
            let sample = self.sample();
            self.at += 1;
            sample
        })
    }

    fn sample(&mut self) -> i16 {
        let floor = self.floor();
        let seconds = self.at as f32 / RATE;
        let signal = match &self.sound {
            Sound::Murmur => murmur(seconds),
            Sound::Tone(name) if sounds(*name, seconds) => 0.16 * (TAU * 450.0 * seconds).sin(),
            Sound::Floor | Sound::Tone(_) => 0.0,
            Sound::Beep => 0.25 * (TAU * 1000.0 * seconds).sin(),
            Sound::Clip(samples) => return samples.get(self.at).copied().unwrap_or(floor),
        };
        floor.saturating_add((signal * f32::from(i16::MAX)) as i16)
    }

    /// Line noise at about −66 dBFS.
    fn floor(&mut self) -> i16 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        (self.noise % 57) as i16 - 28
    }
}

/// Harmonics of a moving pitch under a syllable rhythm of 4 Hz, about −20 dBFS, with a short
/// breath every two seconds.
fn murmur(seconds: f32) -> f32 {
    if seconds % 2.0 > 1.8 {
        return 0.0;
    }
    let syllable = (0.5 - 0.5 * (TAU * 4.0 * seconds).cos()).powf(0.6);
    // The integral of a pitch of 140 Hz that sways by 15 Hz three times in two seconds.
    let phase = TAU * 140.0 * seconds - 10.0 * (TAU * 1.5 * seconds).cos();
    let voice: f32 = (1..=16)
        .map(|harmonic: u8| {
            let harmonic = f32::from(harmonic);
            let frequency = 140.0 * harmonic;
            let formants = bump(frequency, 600.0, 200.0) + 0.6 * bump(frequency, 1500.0, 300.0) + 0.08;
            formants * (phase * harmonic).sin()
        })
        .sum();
    0.07 * syllable * voice
}

fn bump(frequency: f32, centre: f32, width: f32) -> f32 {
    (-((frequency - centre) / width).powi(2)).exp()
}

/// Whether a tone is on at a moment of its cadence.
fn sounds(name: ToneName, seconds: f32) -> bool {
    let on_off = |on: f32, off: f32| seconds % (on + off) < on;
    match name {
        ToneName::RingBack => on_off(1.0, 4.0),
        ToneName::Busy => on_off(0.35, 0.35),
        ToneName::Congestion => on_off(0.7, 0.7),
        ToneName::Unobtainable => match seconds % 1.4 {
            short if short < 0.6 => short % 0.2 < 0.1,
            long => long < 1.0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ear::level;

    fn levels(sound: Sound, frames: usize) -> Vec<f32> {
        let mut voice = Voice::new(1);
        voice.start(sound);
        (0..frames).map(|_| level(&voice.frame())).collect()
    }

    #[test]
    fn a_murmur_is_as_loud_as_speech_and_the_floor_is_not() {
        let loud = levels(Sound::Murmur, 90).into_iter().filter(|&db| db > -30.0).count();
        assert!(loud > 60, "{loud}");
        assert!(levels(Sound::Floor, 90).into_iter().all(|db| db < -55.0));
    }

    #[test]
    fn the_unobtainable_tone_is_three_short_bursts_and_a_long_one() {
        let on: String = levels(Sound::Tone(ToneName::Unobtainable), 70)
            .into_iter()
            .map(|db| if db > -40.0 { '#' } else { '.' })
            .collect();
        let (short, long) = ("#####.....", "####################....................");
        assert_eq!(on, format!("{short}{short}{short}{long}"));
    }

    #[test]
    fn a_clip_is_followed_by_the_quiet_line() {
        let heard = levels(Sound::Clip(Arc::from(vec![8000_i16; 320])), 4);
        assert!(heard[1] > -20.0 && heard[2] < -55.0, "{heard:?}");
    }
}
