//! The timers that a machine has set, each named after why it fires and running at most once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When each `T` is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Ord + Deserialize<'de>"))]
pub(crate) struct Timers<T>(BTreeMap<T, Duration>);

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord + Copy> Timers<T> {
    pub(crate) fn set(&mut self, timer: T, at: Duration) {
        self.0.insert(timer, at);
    }

    pub(crate) fn stop(&mut self, timer: T) {
        self.0.remove(&timer);
    }

    pub(crate) fn is_set(&self, timer: T) -> bool {
        self.0.contains_key(&timer)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.values().min().copied()
    }

    /// Removes and returns the earliest timer that is due.
    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<T> {
        let (timer, _) = self.0.iter().filter(|(_, at)| **at <= now).min_by_key(|(_, at)| **at)?;
        let timer = *timer;
        self.0.remove(&timer);
        Some(timer)
    }

    /// Times as what remains of them, for a snapshot.
    pub(crate) fn remaining(&self, now: Duration) -> Self {
        Self(self.0.iter().map(|(timer, at)| (*timer, at.saturating_sub(now))).collect())
    }

    /// The reverse of [`Timers::remaining`] at another `now`.
    pub(crate) fn resumed(&self, now: Duration) -> Self {
        Self(self.0.iter().map(|(timer, left)| (*timer, now + *left)).collect())
    }
}
