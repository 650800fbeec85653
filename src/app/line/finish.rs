//! After the call: the recording is sealed and filed, whoever placed the call.

use chrono::NaiveDate;
use media::StagedRecording;
use ports::NewRecording;
use recording::{RecordingError, Sealed, Staged};
use records::{Attempt, AttemptId, Cue, RecordingId};

use crate::app::journal::Entry;
use crate::app::service::Service;

/// A recording on its way into the books.
pub struct Filed {
    pub recording: NewRecording,
}

/// Seals a staged recording and files it. A failure is logged and leaves the staged file where the next start
/// finds it; it is never lost.
pub async fn file(service: &Service, attempt: &Attempt, staged: StagedRecording) -> Option<Filed> {
    let (date, plan) = drawer(attempt);
    let attempt = attempt.id;
    let sealed =
        service.vaults.seal(Staged { path: staged.path, attempt: attempt.to_string(), plan, date }).await;
    match sealed {
        Ok(sealed) => Some(enter(service, attempt, sealed).await),
        Err(error) => {
            tracing::error!(%attempt, %error, "a recording could not be sealed; it stays in staging");
            metrics::counter!("huifang_recordings_unsealed_total").increment(1);
            None
        }
    }
}

/// Enters a recording that lies sealed in the vault; answers whether there is one.
pub async fn enter_sealed(service: &Service, attempt: &Attempt) -> Result<bool, RecordingError> {
    let (date, plan) = drawer(attempt);
    let sealed = service.vaults.find(date, &plan, &attempt.id.to_string()).await?;
    let found = sealed.is_some();
    if let Some(sealed) = sealed {
        enter(service, attempt.id, sealed).await;
    }
    Ok(found)
}

/// Where an attempt's recording lies in the vault: day of the call and plan.
fn drawer(attempt: &Attempt) -> (NaiveDate, String) {
    let day = attempt.started_at.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    (day, attempt.plan.map_or_else(|| "by-hand".to_owned(), |plan| plan.to_string()))
}

/// The markers are those of the file itself.
async fn enter(service: &Service, attempt: AttemptId, sealed: Sealed) -> Filed {
    let cues = sealed.cues.into_iter().map(|cue| Cue { at_ms: cue.at.as_millis() as u64, label: cue.label });
    let recording = NewRecording {
        id: RecordingId(uuid::Uuid::now_v7()),
        attempt,
        path: sealed.relative_path,
        bytes: sealed.bytes,
        seconds: sealed.seconds,
        sha256: sealed.sha256,
        cues: cues.collect(),
    };
    if let Err(error) = service.journal.keep(Entry::Recording { recording: recording.clone() }).await {
        tracing::error!(%attempt, %error, "a recording could not be entered; the file is in the vault");
    }
    Filed { recording }
}
