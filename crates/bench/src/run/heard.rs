//! What the called parties did and heard against what the service has in its books and in its recordings.

use std::collections::HashMap;
use std::path::Path;

use super::books::Entry;
use super::recording::{Placed, Sound, in_place};
use crate::called::{CallReport, PROMPTS};

/// A recording is whole if it is as long as the call within this many seconds.
const WITHIN: f64 = 0.020;
/// Recordings of a level that are heard through, sample by sample.
const HEARD_THROUGH: usize = 12;

/// All calls of a level.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Heard {
    pub(super) calls: u64,
    /// By reason.
    pub(super) reasons: Vec<(String, u64)>,
    pub(super) keys_sent: u64,
    /// Keys that stand in the books as they were pressed.
    pub(super) keys_captured: u64,
    /// Answers in the books that nobody gave.
    pub(super) keys_phantom: u64,
    /// Calls that heard every prompt to its end, each octet as all others heard it.
    pub(super) prompts_whole: u64,
    pub(super) recordings: u64,
    /// Complete files, as long as the call within 20 ms.
    pub(super) recordings_whole: u64,
    /// The greatest difference between a recording and its call, in milliseconds; longer recordings are positive.
    pub(super) worst_ms: f64,
    /// Of the recordings heard through.
    pub(super) placed: Placed,
}

/// Compares. `vault` is where the entries' recordings are.
pub(super) fn compare(reports: &[CallReport], books: &HashMap<String, Entry>, vault: &Path) -> Heard {
    let usual = usual_prompts(reports);
    let mut heard = Heard::default();
    let mut reasons: HashMap<&str, u64> = HashMap::new();
    for entry in books.values() {
        *reasons.entry(&entry.reason).or_default() += 1;
    }
    heard.reasons = reasons.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
    heard.reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let known = reports.iter().filter_map(|report| Some((report, books.get(&report.call_id)?)));
    for (report, entry) in known {
        heard.calls += 1;
        heard.prompts_whole += u64::from(report.prompts == usual);
        heard.keys(report, entry);
        heard.recording(report, entry, vault);
    }
    heard
}

/// The prompts that most calls heard.
fn usual_prompts(reports: &[CallReport]) -> Vec<u64> {
    let mut counted: HashMap<&[u64], u64> = HashMap::new();
    for report in reports.iter().filter(|report| report.prompts.len() == PROMPTS) {
        *counted.entry(&report.prompts).or_default() += 1;
    }
    counted
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(prompts, _)| prompts.to_vec())
        .unwrap_or_default()
}

impl Heard {
    fn keys(&mut self, report: &CallReport, entry: &Entry) {
        let mut pressed = report.keys.chars();
        let identity = pressed.next();
        let answers: Vec<char> = pressed.collect();
        let same = answers.iter().zip(&entry.answers).filter(|(pressed, kept)| pressed == kept).count();
        self.keys_sent += report.keys.len() as u64;
        self.keys_captured += u64::from(identity.is_some() && entry.identified) + same as u64;
        self.keys_phantom +=
            u64::from(identity.is_none() && entry.identified) + (entry.answers.len() - same) as u64;
    }

    fn recording(&mut self, report: &CallReport, entry: &Entry, vault: &Path) {
        if entry.recording.is_empty() {
            return;
        }
        self.recordings += 1;
        let Ok(sound) = Sound::open(&vault.join(&entry.recording)) else { return };
        let differs = sound.seconds() - report.seconds;
        self.recordings_whole += u64::from(sound.is_complete() && differs.abs() <= WITHIN);
        if differs.abs() * 1e3 > self.worst_ms.abs() {
            self.worst_ms = differs * 1e3;
        }
        if self.recordings as usize <= HEARD_THROUGH
            && let Ok(customer) = sound.customer()
        {
            let here = in_place(&customer, report.keys.len());
            self.placed.said += here.said;
            self.placed.placed += here.placed;
            self.placed.worst = self.placed.worst.max(here.worst);
        }
    }
}
