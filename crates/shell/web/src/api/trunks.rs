//! `/api/v1/trunks`, `/api/v1/alarms`

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::Items;
use crate::front::Front;
use crate::problem::Reply;

/// State, lines, rate, breaker and the figures of the shown number of every trunk.
pub(crate) async fn list(State(front): State<Front>) -> Reply {
    Ok(Json(Items { items: front.desk.floor.trunks() }).into_response())
}

/// Alarms that stand, the oldest first.
pub(crate) async fn alarms(State(front): State<Front>) -> Reply {
    Ok(Json(Items { items: front.desk.floor.alarms() }).into_response())
}
