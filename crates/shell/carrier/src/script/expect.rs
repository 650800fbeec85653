//! What the service should hold about a customer when all is done.

use std::collections::BTreeMap;

use records::Reason;
use serde::Deserialize;

/// The outcome a script entry leads to, for a self-check to compare.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Expect {
    /// Reasons of all attempts, in order; never empty.
    pub reasons: Vec<Reason>,
    /// Reason of the last attempt.
    pub reason: Reason,
    /// Number of attempts.
    pub attempts: u32,
    /// Question id to answered value, exactly these.
    pub answers: BTreeMap<String, String>,
    /// Whether an item of the human call-back queue arose.
    pub callback: bool,
    /// Whether a spoken reason was recorded.
    pub spoken: bool,
}

/// As it stands in the script; what is left out is none or no.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    reasons: Vec<Reason>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    #[serde(default)]
    callback: bool,
    #[serde(default)]
    spoken: bool,
}

impl TryFrom<Written> for Expect {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { reasons, answers, callback, spoken } = written;
        let reason = *reasons
            .last()
            .ok_or("no reasons; write one for every attempt, such as [no_answer, completed]")?;
        let attempts = reasons.len() as u32;
        Ok(Self { reasons, reason, attempts, answers, callback, spoken })
    }
}
