//! `/api/v1/calling`: the one switch.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::act;
use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Reply;

pub(crate) async fn state(State(front): State<Front>) -> Reply {
    Ok(Json(front.desk.store.switch().await?).into_response())
}

pub(crate) async fn stop(State(front): State<Front>, caller: Caller) -> Reply {
    Ok(Json(act::stop_all(&front, &caller).await?).into_response())
}

pub(crate) async fn resume(State(front): State<Front>, caller: Caller) -> Reply {
    Ok(Json(act::resume(&front, &caller).await?).into_response())
}
