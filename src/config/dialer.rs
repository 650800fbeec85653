//! `[dialer]`: how fast due tasks are taken up.

use serde::Deserialize;

/// The dialer's pace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dialer {
    /// Off: console and API only.
    pub enabled: bool,
    /// Milliseconds between looks for due tasks.
    pub poll_ms: u64,
    /// Seconds a claimed task stays ours without a sign of life.
    pub lease_seconds: u64,
    /// Seconds that calls get to end by themselves at shutdown.
    pub drain_seconds: u64,
}

impl Default for Dialer {
    fn default() -> Self {
        Self { enabled: true, poll_ms: 1000, lease_seconds: 60, drain_seconds: 30 }
    }
}
