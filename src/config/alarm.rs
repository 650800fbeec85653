//! `[alarm]`: when the figures of a shown number are an alarm.

use serde::Deserialize;
use trunk::rates::Limits;

/// Limits for each shown number, over an hour and over a day.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alarm {
    /// Highest share of calls that carriers bar.
    pub barred_share: f64,
    /// Lowest share of calls that are answered.
    pub answer_rate_floor: f64,
    /// Fewer calls in a window say nothing.
    pub least_calls: u64,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { barred_share: 0.05, answer_rate_floor: 0.1, least_calls: 50 }
    }
}

impl Alarm {
    /// As the pure rule wants them.
    pub fn limits(&self) -> Limits {
        Limits {
            least: self.least_calls,
            barred_share: self.barred_share,
            answer_floor: self.answer_rate_floor,
        }
    }

    pub(super) fn faults(&self) -> Vec<String> {
        [("barred_share", self.barred_share), ("answer_rate_floor", self.answer_rate_floor)]
            .into_iter()
            .filter(|(_, share)| !(0.0..=1.0).contains(share))
            .map(|(key, share)| format!("{key}: {share} is no share: give 0 to 1"))
            .collect()
    }
}
