//! Sounds to be heard: espeak-ng's voices, music made of chords, and what a line does to both.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod echo;

use audio::{Codec, Dbm0, FRAME, Level, synth};
use hearing::{Bench, Echo, Finding, Library, Limits, Listener};
use std::{
    f32::consts::TAU,
    io::Write as _,
    process::{Command, Stdio},
};

/// A voice of espeak-ng.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    pub(crate) name: &'static str,
    pub(crate) pitch: u32,
    pub(crate) words_a_minute: u32,
}

pub(crate) const MANDARIN: Voice = Voice { name: "cmn-latn-pinyin", pitch: 50, words_a_minute: 150 };

/// Eight kHz samples of a text.
pub(crate) fn spoken(voice: Voice, text: &str) -> Vec<i16> {
    let mut speaker = Command::new("espeak-ng")
        .args(["-v", voice.name, "-p", &voice.pitch.to_string(), "-s", &voice.words_a_minute.to_string()])
        .args(["--stdout", text])
        .stdout(Stdio::piped())
        .spawn()
        .expect("espeak-ng is installed");
    let narrow = Command::new("sox")
        .args(["-q", "-t", "wav", "-", "-r", "8000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-"])
        .args(["gain", "-6"])
        .stdin(speaker.stdout.take().unwrap())
        .stderr(Stdio::null())
        .output()
        .expect("sox is installed");
    assert!(speaker.wait().unwrap().success() && narrow.status.success(), "{voice:?} said no {text}");
    std::io::stdout().flush().unwrap();
    narrow.stdout.as_chunks::<2>().0.iter().map(|&octets| i16::from_le_bytes(octets)).collect()
}

/// Without the quiet before and behind it.
pub(crate) fn trimmed(sound: &[i16]) -> Vec<i16> {
    let loud = |sample: &i16| sample.unsigned_abs() > 300;
    let first = sound.iter().position(loud).unwrap_or(0);
    let last = sound.iter().rposition(loud).unwrap_or(0);
    sound[first..=last].to_vec()
}

/// As loud as asked for, over its parts that are no pauses.
pub(crate) fn at_level(sound: &[i16], level: Dbm0) -> Vec<i16> {
    let loud: Vec<i16> = sound
        .chunks(FRAME)
        .filter(|frame| Dbm0::from(Level::of(frame)).0 > -40.0)
        .flatten()
        .copied()
        .collect();
    let gain = level.rms() / Level::of(&loud).0.sqrt().max(1.0);
    sound.iter().map(|&sample| (f32::from(sample) * gain).clamp(-32768.0, 32767.0) as i16).collect()
}

pub(crate) fn mixed(one: &[i16], other: &[i16]) -> Vec<i16> {
    one.iter().zip(other).map(|(a, b)| a.saturating_add(*b)).collect()
}

/// With white noise of a level behind it.
pub(crate) fn noisy(sound: &[i16], seed: u64, level: Dbm0) -> Vec<i16> {
    mixed(sound, &synth::noise(seed, level, (sound.len() / 8 + 1) as u32))
}

/// Coded and decoded.
pub(crate) fn through(codec: Codec, sound: &[i16]) -> Vec<i16> {
    let octets: Vec<u8> = sound.iter().map(|&sample| codec.encode(sample)).collect();
    let mut samples = vec![0; octets.len()];
    codec.decode(&octets, &mut samples);
    samples
}

/// A tune with chords and a beat under it, different for each seed.
pub(crate) fn music(seed: u64, level: Dbm0, millis: u32) -> Vec<i16> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut dice = move |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    let scale = [0, 2, 4, 5, 7, 9, 11];
    let hertz = |note: i32| 220.0 * 2_f32.powf(note as f32 / 12.0);
    let beat = 8 * (220 + dice(300) as usize);
    let count = millis as usize * 8;
    let mut sound = vec![0.0_f32; count];
    let (mut chord, mut melody) = (0, 7);
    for (n, at) in (0..count).step_by(beat).enumerate() {
        if n % 4 == 0 {
            chord = [0, 3, 4, 5][dice(4) as usize];
        }
        melody = (melody + dice(5) as i32 - 2).clamp(3, 16);
        let pitch = |step: i32| hertz(scale[step.rem_euclid(7) as usize] + 12 * step.div_euclid(7));
        let voices =
            [(pitch(melody), 0.5), (pitch(chord), 0.25), (pitch(chord + 2), 0.2), (pitch(chord + 4), 0.2)];
        for (k, sample) in sound[at..].iter_mut().take(beat).enumerate() {
            let time = k as f32 / 8000.0;
            for (pitch, loud) in voices {
                let fade = (-3.0 * time).exp();
                let tone = (TAU * pitch * time).sin()
                    + 0.4 * (TAU * 2.0 * pitch * time).sin()
                    + 0.2 * (TAU * 3.0 * pitch * time).sin();
                *sample += loud * fade * tone;
            }
            if n % 2 == 0 && k < 400 {
                *sample += 0.4 * (dice(2000) as f32 / 1000.0 - 1.0) * (1.0 - k as f32 / 400.0);
            }
        }
    }
    let raw: Vec<i16> = sound.iter().map(|sample| (sample * 6000.0) as i16).collect();
    let gain = level.rms() / Level::of(&raw).0.sqrt();
    raw.iter().map(|&sample| (f32::from(sample) * gain).clamp(-32768.0, 32767.0) as i16).collect()
}

/// Where on the leg's clock a line's first packet lies.
const BEGIN: i64 = 40_000;

/// A line: when it was answered, and which packets arrive.
pub(crate) struct Line<'a> {
    pub(crate) limits: Limits,
    pub(crate) library: &'a Library,
    pub(crate) answered: Option<usize>,
    pub(crate) arrives: &'a dyn Fn(usize) -> bool,
}

impl<'a> Line<'a> {
    pub(crate) fn early(library: &'a Library) -> Self {
        Self { limits: Limits::default(), library, answered: None, arrives: &|_| true }
    }

    pub(crate) fn answered(library: &'a Library) -> Self {
        Self { answered: Some(0), ..Self::early(library) }
    }

    /// All that is told of a sound, in order.
    pub(crate) fn tells(&self, sound: &[i16]) -> Vec<Finding> {
        let (mut listener, mut bench) = (Listener::new(self.limits, self.library), Bench::default());
        let mut told = Vec::new();
        for (n, frame) in sound.chunks(FRAME).enumerate().filter(|(n, _)| (self.arrives)(*n)) {
            let at = n * FRAME;
            if self.answered.is_some_and(|answered| at >= answered) {
                listener.answered(BEGIN + self.answered.unwrap_or(0) as i64);
            }
            listener.hear(
                BEGIN + at as i64,
                frame,
                (self.library, &mut bench),
                &Echo::default(),
                |finding| {
                    told.push(Finding { from: finding.from - BEGIN, to: finding.to - BEGIN, ..finding });
                },
            );
        }
        told
    }
}

/// The findings that stand at the end.
pub(crate) fn standing(told: &[Finding]) -> Vec<Finding> {
    let mut standing: Vec<Finding> = Vec::new();
    for finding in told {
        standing.retain(|earlier| !earlier.what.is_about(finding.what));
        if finding.confidence > 0 {
            standing.push(*finding);
        }
    }
    standing
}

/// Drops packets at random, the same for the same seed.
pub(crate) fn losing(percent: u32, seed: u64) -> impl Fn(usize) -> bool {
    move |packet| {
        let mut state = (packet as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ seed.wrapping_mul(0xD1B5_4A32_D192_ED03);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (state >> 33) % 100 >= u64::from(percent)
    }
}
