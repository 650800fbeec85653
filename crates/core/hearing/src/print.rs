//! One print: 32 bits that say how the sound's colour changes (after Haitsma and Kalker, "A Highly Robust Audio
//! Fingerprinting System", 2002). Loudness, coding and noise change few of them.

use crate::bench::Energies;
use audio::{Dbm0, Level};

/// Bits that hang on less than this part of their energies are not worth comparing.
const RELIABLE: f32 = 0.06;
/// Windows quieter than this say nothing.
const AUDIBLE: Dbm0 = Dbm0(-50.0);

/// The print of one window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Print {
    pub(crate) bits: u32,
    /// How much each bit hangs on, 0 to 1.
    weights: [f32; 32],
    energy: f32,
}

impl Print {
    /// Of a window and the one before it: bit `m` tells whether band `m` gained on band `m + 1`.
    pub(crate) fn of(before: &Energies, now: &Energies) -> Self {
        let mut print = Self { energy: now.iter().sum(), ..Self::default() };
        for band in 0..32 {
            let gained = now[band] - now[band + 1] - before[band] + before[band + 1];
            let all = now[band] + now[band + 1] + before[band] + before[band + 1];
            print.bits |= u32::from(gained > 0.0) << band;
            print.weights[band] = gained.abs() / all.max(f32::MIN_POSITIVE);
        }
        print
    }

    pub(crate) fn energy(&self) -> f32 {
        self.energy
    }

    /// Whether the window is loud enough to be compared. A windowed spectrum holds 3/16 of the mean square.
    pub(crate) fn is_audible(&self) -> bool {
        let Level(mean_square) = AUDIBLE.level();
        self.energy > mean_square * 3.0 / 16.0
    }

    /// The bits worth comparing.
    pub(crate) fn mask(&self) -> u32 {
        (0..32).filter(|&bit| self.weights[bit] >= RELIABLE).fold(0, |mask, bit| mask | 1 << bit)
    }

    /// The bits of one half, as they are and with the weakest three of them turned in every way.
    pub(crate) fn guesses(&self, half: usize) -> [u16; 8] {
        let bits = (self.bits >> (16 * half)) as u16;
        let mut weakest = [0_usize; 3];
        let mut taken = 0_u16;
        for place in &mut weakest {
            let free = (0..16).filter(|&bit| taken >> bit & 1 == 0);
            let weight = |bit: usize| self.weights[16 * half + bit];
            *place = free.min_by(|&a, &b| weight(a).total_cmp(&weight(b))).unwrap_or_default();
            taken |= 1 << *place;
        }
        std::array::from_fn(|turn| (0..3).fold(bits, |bits, n| bits ^ ((turn >> n & 1) as u16) << weakest[n]))
    }
}
