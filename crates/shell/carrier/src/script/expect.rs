//! What the service should hold about a customer when all is done.

use std::collections::BTreeMap;

use records::Reason;
use serde::Deserialize;

/// The outcome a script entry leads to, for a self-check to compare.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Reasons of all attempts, in order.
    pub reasons: Vec<Reason>,
    /// Question id to answered value, exactly these.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// Whether an item of the human call-back queue arose.
    #[serde(default)]
    pub callback: bool,
    /// Whether a spoken reason was recorded.
    #[serde(default)]
    pub spoken: bool,
}

impl Expect {
    /// How often the customer is called.
    pub fn attempts(&self) -> usize {
        self.reasons.len()
    }

    /// Reason of the last attempt.
    pub fn last_reason(&self) -> Option<Reason> {
        self.reasons.last().copied()
    }
}
