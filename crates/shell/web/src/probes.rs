//! Probes for machines that watch: alive, ready, figures.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::front::Front;

/// A health check gives up sooner than a pool does.
const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// What a health check answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// What a readiness check answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `not ready`.
    status: &'static str,
    /// Why not, each with its remedy.
    reasons: Vec<String>,
}

/// The process runs and answers.
pub(crate) async fn healthz() -> Response {
    Json(Health { status: "ok" }).into_response()
}

/// Calls can be placed and the store answers; else 503 with the reasons.
pub(crate) async fn readyz(State(front): State<Front>) -> Response {
    let mut reasons = Vec::new();
    let answer = tokio::time::timeout(STORE_PATIENCE, front.desk.store.now()).await;
    if !matches!(answer, Ok(Ok(_))) {
        tracing::warn!("not ready: the store does not answer");
        reasons.push("the database does not answer: check that Postgres runs".to_owned());
    }
    if let Err(why) = front.desk.floor.ready() {
        reasons.push(why);
    }
    let (code, status) = if reasons.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (code, Json(Readiness { status, reasons })).into_response()
}

/// Prometheus text.
pub(crate) async fn metrics(State(front): State<Front>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, front.desk.floor.metrics()).into_response()
}

/// Without a token only from loopback itself, by setting, and not through a proxy there.
pub(crate) fn may_read_metrics(front: &Front, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let near = peer.is_some_and(|ConnectInfo(address)| address.ip().to_canonical().is_loopback());
    let proxied =
        ["forwarded", "x-forwarded-for", "via"].iter().any(|name| request.headers().contains_key(*name));
    front.desk.settings.metrics_open && near && !proxied
}
