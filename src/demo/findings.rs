//! What Postgres and the vault hold after the calls.

use std::collections::BTreeMap;
use std::path::Path;

use ports::{
    AttemptFilter, AttemptRow, CallbackRow, Overview as _, Page, Store as _, StoreError, TaskFilter, TaskRow,
};
use recording::{Vault, VaultConfig};
use records::{Fact, PlanId, Recording};

use crate::app::Database;

/// One attempt with its facts.
pub(super) struct Found {
    pub(super) row: AttemptRow,
    pub(super) facts: Vec<Fact>,
}

/// One recording and what its file says.
pub(super) struct Heard {
    pub(super) recording: Recording,
    /// What is wrong with the file, if anything.
    pub(super) trouble: Option<String>,
}

/// Everything a check needs.
pub(super) struct Findings {
    /// Oldest first.
    pub(super) attempts: Vec<Found>,
    pub(super) tasks: Vec<TaskRow>,
    pub(super) callbacks: Vec<CallbackRow>,
    pub(super) recordings: Vec<Heard>,
    /// Answers per question and value.
    pub(super) answers: BTreeMap<(String, String), u64>,
}

impl Findings {
    /// Reads everything of one plan.
    pub(super) async fn collect(database: &Database, plan: PlanId, vault: &Path) -> Result<Self, StoreError> {
        let store = &database.store;
        let mut rows = Vec::new();
        let filter = AttemptFilter { plan: Some(plan), ..AttemptFilter::default() };
        let mut before = None;
        loop {
            let page = store.attempts(&filter, Page { before, limit: 200 }).await?;
            rows.extend(page.items);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        rows.reverse();
        let mut attempts = Vec::new();
        for row in rows {
            let facts = store.facts(row.attempt.id).await?;
            attempts.push(Found { row, facts });
        }
        let all = Page { before: None, limit: 500 };
        let tasks = store.tasks(TaskFilter { plan: Some(plan), ..TaskFilter::default() }, all).await?.items;
        let callbacks = store.callbacks(None, all).await?.items;
        let counted = store.answer_counts(Some(plan)).await?;
        let answers =
            counted.into_iter().map(|(question, count)| ((question, count.name), count.count)).collect();
        let recordings = listen(&attempts, vault).await;
        Ok(Self { attempts, tasks, callbacks, recordings, answers })
    }
}

/// Looks at every recording's file: the hash as sealed, the form as promised.
async fn listen(attempts: &[Found], vault: &Path) -> Vec<Heard> {
    let mut heard = Vec::new();
    let opened = Vault::open(VaultConfig {
        staging: vault.join("../staging"),
        vault: vault.to_owned(),
        minimum_free: 0,
    });
    for recording in attempts.iter().filter_map(|found| found.row.recording.clone()) {
        let trouble = match &opened {
            Ok(opened) => match opened.verify(&recording.path, &recording.sha256).await {
                Ok(recording::Integrity::Intact) => form(&vault.join(&recording.path), &recording),
                Ok(other) => Some(format!("{other:?}")),
                Err(error) => Some(error.to_string()),
            },
            Err(error) => Some(error.to_string()),
        };
        heard.push(Heard { recording, trouble });
    }
    heard
}

/// Two channels, 8 kHz, 16 bit, and as long as entered.
fn form(file: &Path, recording: &Recording) -> Option<String> {
    let wav = match hound::WavReader::open(file) {
        Ok(wav) => wav,
        Err(error) => return Some(error.to_string()),
    };
    let spec = wav.spec();
    let seconds = f64::from(wav.duration()) / f64::from(spec.sample_rate);
    if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (2, 8000, 16) {
        return Some(format!("it is {spec:?}, not stereo 8 kHz 16 bit"));
    }
    ((seconds - recording.seconds).abs() > 0.001)
        .then(|| format!("it is {seconds:.3} s long, entered are {:.3} s", recording.seconds))
}
