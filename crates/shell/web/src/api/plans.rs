//! `/api/v1/plans`, `/api/v1/questionnaires`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use plan::DryRun;
use records::{AttemptId, Plan, PlanId};
use serde::Serialize;
use utoipa::ToSchema;

use super::Items;
use crate::act::{self, DryRunAsked, Foretold, PlanAsked, RehearsalAsked};
use crate::auth::Caller;
use crate::extract::{Asked, At, Body};
use crate::front::Front;
use crate::problem::Reply;
use crate::sight::{created, shown};

/// A plan with what its readers must know.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanWithWarnings)]
pub(crate) struct Told {
    #[serde(flatten)]
    plan: Plan,
    /// Years it reaches into whose public holidays are not known, each with the remedy.
    warnings: Vec<String>,
}

/// A dry run with what it was reckoned with.
#[derive(Serialize, ToSchema)]
pub(crate) struct DryRunTold {
    days_ahead: u32,
    /// First calls in an hour.
    per_hour: u32,
    /// There are more customers than were looked at.
    customers_cut: bool,
    run: DryRun,
}

/// A rehearsal that is being dialled.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rehearsing {
    attempt: AttemptId,
}

/// A plan that was started.
#[derive(Serialize, ToSchema)]
pub(crate) struct Started {
    plan: Plan,
    tasks_created: u64,
}

fn told(front: &Front, plan: Plan) -> Told {
    Told { warnings: act::warnings(front, &plan), plan }
}

pub(crate) async fn questionnaires(State(front): State<Front>) -> Reply {
    Ok(Json(Items { items: front.desk.shelf.questionnaires() }).into_response())
}

pub(crate) async fn list(State(front): State<Front>, caller: Caller) -> Reply {
    let items: Vec<_> = front.desk.store.plans().await?.into_iter().map(|plan| told(&front, plan)).collect();
    shown(&caller, &Items { items })
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &told(&front, front.desk.store.plan(id).await?))
}

pub(crate) async fn post(State(front): State<Front>, caller: Caller, Body(asked): Body<PlanAsked>) -> Reply {
    let plan = act::create(&front, &caller, asked).await?;
    created(&caller, &told(&front, plan))
}

/// The presets a plan may begin with.
pub(crate) async fn presets() -> Reply {
    Ok(Json(Items { items: plan::presets().iter().collect() }).into_response())
}

/// Who would be called when.
pub(crate) async fn dry_run(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Asked(asked): Asked<DryRunAsked>,
) -> Reply {
    let told = act::dry_run(&front, id, asked).await?;
    let Foretold { run, days: days_ahead, per_hour, cut: customers_cut } = told;
    shown(&caller, &DryRunTold { days_ahead, per_hour, customers_cut, run })
}

/// Rings a number of the author's own.
pub(crate) async fn rehearse(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Body(asked): Body<RehearsalAsked>,
) -> Reply {
    let attempt = act::rehearse(&front, &caller, id, asked).await?;
    created(&caller, &Rehearsing { attempt })
}

pub(crate) async fn approve(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &act::approve(&front, &caller, id).await?)
}

pub(crate) async fn start(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    let tasks_created = act::start(&front, &caller, id).await?;
    shown(&caller, &Started { plan: front.desk.store.plan(id).await?, tasks_created })
}

pub(crate) async fn pause(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &act::pause_plan(&front, &caller, id).await?)
}

pub(crate) async fn resume(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &act::resume_plan(&front, &caller, id).await?)
}

pub(crate) async fn stop(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &act::stop(&front, &caller, id).await?)
}
