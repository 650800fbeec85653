//! A prompt, encoded once as the frames that go on the wire, so that all calls share its octets.

use crate::{Codec, Dbm0, FRAME, FRAME_TIME, Level, ToneKey, ToneKeys};
use std::{fmt, ops::Range, time::Duration};

/// A prompt in 160-octet frames for each codec. Share it by `Arc`.
pub struct Clip {
    pcma: Box<[u8]>,
    pcmu: Box<[u8]>,
    /// Two a frame.
    loudness: Box<[i8]>,
    /// Key tones in the prompt's own sound, and the frames they lie in.
    keys: Box<[(Range<usize>, char)]>,
}

/// Samples from one loudness to the next.
const HOP: usize = FRAME / 2;

impl Clip {
    /// Encodes 8 kHz mono samples; the last frame is filled with silence.
    pub fn from_pcm(samples: &[i16]) -> Self {
        Self {
            pcma: frames_of(Codec::Pcma, samples),
            pcmu: frames_of(Codec::Pcmu, samples),
            loudness: loudness_of(samples),
            keys: keys_in(samples),
        }
    }

    /// How many frames there are.
    pub fn frames(&self) -> usize {
        self.pcma.len() / FRAME
    }

    /// Frame `index` as `codec` sends it, or `None` behind the end.
    pub fn frame(&self, codec: Codec, index: usize) -> Option<&[u8]> {
        let octets = match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        };
        octets.get(index.checked_mul(FRAME)?..)?.get(..FRAME)
    }

    /// How loud the 20 ms are that begin with frame `index`, and those that begin in its middle, in whole dBm0:
    /// what an echo of the prompt is told by.
    pub fn loudness(&self, index: usize) -> Option<[i8; 2]> {
        let frame = self.loudness.get(index.checked_mul(2)?..)?.first_chunk()?;
        Some(*frame)
    }

    /// The key whose tones frame `index` has in its sound: one that the line may send back.
    pub fn key(&self, index: usize) -> Option<char> {
        self.keys.iter().find(|(frames, _)| frames.contains(&index)).map(|(_, digit)| *digit)
    }

    /// How long it plays.
    pub fn duration(&self) -> Duration {
        FRAME_TIME * self.frames() as u32
    }
}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clip({:?})", self.duration())
    }
}

fn frames_of(codec: Codec, samples: &[i16]) -> Box<[u8]> {
    let mut octets: Vec<u8> = samples.iter().map(|&sample| codec.encode(sample)).collect();
    octets.resize(samples.len().next_multiple_of(FRAME), codec.silence());
    octets.into()
}

fn loudness_of(samples: &[i16]) -> Box<[i8]> {
    let window = |at: usize| &samples[at.min(samples.len())..(at + FRAME).min(samples.len())];
    let all = (0..samples.len().next_multiple_of(FRAME)).step_by(HOP);
    // A last window that the prompt does not fill ends in silence.
    let level = |at: usize| Level(Level::of(window(at)).0 * window(at).len() as f32 / FRAME as f32);
    all.map(|at| Dbm0::from(level(at)).whole()).collect()
}

fn keys_in(samples: &[i16]) -> Box<[(Range<usize>, char)]> {
    let (mut tones, mut keys) = (ToneKeys::default(), Vec::new());
    let mut note = |key| {
        if let ToneKey::Released { digit, from, to } = key {
            keys.push((from.max(0) as usize / FRAME..to.max(0) as usize / FRAME + 1, digit));
        }
    };
    tones.hear(0, samples, &mut note);
    // A key that the prompt ends with is released by the silence behind it.
    tones.hear(samples.len() as i64, &[0; FRAME * 5], &mut note);
    keys.into()
}
