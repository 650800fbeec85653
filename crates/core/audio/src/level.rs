//! Loudness as telephony counts it: dBm0, where the loudest A-law sine is +3.14 (ITU-T G.711 table 5).

/// Mean square of the samples: cheap to compare, no logarithm.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Level(pub f32);

/// Decibels above the digital milliwatt.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Dbm0(pub f32);

/// Root mean square of a 0 dBm0 sine in 16-bit samples: 32768 / √2 / 10^(3.14/20).
const RMS_AT_0_DBM0: f32 = 16_142.0;

impl Level {
    /// The level of some samples; of none, silence.
    pub fn of(samples: &[i16]) -> Self {
        let sum: i64 = samples.iter().map(|&s| i64::from(i32::from(s) * i32::from(s))).sum();
        Self(sum as f32 / samples.len().max(1) as f32)
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
