//! `[trunk.NAME.breaker]`: when a failing trunk is left alone, and for how long.

use std::time::Duration;

use serde::Deserialize;
use trunk::breaker::Figures;

/// The breaker's figures.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Failed calls in a row that open it.
    pub failures_in_a_row: u32,
    /// Or: this share of failed calls, of at least `least_calls` within `window_seconds`.
    pub failed_share: f64,
    pub least_calls: u32,
    pub window_seconds: u64,
    /// How long it is left alone at first; twice as long each time that the call which tries it fails.
    pub rest_seconds: u64,
    pub longest_rest_seconds: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        let figures = Figures::default();
        Self {
            failures_in_a_row: figures.in_a_row,
            failed_share: figures.share,
            least_calls: figures.least,
            window_seconds: figures.window.as_secs(),
            rest_seconds: figures.rest.as_secs(),
            longest_rest_seconds: figures.longest_rest.as_secs(),
        }
    }
}

impl Breaker {
    /// As the pure breaker wants them.
    pub fn figures(&self) -> Figures {
        Figures {
            in_a_row: self.failures_in_a_row,
            window: Duration::from_secs(self.window_seconds),
            least: self.least_calls,
            share: self.failed_share,
            rest: Duration::from_secs(self.rest_seconds),
            longest_rest: Duration::from_secs(self.longest_rest_seconds),
        }
    }

    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.failures_in_a_row == 0 {
            faults.push("breaker.failures_in_a_row: 0 would never call: give 1 or more".to_owned());
        }
        if !(self.failed_share > 0.0 && self.failed_share <= 1.0) {
            faults.push(format!(
                "breaker.failed_share: {} is no share: give more than 0 and at most 1",
                self.failed_share
            ));
        }
        if self.rest_seconds == 0 || self.longest_rest_seconds < self.rest_seconds {
            faults.push(
                "breaker.rest_seconds: give 1 or more, and no more than longest_rest_seconds".to_owned(),
            );
        }
        faults
    }
}
