//! Loudness as telephony counts it: dBm0, where the loudest A-law sine is +3.14 (ITU-T G.711 table 5).

/// Mean square of the samples: cheap to compare, no logarithm.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Level(pub f32);

/// Decibels above the digital milliwatt.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Dbm0(pub f32);

/// Root mean square of a 0 dBm0 sine in 16-bit samples: 32768 / √2 / 10^(3.14/20).
const RMS_AT_0_DBM0: f32 = 16_142.0;

/// Squares that are added side by side.
const LANES: usize = 8;

impl Level {
    /// The level of some samples; of none, silence.
    pub fn of(samples: &[i16]) -> Self {
        let square = |sample: i16| f32::from(sample) * f32::from(sample);
        let (rows, rest) = samples.as_chunks::<LANES>();
        let mut squares = [0.0_f32; LANES];
        for row in rows {
            for (sum, &sample) in squares.iter_mut().zip(row) {
                *sum += square(sample);
            }
        }
        let sum = squares.iter().sum::<f32>() + rest.iter().copied().map(square).sum::<f32>();
        Self(sum / samples.len().max(1) as f32)
    }
}

impl Dbm0 {
    /// Root mean square amplitude in 16-bit samples.
    pub fn rms(self) -> f32 {
        RMS_AT_0_DBM0 * 10_f32.powf(self.0 / 20.0)
    }

    /// In whole decibels, as far as an octet reaches.
    pub fn whole(self) -> i8 {
        // A cast saturates.
        self.0.round() as i8
    }

    /// The same as a mean square.
    pub fn level(self) -> Level {
        Level(self.rms() * self.rms())
    }
}

impl From<Level> for Dbm0 {
    fn from(level: Level) -> Self {
        Self(10.0 * (level.0.max(1e-3) / (RMS_AT_0_DBM0 * RMS_AT_0_DBM0)).log10())
    }
}
