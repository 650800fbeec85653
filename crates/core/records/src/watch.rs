//! When a plan's figures give cause for alarm.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::policy::seconds;

/// What a plan's figures are held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WatchPolicy {
    /// Of the tasks whose time is over, this share should have come to an outcome of the customer's; from 0 to 1
    /// (L7: at least 0.9; W8: 1).
    pub coverage_goal: f64,
    /// Visits and letters among all call-backs made, at most; from 0 to 1 (L5: 0.1).
    pub visits_and_letters: f64,
    /// Warned of when so much of that limit is reached; from 0 to 1.
    pub near: f64,
    /// Tasks overdue at one time that are borne without an alarm.
    pub overdue: u64,
    /// A task is told as overdue soon that long before.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub soon: Duration,
    /// Fewer tasks or call-backs than this say nothing about a share.
    pub least: u64,
}

impl Default for WatchPolicy {
    fn default() -> Self {
        Self {
            coverage_goal: 0.9,
            visits_and_letters: 0.1,
            near: 0.8,
            overdue: 0,
            soon: Duration::from_secs(2 * 24 * 3600),
            least: 20,
        }
    }
}
