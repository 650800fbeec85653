//! `/api/v1/plans`, `/api/v1/questionnaires`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use records::PlanId;
use serde_json::json;

use crate::act::{self, PlanAsked};
use crate::auth::Caller;
use crate::extract::{At, Body};
use crate::front::Front;
use crate::problem::Reply;
use crate::sight::{created, shown};

pub(crate) async fn questionnaires(State(front): State<Front>) -> Reply {
    Ok(Json(json!({"items": front.desk.shelf.questionnaires()})).into_response())
}

pub(crate) async fn list(State(front): State<Front>, caller: Caller) -> Reply {
    shown(&caller, &json!({"items": front.desk.store.plans().await?}))
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<PlanId>) -> Reply {
    shown(&caller, &front.desk.store.plan(id).await?)
}

pub(crate) async fn post(State(front): State<Front>, caller: Caller, Body(asked): Body<PlanAsked>) -> Reply {
    created(&caller, &act::create(&front, &caller, asked).await?)
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
