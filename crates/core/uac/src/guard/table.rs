//! Buckets of any number of sources in a table that never grows.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::bucket::{Bucket, Rate};
use super::network::Network;

/// Slots that one key may take.
const WAYS: usize = 4;
/// Groups of slots: 8,192 buckets, 192 KiB.
const GROUPS: usize = 2_048;

/// What a bucket is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// Reading a message.
    Hear,
    /// Sending an answer.
    Answer,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    bucket: Bucket,
}

/// The buckets.
#[derive(Debug)]
pub(super) struct Table {
    seed: [u8; 16],
    slots: Vec<Slot>,
}

impl Table {
    pub(super) fn new(seed: [u8; 16]) -> Self {
        Self { seed, slots: vec![Slot::default(); GROUPS * WAYS] }
    }

    /// Takes one token of `network`. With more of them than slots the one who has been silent
    /// longest is forgotten, and starts afresh when it comes again: the buckets over all of them
    /// hold then.
    pub(super) fn take(&mut self, now: Duration, purpose: Purpose, network: Network, rate: Rate) -> bool {
        let mut hasher = DefaultHasher::new();
        (self.seed, purpose, network).hash(&mut hasher);
        let key = hasher.finish();
        let group = (key % GROUPS as u64) as usize * WAYS;
        let slots = &mut self.slots[group..group + WAYS];
        let known = slots.iter().position(|slot| slot.key == key);
        let at = known.unwrap_or_else(|| {
            let oldest = (0..WAYS).min_by_key(|at| slots[*at].bucket.full_at()).unwrap_or(0);
            slots[oldest] = Slot { key, bucket: Bucket::default() };
            oldest
        });
        slots[at].bucket.take(now, rate)
    }
}
