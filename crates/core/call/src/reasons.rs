//! From the signs of a call that was not answered to its reason. The rows are in `reasons/table.rs`.

mod headers;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod rows;
mod table;
mod words;

use std::time::Duration;

use records::{Confidence, Heard, Reason};

use crate::{Failure, FailureKind};
use table::{ROWS, Row};

/// Everything the line told about a call that was not answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signs {
    /// `None`: the call was given up and no final response came.
    pub kind: Option<FailureKind>,
    pub status: Option<u16>,
    pub q850: Option<u16>,
    /// Codes of the Warning header.
    pub warnings: Vec<u16>,
    /// Phrase, Reason texts and Warning, in lower case.
    pub text: String,
    pub heard: Vec<Heard>,
    /// It rang: 180 or a ring-back tone.
    pub rang: bool,
    /// For how long.
    pub rang_for: Duration,
    /// Any response came before the final one.
    pub provisional: bool,
    /// We sent CANCEL.
    pub cancelled_by_us: bool,
}

/// A reason found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub reason: Reason,
    pub confidence: Confidence,
    /// The row that decided, one sentence for people.
    pub why: &'static str,
}

/// The first row of the table that fits; the last one always does.
pub fn reason_for(signs: &Signs) -> Finding {
    let found = ROWS.iter().find(|row| row.fits(signs));
    let row = found.unwrap_or(&table::LAST);
    Finding { reason: row.reason, confidence: row.confidence, why: row.why }
}

impl Signs {
    pub(crate) fn new(
        failure: Option<&Failure>,
        cancelled_by_us: bool,
        heard: &[Heard],
        rang_for: Option<Duration>,
        provisional: bool,
    ) -> Self {
        let warning = failure.and_then(|failure| failure.warning.as_deref());
        Self {
            kind: failure.map(|failure| failure.kind),
            status: failure.and_then(|failure| failure.status),
            q850: failure.and_then(Self::q850_of),
            warnings: warning.map(headers::warnings).unwrap_or_default(),
            text: failure.map(text_of).unwrap_or_default(),
            heard: heard.to_vec(),
            rang: rang_for.is_some(),
            rang_for: rang_for.unwrap_or_default(),
            provisional,
            cancelled_by_us,
        }
    }

    /// The Q.850 cause as given, else as the Reason headers say.
    pub(crate) fn q850_of(failure: &Failure) -> Option<u16> {
        failure.q850.or_else(|| failure.reason_headers.iter().find_map(|value| headers::q850(value)))
    }
}

/// The carrier's words; without a final status the words are our own side's and say nothing about the customer.
fn text_of(failure: &Failure) -> String {
    if failure.status.is_none() {
        return String::new();
    }
    let phrase = failure.phrase.as_deref().into_iter();
    let reasons = failure.reason_headers.iter().map(String::as_str);
    phrase.chain(reasons).chain(failure.warning.as_deref()).collect::<Vec<_>>().join("\n").to_lowercase()
}

impl Row {
    fn fits(&self, signs: &Signs) -> bool {
        let listed = |wanted: &[u16], found: Option<u16>| {
            wanted.is_empty() || found.is_some_and(|found| wanted.contains(&found))
        };
        self.kind.is_none_or(|kind| signs.kind == Some(kind))
            && self.status.fits(signs.status)
            && listed(self.q850, signs.q850)
            && (self.warnings.is_empty() || signs.warnings.iter().any(|code| self.warnings.contains(code)))
            && (self.words.is_empty() || self.words.iter().any(|word| signs.text.contains(word)))
            && self.heard.is_none_or(|heard| signs.heard.contains(&heard))
            && self.rang.is_none_or(|rang| signs.rang == rang)
            && signs.rang_for >= self.rang_at_least
            && self.provisional.is_none_or(|provisional| signs.provisional == provisional)
            && self.by_us.is_none_or(|by_us| signs.cancelled_by_us == by_us)
    }
}
