//! Steps of the ladder whose time is over: their tasks go up.

use std::sync::Arc;
use std::time::Duration;

use plan::Case;
use ports::{StepEnd, StoreError};
use records::{CallbackCause, Reason, Step, StepOutcome};

use super::service::Service;

/// How often they are looked for; their limits are days.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// At once at most, so that other work is not kept waiting.
const BATCH: u32 = 200;

/// Ends lapsed steps, for ever. Several processes may do it: whoever comes second finds the step done.
pub(super) async fn sweep(service: Arc<Service>) {
    loop {
        if let Err(error) = sweep_once(&service).await {
            tracing::warn!(%error, "steps of the ladder whose time is over could not be looked for");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

async fn sweep_once(service: &Service) -> Result<(), StoreError> {
    for step in service.store.lapsed_steps(BATCH).await? {
        match lapse(service, &step).await {
            Ok(()) => tracing::info!(step = %step.id, kind = step.kind.slug(), "the time for a step is over"),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => tracing::warn!(step = %step.id, %error, "a lapsed step could not be ended"),
        }
    }
    Ok(())
}

async fn lapse(service: &Service, step: &Step) -> Result<(), StoreError> {
    let store = &service.store;
    let claim = store.case(step.task).await?;
    let numbers = store.numbers_to_call(&claim).await?.len();
    let last = store.history(step.task).await?.iter().rev().find_map(|made| made.reason);
    let told = match (last, numbers) {
        (Some(last), 0) => CallbackCause::ReconfirmNumber { last },
        (last, _) => CallbackCause::Exhausted { last: last.unwrap_or(Reason::Cancelled) },
    };
    let now = store.now().await?;
    let policy = &claim.plan.content.policy;
    let calendar = service.calendar.current();
    let zone = claim.customer.row.zone();
    let case = Case { rung: step.rung, ..Case::of(policy, &calendar, zone, now, &claim.task) };
    let onward = plan::after_step(&case, StepOutcome::Lapsed, numbers, told);
    let end = StepEnd { outcome: StepOutcome::Lapsed, form: None, note: None, by: None, onward };
    store.finish_step(step.id, &end).await.map(drop)
}
