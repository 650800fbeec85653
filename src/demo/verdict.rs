//! The verdict: does what Postgres holds agree with what every virtual customer did?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use carrier::{Customer, Entry, Event};
use records::{CustomerId, Noted, Number, Reason};

use super::findings::{Findings, Found};
use super::scenario::Scenario;

/// A recording may differ from the call's length on the carrier's side by the two signalling ways.
const LENGTH_TOLERANCE: f64 = 0.25;

/// One sentence per contradiction; none is what we want.
pub(super) fn compare(scenario: &Scenario, findings: &Findings, journal: &Path) -> Vec<String> {
    let mut said = Vec::new();
    let by_number = attempts_by_number(findings);
    for (number, customer) in scenario.by_number() {
        let attempts = by_number.get(number).map_or(&[][..], Vec::as_slice);
        customer_contradictions(number, customer, attempts, findings, &mut said);
    }
    for found in &findings.attempts {
        attempt_contradictions(found, &mut said);
    }
    for heard in &findings.recordings {
        if let Some(trouble) = &heard.trouble {
            said.push(format!("recording {}: {trouble}", heard.recording.path));
        }
    }
    carrier_contradictions(findings, journal, &mut said);
    said
}

fn attempts_by_number(findings: &Findings) -> BTreeMap<&Number, Vec<&Found>> {
    let mut by_number: BTreeMap<&Number, Vec<&Found>> = BTreeMap::new();
    for found in &findings.attempts {
        by_number.entry(&found.row.attempt.number).or_default().push(found);
    }
    by_number
}

fn customer_contradictions(
    number: &Number,
    customer: &Customer,
    attempts: &[&Found],
    findings: &Findings,
    said: &mut Vec<String>,
) {
    let Some(expect) = &customer.expect else { return };
    let mut contradict = |what: String| said.push(format!("{number} ({}): {what}", customer.note));
    let Some(last) = attempts.last() else { return contradict("was never called".to_owned()) };
    let reasons: Vec<&str> =
        attempts.iter().map(|found| found.row.attempt.reason.map_or("none", Reason::slug)).collect();
    let expected: Vec<&str> = expect.reasons.iter().map(|reason| reason.slug()).collect();
    if reasons != expected {
        contradict(format!("the attempts ended as {}, expected {}", reasons.join(", "), expected.join(", ")));
    }
    let answers = answers(attempts);
    if answers != expect.answers {
        contradict(format!("answers {answers:?}, expected {:?}", expect.answers));
    }
    let spoken = attempts.iter().flat_map(|found| &found.facts).any(|fact| match &fact.noted {
        Noted::Spoken(span) => span.spoke,
        _ => false,
    });
    if spoken != expect.spoken {
        contradict(format!("a spoken reason: {spoken}, expected {}", expect.spoken));
    }
    let callback = has_callback(findings, last.row.attempt.customer);
    if callback != expect.callback {
        contradict(format!("an item in the queue: {callback}, expected {}", expect.callback));
    }
}

/// The answers of all attempts: an interview may be continued.
fn answers(attempts: &[&Found]) -> BTreeMap<String, String> {
    let answers = attempts.iter().flat_map(|found| &found.row.answers);
    answers.map(|answer| (answer.question.clone(), answer.value.clone())).collect()
}

fn has_callback(findings: &Findings, customer: Option<CustomerId>) -> bool {
    findings.callbacks.iter().any(|row| Some(row.callback.customer) == customer)
}

/// What holds for every attempt, whatever the customer did.
fn attempt_contradictions(found: &Found, said: &mut Vec<String>) {
    let attempt = &found.row.attempt;
    if attempt.reason.is_none() || attempt.ended_at.is_none() {
        said.push(format!("attempt {}: it has no reason", attempt.id));
    }
    let answered = attempt.answered_at.is_some();
    match (&found.row.recording, answered) {
        (None, true) => said.push(format!("attempt {}: it was answered and not recorded", attempt.id)),
        // What was heard before the answer, where the reason rests on it.
        (Some(_), false) if attempt.evidence.heard.is_empty() => {
            said.push(format!("attempt {}: recorded though never answered and nothing heard", attempt.id));
        }
        _ => {}
    }
}

/// What the carrier saw: no two calls to one number at once, our 400 number, and recordings as long as the calls.
fn carrier_contradictions(findings: &Findings, journal: &Path, said: &mut Vec<String>) {
    let text = match std::fs::read_to_string(journal) {
        Ok(text) => text,
        Err(error) => return said.push(format!("the carrier's journal cannot be read: {error}")),
    };
    let entries: Vec<Entry> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let lengths = lengths(findings);
    let mut called = BTreeSet::new();
    for entry in &entries {
        match &entry.event {
            Event::Called { caller, overlapping, .. } => {
                called.insert(call_of(entry));
                if *overlapping > 0 {
                    said.push(format!(
                        "the carrier saw two calls at once to one number (call {})",
                        entry.call_id
                    ));
                }
                if caller != "4008001234" {
                    said.push(format!("the carrier was shown {caller} instead of the 400 number"));
                }
            }
            Event::Ended { talked, .. } if *talked > 0.0 => {
                let recorded = lengths.get(&call_of(entry)).copied().flatten();
                if recorded.is_some_and(|recorded| (recorded - talked).abs() > LENGTH_TOLERANCE) {
                    let recorded = recorded.unwrap_or_default();
                    said.push(format!(
                        "call {}: the carrier's side lasted {talked:.2} s, the recording {recorded:.2} s",
                        entry.call_id
                    ));
                }
            }
            _ => {}
        }
    }
    for found in &findings.attempts {
        if !called.contains(&found.row.attempt.id.to_string()) {
            said.push(format!("attempt {}: the carrier was never called", found.row.attempt.id));
        }
    }
    if called.len() != findings.attempts.len() {
        said.push(format!(
            "the carrier saw {} calls, Postgres holds {}",
            called.len(),
            findings.attempts.len()
        ));
    }
}

/// Seconds of each attempt's recording; `None` where the customer objected, so that it ends before the call.
fn lengths(findings: &Findings) -> BTreeMap<String, Option<f64>> {
    let length = |found: &Found| {
        let objected = found.facts.iter().any(|fact| fact.noted == Noted::ObjectedToRecording);
        let seconds = found.row.recording.as_ref().map_or(0.0, |recording| recording.seconds);
        (found.row.attempt.id.to_string(), (!objected).then_some(seconds))
    };
    findings.attempts.iter().map(length).collect()
}

/// The attempt's id is the Call-ID's first part.
fn call_of(entry: &Entry) -> String {
    entry.call_id.split('@').next().unwrap_or_default().to_owned()
}
