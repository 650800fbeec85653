//! What an earlier process left open: staged recordings and attempts that nobody ended.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use media::{LegStats, StagedRecording};
use plan::{Case, Ending};
use ports::{Closing, StoreError};
use records::{Attempt, AttemptId, Because, Claim, Evidence, NextStep, Reason, TaskState};

use super::journal::Entry;
use super::line;
use super::seat::Seat;
use super::service::Service;
use super::trunks;

/// How often attempts are looked for whose longest life has passed.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// How far back sealed recordings are looked for that were never entered.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);

/// Takes the seat of this data folder. The lines of a process that was killed need not wait for the end of their
/// lending: those of its open attempts are kept all the same.
pub(super) async fn seat(service: &Service) -> Result<Option<Seat>, StoreError> {
    let folder = &service.config.data.dir;
    let seat = Seat::take(folder, &service.node).unwrap_or_else(|error| {
        tracing::warn!(folder = %folder.display(), %error, "the seat of the data folder could not be taken");
        None
    });
    if let Some(gone) = seat.as_ref().and_then(|seat| seat.predecessor.as_deref()) {
        service.lines.give_back(gone).await?;
        trunks::renew(service).await?;
    }
    Ok(seat)
}

/// Makes staged recordings whole and files them. Called before the first call of this process.
pub(super) async fn recordings(service: &Arc<Service>) -> Result<(), recording::RecordingError> {
    let repairs = service.vaults.repair().await?;
    for quarantined in &repairs.quarantined {
        tracing::error!(file = %quarantined.path.display(), reason = quarantined.reason, "a staged recording is beyond repair and set aside");
    }
    for repaired in repairs.repaired {
        let Ok(id) = repaired.attempt.parse::<AttemptId>() else { continue };
        match service.store.attempt(id).await {
            Ok(attempt) => {
                let staged = StagedRecording {
                    path: repaired.path,
                    samples: 0,
                    cues: Vec::new(),
                    stats: LegStats::default(),
                };
                line::file(service, &attempt, staged).await;
                tracing::warn!(attempt = %id, "a recording left by an earlier process was repaired and filed");
            }
            Err(error) => {
                tracing::error!(attempt = %id, %error, "a staged recording belongs to no known attempt");
            }
        }
    }
    Ok(())
}

/// Enters recordings that were sealed but not entered when an earlier process ended.
pub(super) async fn sealed(service: &Arc<Service>) -> Result<(), StoreError> {
    let since = service.store.now().await? - LOOK_BACK;
    for attempt in service.store.unrecorded_attempts(since).await? {
        match line::enter_sealed(service, &attempt).await {
            Ok(true) => tracing::warn!(attempt = %attempt.id, "a sealed recording was entered late"),
            Ok(false) => tracing::error!(attempt = %attempt.id, "an answered attempt has no recording"),
            Err(error) => {
                tracing::error!(attempt = %attempt.id, %error, "a recording could not be looked for");
            }
        }
    }
    Ok(())
}

/// Ends attempts that outlived their longest possible life, as `unknown`, for ever.
pub(super) async fn sweep(service: Arc<Service>) {
    loop {
        if let Err(error) = sweep_once(&service).await {
            tracing::warn!(%error, "overdue attempts could not be looked for");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

async fn sweep_once(service: &Service) -> Result<(), StoreError> {
    for attempt in service.store.overdue_attempts().await? {
        let claim = service.store.claim_of(attempt.id).await?;
        let closing = unknown(service, &attempt, claim.as_ref()).await?;
        let fence = claim.as_ref().map_or(0, |claim| claim.fence);
        tracing::error!(attempt = %attempt.id, "an attempt was never ended; its reason is unknown");
        let entry = Entry::Closing { attempt: attempt.id, fence, closing: Box::new(closing) };
        if let Err(error) = service.journal.keep(entry).await {
            tracing::error!(attempt = %attempt.id, %error, "an overdue attempt could not be ended");
        }
    }
    Ok(())
}

async fn unknown(service: &Service, attempt: &Attempt, claim: Option<&Claim>) -> Result<Closing, StoreError> {
    let note = "the process that placed this call ended before the call did".to_owned();
    let evidence = Evidence { note: Some(note), ..attempt.evidence.clone() };
    let answered_at = attempt.answered_at;
    let Some(claim) = claim else {
        let next = NextStep::End(TaskState::Withdrawn);
        let reason = Reason::Unknown;
        let because = Because::default();
        return Ok(Closing {
            reason,
            evidence,
            answered_at,
            next,
            because,
            callback: None,
            number_dead: false,
        });
    };
    let ending = Ending {
        direction: attempt.direction,
        number: &attempt.number,
        started_at: attempt.started_at,
        reason: Reason::Unknown,
        flags: &[],
        person_asked: false,
        time_asked: None,
        other_numbers: 0,
        seed: 0,
    };
    let zone = claim.customer.row.zone();
    let now = service.store.now().await?;
    let calendar = service.calendar.current();
    let case = Case::of(&claim.plan.content.policy, &calendar, zone, now, &claim.task);
    let decision = plan::after_attempt(&case, &[], &ending);
    Ok(Closing {
        reason: Reason::Unknown,
        evidence,
        answered_at,
        next: decision.next,
        because: decision.because,
        callback: decision.callback,
        number_dead: decision.number_dead,
    })
}
