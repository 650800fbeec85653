//! How loud speech is while somebody speaks: the active speech level of ITU-T P.56 (method B).

use crate::{Dbm0, Level, RATE};

/// Seconds over which the envelope is smoothed, twice.
const SMOOTHING: f32 = 0.03;
/// Samples of a pause that still belong to the speech before it: 200 ms.
const HANGOVER: u32 = RATE / 5;
/// What is less than this far below the active level is active, in decibels.
const MARGIN: f32 = 15.9;
/// Thresholds a factor of two apart, in 16-bit units.
const THRESHOLDS: usize = 15;

/// The level of the active parts of samples at 8 kHz, given in 16-bit units; `None` where nothing is said.
pub fn active_speech_level(samples: impl IntoIterator<Item = f32>) -> Option<Dbm0> {
    let smooth = (-1.0 / (SMOOTHING * RATE as f32)).exp();
    let (mut once, mut twice, mut energy) = (0.0_f32, 0.0_f32, 0.0_f64);
    let mut activity = [Activity::default(); THRESHOLDS];
    for sample in samples {
        energy += f64::from(sample * sample);
        once = smooth * once + (1.0 - smooth) * sample.abs();
        twice = smooth * twice + (1.0 - smooth) * once;
        for (activity, power) in activity.iter_mut().zip(0..) {
            activity.see(twice >= (1_u32 << power) as f32);
        }
    }
    // The level of what is active, and how far it lies over the threshold that says so.
    let levels =
        activity.iter().zip(0..).filter(|(activity, _)| activity.active > 0).map(|(activity, power)| {
            let level = Dbm0::from(Level((energy / f64::from(activity.active)) as f32)).0;
            let threshold = (1_u32 << power) as f32;
            (level, level - Dbm0::from(Level(threshold * threshold)).0 - MARGIN)
        });
    let levels: Vec<(f32, f32)> = levels.collect();
    let crossing = levels.windows(2).find(|pair| pair[0].1 >= 0.0 && pair[1].1 < 0.0)?;
    let [(below, over), (above, under)] = [crossing[0], crossing[1]];
    Some(Dbm0(below + (above - below) * over / (over - under)))
}

/// How long the envelope was over one threshold, hangovers included.
#[derive(Clone, Copy)]
struct Activity {
    active: u32,
    silent: u32,
}

impl Default for Activity {
    fn default() -> Self {
        Self { active: 0, silent: HANGOVER }
    }
}

impl Activity {
    fn see(&mut self, over: bool) {
        if over {
            self.silent = 0;
        } else if self.silent < HANGOVER {
            self.silent += 1;
        } else {
            return;
        }
        self.active += 1;
    }
}
