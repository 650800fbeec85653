//! The case that somebody works on: whoever has taken an item of the call-back queue, or a step of the ladder, sees what
//! belongs to its task, as long as that is not done (W13).

use plan::Dossier;
use records::{Attempt, CallbackState, Role, StepState};

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// Whether this attempt belongs to a case the caller works on. True at once for roles other than agent.
pub(crate) async fn works_on(front: &Front, caller: &Caller, attempt: &Attempt) -> Result<bool, Problem> {
    if caller.account.role != Role::Agent {
        return Ok(true);
    }
    match attempt.task {
        Some(task) => Ok(is_theirs(caller, &front.desk.proofs.dossier(task).await?)),
        None => Ok(false),
    }
}

/// Whether the task is a case the caller works on; every task is for roles other than agent.
pub(super) fn is_theirs(caller: &Caller, dossier: &Dossier) -> bool {
    let me = Some(caller.account.id);
    let item =
        || dossier.callbacks.iter().any(|item| item.state == CallbackState::Taken && item.taken_by == me);
    let step = || dossier.steps.iter().any(|step| step.state != StepState::Done && step.taken_by == me);
    caller.account.role != Role::Agent || item() || step()
}
