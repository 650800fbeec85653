//! `/api/v1/steps`: the ladder's steps that people and gateways carry out; a task's moves; a plan's share of visits and
//! letters.

use axum::extract::State;
use ports::{Shares, StepFilter};
use records::{PlanId, StepForm, StepId, StepOutcome, TaskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Items;
use crate::act::{self, StepEnding};
use crate::auth::Caller;
use crate::extract::{Asked, At, Body, PageAsked};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::sight::shown;

/// Longest note, in characters.
const NOTE: usize = 4000;

/// How a step of the ladder ends.
#[derive(Deserialize, ToSchema)]
#[schema(as = StepEnding)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finishing {
    outcome: StepOutcome,
    /// What was done, in the form of the step's kind.
    form: Option<StepForm>,
    /// At most 4000 characters.
    note: Option<String>,
}

/// A plan's share of each way.
#[derive(Serialize, ToSchema)]
pub(crate) struct SharesTold {
    #[serde(flatten)]
    shares: Shares,
    /// Of all call-backs made, 0 to 1; L5 wants at most 0.1.
    share_of_visits_and_letters: f64,
}

pub(crate) async fn list(
    State(front): State<Front>,
    caller: Caller,
    Asked(filter): Asked<StepFilter>,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    shown(&caller, &front.desk.store.open_steps(filter, page.page()?).await?)
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<StepId>) -> Reply {
    shown(&caller, &front.desk.store.step(id).await?)
}

pub(crate) async fn take(State(front): State<Front>, caller: Caller, At(id): At<StepId>) -> Reply {
    shown(&caller, &act::take_step(&front, &caller, id).await?)
}

pub(crate) async fn carry(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<StepId>,
    Body(form): Body<StepForm>,
) -> Reply {
    shown(&caller, &act::carry(&front, &caller, id, &form).await?)
}

pub(crate) async fn finish(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<StepId>,
    Body(finishing): Body<Finishing>,
) -> Reply {
    let Finishing { outcome, form, note } = finishing;
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE) {
        return Err(Problem::invalid("note: at most 4000 characters"));
    }
    shown(&caller, &act::finish_step(&front, &caller, id, StepEnding { outcome, form, note }).await?)
}

pub(crate) async fn moves(State(front): State<Front>, caller: Caller, At(task): At<TaskId>) -> Reply {
    shown(&caller, &Items { items: front.desk.store.moves(task).await? })
}

pub(crate) async fn shares(State(front): State<Front>, caller: Caller, At(plan): At<PlanId>) -> Reply {
    let shares = front.desk.store.shares(plan).await?;
    let share_of_visits_and_letters = shares.of_visits_and_letters();
    shown(&caller, &SharesTold { shares, share_of_visits_and_letters })
}
