//! The closing table, and the same as JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use records::Reason;
use serde_json::{Value, json};

use super::findings::Findings;

/// Prints the tables.
pub(super) fn print(findings: &Findings, contradictions: &[String], took: Duration) {
    println!("Attempts by reason");
    let mut reasons: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    for found in &findings.attempts {
        let reason = found.row.attempt.reason;
        reasons.entry(reason.map_or("open", Reason::slug)).or_insert((0, reason.map_or("", Reason::zh))).0 +=
            1;
    }
    for (slug, (count, zh)) in reasons {
        println!("  {count:>4}  {slug} {zh}");
    }
    println!("\nAnswers per question");
    for ((question, value), count) in &findings.answers {
        println!("  {count:>4}  {question} = {value}");
    }
    println!("\nRecordings");
    for heard in &findings.recordings {
        let recording = &heard.recording;
        println!("  {:>7.2} s  {}  {}", recording.seconds, recording.sha256, recording.path);
    }
    println!("\nHuman call-back queue");
    for row in &findings.callbacks {
        let callback = &row.callback;
        let due = callback.content.due_at.with_timezone(&chrono_tz::Asia::Shanghai).format("%m-%d %H:%M");
        println!(
            "  priority {}  due {due}  {}  {}",
            callback.content.priority,
            callback.content.cause.slug(),
            row.customer_name
        );
    }
    println!(
        "\n{} attempts on {} customers, {} recordings, {} in the queue, in {:.0} s",
        findings.attempts.len(),
        findings.tasks.len(),
        findings.recordings.len(),
        findings.callbacks.len(),
        took.as_secs_f64()
    );
    if contradictions.is_empty() {
        println!("No contradiction between the customers' scripts, the carrier's journal and Postgres.");
    }
    for contradiction in contradictions {
        println!("CONTRADICTION: {contradiction}");
    }
}

/// Writes `demo.json`.
pub(super) fn write(file: &Path, findings: &Findings, contradictions: &[String]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let attempts: Vec<Value> = findings.attempts.iter().map(|found| json!(found.row.attempt)).collect();
    let answers: Vec<Value> = findings
        .attempts
        .iter()
        .flat_map(|found| {
            found.row.answers.iter().map(|answer| {
                json!({ "attempt": found.row.attempt.id, "question": answer.question, "key": answer.key,
                    "value": answer.value, "label": answer.label, "flag": answer.flag })
            })
        })
        .collect();
    let recordings: Vec<Value> = findings.recordings.iter().map(|heard| json!(heard.recording)).collect();
    let callbacks: Vec<Value> = findings.callbacks.iter().map(|row| json!(row)).collect();
    let result = json!({
        "attempts": attempts, "answers": answers, "recordings": recordings, "callbacks": callbacks,
        "contradictions": contradictions,
    });
    std::fs::write(file, format!("{result:#}\n"))
}
