//! `/api/v1/plans`, `/api/v1/questionnaires`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use records::{Plan, PlanId};
use serde::Serialize;
use serde_json::json;

use crate::act::{self, DryRunAsked, Foretold, PlanAsked, RehearsalAsked};
use crate::auth::Caller;
use crate::extract::{Asked, At, Body};
use crate::front::Front;
use crate::problem::Reply;
use crate::sight::{created, shown};

/// A plan with what its readers must know.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    plan: Plan,
    warnings: Vec<String>,
}

fn told(front: &Front, plan: Plan) -> Told {
    Told { warnings: act::warnings(front, &plan), plan }
}

pub(crate) async fn questionnaires(State(front): State<Front>) -> Reply {
    Ok(Json(json!({"items": front.desk.shelf.questionnaires()})).into_response())
}

pub(crate) async fn list(State(front): State<Front>, caller: Caller) -> Reply {
    let items: Vec<_> = front.desk.store.plans().await?.into_iter().map(|plan| told(&front, plan)).collect();
    shown(&caller, &json!({"items": items}))
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
    Ok(Json(json!({"items": plan::presets()})).into_response())
}

/// Who would be called when.
pub(crate) async fn dry_run(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Asked(asked): Asked<DryRunAsked>,
) -> Reply {
    let told = act::dry_run(&front, id, asked).await?;
    let Foretold { run, days, per_hour, cut } = told;
    shown(&caller, &json!({"days_ahead": days, "per_hour": per_hour, "customers_cut": cut, "run": run}))
}

/// Rings a number of the author's own.
pub(crate) async fn rehearse(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Body(asked): Body<RehearsalAsked>,
) -> Reply {
    let attempt = act::rehearse(&front, &caller, id, asked).await?;
    created(&caller, &json!({"attempt": attempt}))
}

pub(crate) async fn approve(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &act::approve(&front, &caller, id).await?)
}

pub(crate) async fn start(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    let tasks = act::start(&front, &caller, id).await?;
    shown(&caller, &json!({"plan": front.desk.store.plan(id).await?, "tasks_created": tasks}))
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
