//! One span and one log line a request, without personal data: the route's pattern, never the address or the query.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::problem::Problem;

/// Carries a request to its end on a task of its own: a browser that leaves must not cut a transaction in two,
/// and a panic must not take the connection along.
pub(crate) async fn carry(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("http", %method, route);
    let began = Instant::now();
    let work = tokio::spawn(next.run(request).instrument(span.clone()));
    let response = work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request's handler failed");
        Problem::internal("an error of the service: tell the operator to look into the log").into_response()
    });
    span.in_scope(|| report(&method, &route, &response, began));
    response
}

fn report(method: &Method, route: &str, response: &Response, began: Instant) {
    let status = response.status();
    let seconds = began.elapsed().as_secs_f64();
    // Anybody may invent methods; they must not become time series.
    let known = matches!(method.as_str(), "GET" | "HEAD" | "POST" | "PATCH");
    let shown = if known { method.as_str() } else { "other" };
    let labels =
        [("method", shown.to_owned()), ("route", route.to_owned()), ("status", status.as_str().to_owned())];
    metrics::histogram!("huifang_http_request_seconds", &labels).record(seconds);
    let millis = (seconds * 1000.0).round();
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), millis, "answered");
    } else if method.is_safe() {
        tracing::debug!(status = status.as_u16(), millis, "answered");
    } else {
        tracing::info!(status = status.as_u16(), millis, "answered");
    }
}
