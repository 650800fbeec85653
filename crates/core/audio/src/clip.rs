//! A prompt, encoded once as the frames that go on the wire, so that all calls share its octets.

use crate::{Codec, FRAME, FRAME_TIME};
use std::{fmt, time::Duration};

/// A prompt in 160-octet frames for each codec. Share it by `Arc`.
pub struct Clip {
    pcma: Box<[u8]>,
    pcmu: Box<[u8]>,
}

impl Clip {
    /// Encodes 8 kHz mono samples; the last frame is filled with silence.
    pub fn from_pcm(samples: &[i16]) -> Self {
        Self { pcma: frames_of(Codec::Pcma, samples), pcmu: frames_of(Codec::Pcmu, samples) }
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
