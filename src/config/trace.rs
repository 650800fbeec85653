//! `[trace]`: the signalling of attempts, kept for diagnosis.

use std::time::Duration;

use serde::Deserialize;

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trace {
    /// Days; 0 keeps nothing.
    pub keep_days: u16,
}

impl Default for Trace {
    fn default() -> Self {
        Self { keep_days: 30 }
    }
}

impl Trace {
    /// Whether signalling is kept at all.
    pub fn on(&self) -> bool {
        self.keep_days > 0
    }

    /// How long it is kept.
    pub fn keep(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_days) * 24 * 3600)
    }
}
