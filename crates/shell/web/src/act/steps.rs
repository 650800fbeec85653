//! Works the ladder: what becomes of a task when a person, or a gateway, has finished a step or an item of the queue.

use plan::Case;
use ports::{StepEnd, StoreError};
use records::{CallbackCause, CallbackOutcome, Onward, Reason, Step, StepForm, StepId, StepOutcome, TaskId};
use serde_json::json;

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// How a step ended.
pub(crate) struct StepEnding {
    pub(crate) outcome: StepOutcome,
    pub(crate) form: Option<StepForm>,
    pub(crate) note: Option<String>,
}

/// The caller works on this step from now on.
pub(crate) async fn take_step(front: &Front, caller: &Caller, id: StepId) -> Result<Step, Problem> {
    let step = front.desk.store.take_step(id, caller.account.id).await?;
    front.trail(&caller.account.login, "step.take", &format!("step:{id}"), json!({})).await;
    Ok(step)
}

/// The step was sent or posted.
pub(crate) async fn carry(
    front: &Front,
    caller: &Caller,
    id: StepId,
    form: &StepForm,
) -> Result<Step, Problem> {
    let step = front.desk.store.carry_step(id, caller.account.id, form).await?;
    front.trail(&caller.account.login, "step.carry", &format!("step:{id}"), json!({})).await;
    Ok(step)
}

/// Ends a step; its task goes up the ladder or ends.
pub(crate) async fn finish_step(
    front: &Front,
    caller: &Caller,
    id: StepId,
    ending: StepEnding,
) -> Result<Step, Problem> {
    let StepEnding { outcome, form, note } = ending;
    let step = front.desk.store.step(id).await?;
    let confirmed = match (&form, outcome) {
        (Some(StepForm::Reconfirm { numbers, .. }), _) => numbers.len(),
        (_, StepOutcome::Confirmed) => {
            return Err(Problem::invalid("form: give the numbers that were confirmed"));
        }
        _ => 0,
    };
    if outcome == StepOutcome::Lapsed {
        return Err(Problem::invalid("outcome: a step lapses by itself; give failed"));
    }
    let around = Around::of(front, step.task).await?;
    let numbers = around.numbers.max(confirmed);
    let calendar = (front.desk.calendar)();
    let case = Case { rung: step.rung, ..around.case(&calendar) };
    let onward = plan::after_step(&case, outcome, numbers, around.cause());
    let end = StepEnd { outcome, form, note, by: Some(caller.account.id), onward };
    let done = front.desk.store.finish_step(id, &end).await?;
    let detail = json!({"outcome": outcome});
    front.trail(&caller.account.login, "step.finish", &format!("step:{id}"), detail).await;
    Ok(done)
}

/// Where a task goes when a person ends its item of the queue so; none where the outcome itself is the end.
pub(crate) async fn after_item(
    front: &Front,
    task: TaskId,
    outcome: CallbackOutcome,
) -> Result<Option<Onward>, Problem> {
    let around = Around::of(front, task).await?;
    let calendar = (front.desk.calendar)();
    Ok(plan::after_callback(&around.case(&calendar), outcome, around.numbers, around.cause()))
}

/// What is known of a task that goes up.
struct Around {
    claim: records::Claim,
    now: chrono::DateTime<chrono::Utc>,
    numbers: usize,
    last: Option<Reason>,
}

impl Around {
    async fn of(front: &Front, task: TaskId) -> Result<Self, StoreError> {
        let store = &front.desk.store;
        let claim = store.case(task).await?;
        let numbers = store.numbers_to_call(&claim).await?.len();
        let last = store.history(task).await?.iter().rev().find_map(|made| made.reason);
        Ok(Self { claim, now: store.now().await?, numbers, last })
    }

    fn case<'a>(&'a self, calendar: &'a plan::Calendar) -> Case<'a> {
        let Self { claim, now, .. } = self;
        Case::of(&claim.plan.content.policy, calendar, claim.customer.row.zone(), *now, &claim.task)
    }

    fn cause(&self) -> CallbackCause {
        match (self.last, self.numbers) {
            (Some(last), 0) => CallbackCause::ReconfirmNumber { last },
            (last, _) => CallbackCause::Exhausted { last: last.unwrap_or(Reason::Cancelled) },
        }
    }
}
