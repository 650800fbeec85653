//! Smooth weighted choice: in the long run each is chosen in proportion to its weight, and never in bursts.

/// The standing of each, in the manner of nginx's upstream balancing: everybody gains their weight, the highest is
/// chosen and pays the sum.
#[derive(Clone, Debug)]
pub(crate) struct Weights(Vec<i64>);

impl Weights {
    /// `seed` decides who goes first, so that several processes do not all begin with the same one.
    pub(crate) fn new(count: usize, seed: u64) -> Self {
        let start = |index: usize| (mixed(seed.wrapping_add(index as u64)) % 8) as i64;
        Self((0..count).map(start).collect())
    }

    /// One of `candidates`, given as (index, weight); `None` when there are none.
    pub(crate) fn choose(&mut self, candidates: &[(usize, u32)]) -> Option<usize> {
        let mut total = 0;
        for (index, weight) in candidates {
            self.0[*index] += i64::from(*weight);
            total += i64::from(*weight);
        }
        // The first of equals, so that the choice follows from the seed alone.
        let best = candidates
            .iter()
            .map(|(index, _)| *index)
            .reduce(|best, other| if self.0[other] > self.0[best] { other } else { best })?;
        self.0[best] -= total;
        Some(best)
    }
}

/// SplitMix64's finaliser.
fn mixed(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    seed ^ (seed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_the_weights_and_come_mixed() {
        for seed in 0..20 {
            let mut weights = Weights::new(3, seed);
            let chosen: Vec<usize> =
                (0..600).filter_map(|_| weights.choose(&[(0, 5), (1, 3), (2, 2)])).collect();
            let of = |index| chosen.iter().filter(|chosen| **chosen == index).count();
            for (index, share) in [(0, 300), (1, 180), (2, 120)] {
                assert!(
                    of(index).abs_diff(share) <= 8,
                    "seed {seed}: {index} was chosen {} times",
                    of(index)
                );
            }
            assert!(
                chosen[20..].windows(4).all(|four| four.iter().any(|index| *index != four[0])),
                "seed {seed}"
            );
        }
    }

    #[test]
    fn the_same_seed_chooses_the_same() {
        let run = |seed| {
            let mut weights = Weights::new(2, seed);
            (0..50).filter_map(|_| weights.choose(&[(0, 1), (1, 1)])).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert!((0..20).any(|seed| run(seed) != run(7)));
    }
}
