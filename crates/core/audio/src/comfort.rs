//! Comfort noise (RFC 3389): a sender that falls silent names the level of the noise to be heard meanwhile.

use crate::Stamp;

/// The static payload type (RFC 3551 table 4).
pub(crate) const PAYLOAD_TYPE: u8 = 13;

/// White noise of one level. The spectrum that a sender may add is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComfortNoise {
    /// Largest sample; evenly spread, so that the root mean square is this over √3.
    amplitude: i32,
    state: u32,
}

impl ComfortNoise {
    /// Reads a payload: the first octet is the level, in −dBov (section 3); one without is no noise.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let level = f32::from(*payload.first()? & 0x7F);
        let rms = f32::from(i16::MAX) * 10_f32.powf(-level / 20.0);
        let amplitude = (rms * 3_f32.sqrt()).min(f32::from(i16::MAX)) as i32;
        Some(Self { amplitude, state: 0x9E37_79B9 })
    }

    /// The next samples of it.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            // xorshift32: even enough for noise that only has to be heard as such.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 17;
            self.state ^= self.state << 5;
            let even = (self.state >> 16) as i32 - 32_768;
            *sample = (even * self.amplitude / 32_768) as i16;
        }
    }
}

/// A silence being filled: from its beginning to where it was filled last.
#[derive(Debug)]
pub struct Silence {
    began: Stamp,
    noise: ComfortNoise,
    filled: i64,
}

impl Silence {
    /// A silence that begins at a position, with that packet.
    pub fn new(began: &Stamp, noise: ComfortNoise, from: i64) -> Self {
        Self { began: *began, noise, filled: from }
    }

    /// Whether sound ends it: what was sent before it may come behind it.
    pub fn is_over(&self, sound: &Stamp) -> bool {
        sound.stream != self.began.stream || sound.sequence > self.began.sequence
    }

    /// The noise of what has passed since the last time, and its position: as much of it as `samples` has room for.
    pub fn until<'a>(&mut self, to: i64, samples: &'a mut [i16]) -> (i64, &'a [i16]) {
        let length = (to - self.filled).clamp(0, samples.len() as i64);
        let position = self.filled;
        self.filled += length;
        let samples = &mut samples[..length as usize];
        self.noise.fill(samples);
        (position, samples)
    }
}
