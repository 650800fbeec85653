//! Rules of the store that need no database: the model and Postgres both ask here.

use records::{CallbackCause, CallbackOutcome, Claim, CustomerRow, NewCallback, NextStep, TaskState};

use crate::StoreError;

/// An open item and a new one for the same task, made one: the graver cause, the higher priority, the earlier time.
/// Flags of both are kept.
pub fn sharpened(open: &NewCallback, new: &NewCallback) -> NewCallback {
    let cause = match (&open.cause, &new.cause) {
        (CallbackCause::Flagged { flags: old }, CallbackCause::Flagged { flags: more }) => {
            let added = more.iter().filter(|flag| !old.contains(flag)).cloned();
            CallbackCause::Flagged { flags: old.iter().cloned().chain(added).collect() }
        }
        (old, new_cause) if (new.priority, gravity(new_cause)) < (open.priority, gravity(old)) => {
            new_cause.clone()
        }
        (old, _) => old.clone(),
    };
    NewCallback { cause, priority: open.priority.min(new.priority), due_at: open.due_at.min(new.due_at) }
}

/// Order of causes of one priority; 0 is the gravest.
fn gravity(cause: &CallbackCause) -> u8 {
    match cause {
        CallbackCause::Flagged { .. } => 0,
        CallbackCause::PersonAsked => 1,
        CallbackCause::Unknown => 2,
        CallbackCause::ReconfirmNumber { .. } => 3,
        CallbackCause::Exhausted { .. } => 4,
        CallbackCause::ByPlan { .. } => 5,
    }
}

/// Where a task stands once a person has finished its item. What succeeded or was withdrawn stays so: nobody at
/// home on a second call does not undo an interview.
pub fn after_callback(task: TaskState, outcome: CallbackOutcome) -> TaskState {
    match (task, outcome) {
        (TaskState::Succeeded | TaskState::Withdrawn, _) => task,
        (_, CallbackOutcome::Succeeded) => TaskState::Succeeded,
        (TaskState::Refused, _) | (_, CallbackOutcome::Refused) => TaskState::Refused,
        (_, CallbackOutcome::Exhausted) => TaskState::Exhausted,
        (_, CallbackOutcome::TryAgain) => TaskState::Waiting,
    }
}

/// Where a task stands after an attempt. A customer who opted out is not waited for.
pub fn after_attempt(next: &NextStep, opted_out: bool) -> Result<TaskState, StoreError> {
    match next {
        NextStep::End(state) if state.ended() => Ok(*state),
        NextStep::End(state) => Err(StoreError::Conflict(format!(
            "\"{}\" is no end of a task: end it as succeeded, refused, exhausted or withdrawn",
            state.slug()
        ))),
        NextStep::TryAgain { .. } | NextStep::GoOn if opted_out => Ok(TaskState::Refused),
        NextStep::TryAgain { .. } => Ok(TaskState::Waiting),
        NextStep::Person => Ok(TaskState::WithPerson),
        NextStep::GoOn => Err(StoreError::Conflict(
            "a claim goes on only from one attempt to the next: close the attempt with it".to_owned(),
        )),
    }
}

/// Whether a closing leaves the task with its claim, for another attempt at once.
pub fn goes_on(next: &NextStep, opted_out: bool) -> bool {
    *next == NextStep::GoOn && !opted_out
}

/// The rows of an import as they are kept: every external id once, every number of a row once, none without one.
pub fn importable(rows: &[CustomerRow]) -> Result<Vec<CustomerRow>, StoreError> {
    let mut seen = std::collections::HashSet::with_capacity(rows.len());
    rows.iter()
        .map(|row| {
            if !seen.insert(&row.external_id) {
                return Err(StoreError::Conflict(format!(
                    "the external id \"{}\" occurs twice in the import: keep one of the rows",
                    row.external_id
                )));
            }
            if row.external_id.is_empty() || row.numbers.is_empty() {
                return Err(StoreError::Conflict(format!(
                    "the row of the external id \"{}\" lacks the id or a number: give both",
                    row.external_id
                )));
            }
            let mut kept = row.clone();
            kept.numbers.clear();
            for number in &row.numbers {
                if !kept.numbers.contains(number) {
                    kept.numbers.push(number.clone());
                }
            }
            Ok(kept)
        })
        .collect()
}

/// The conflict when a task would be left to a person without an item in the queue: nobody would ever see it.
pub fn nobody_would_see_it() -> StoreError {
    StoreError::Conflict(
        "a task cannot go to a person without a callback: give the callback with the closing".to_owned(),
    )
}

/// Claims in the order in which they are to be called: by priority, then by age.
pub fn in_order(claims: &mut [Claim]) {
    claims.sort_by_key(|claim| {
        (std::cmp::Reverse(claim.plan.content.priority), claim.task.next_at, claim.task.id)
    });
}
