//! The router with its layers, and serving it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::desk::Desk;
use crate::front::{Front, FrontDesk};
use crate::guard::{Post, guard};
use crate::problem::Problem;
use crate::routes::{Side, routes};
use crate::{headers, span};

/// Bodies are small, but for imports, which set their own limit.
const BODY_LIMIT: usize = 256 * 1024;

/// The address to listen on cannot be had.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on {address}: {source}. Set [http] listen to a free address of this machine, or stop what uses it"
)]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: io::Error,
}

/// The whole web: API, console and probes.
pub fn router(desk: Desk) -> Router {
    let secure = desk.settings.secure_cookies;
    let front: Front = Arc::new(FrontDesk::new(desk));
    let mut router = Router::new();
    for route in routes() {
        let post = Post { front: front.clone(), gate: route.gate, side: route.side };
        router = router.route(route.path, route.handler.layer(from_fn_with_state(post, guard)));
    }
    let lost = Post { front: front.clone(), gate: crate::Gate::Open, side: Side::Console };
    router
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(lost, crate::guard::dress_lost))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(secure, headers::protect))
        .layer(from_fn(span::carry))
        .with_state(front)
}

/// Takes the address.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}

/// Serves until `shutdown` is ready, then lets open requests end.
pub async fn serve<F>(listener: TcpListener, router: Router, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(shutdown)
        .await
}

async fn nothing_here(request: Request) -> Response {
    Problem::missing(format!("there is nothing at {}: see the list of routes", request.uri().path()))
        .into_response()
}

async fn wrong_method(request: Request) -> Response {
    Problem::wrong_method(format!("{} is not served at {}", request.method(), request.uri().path()))
        .into_response()
}
