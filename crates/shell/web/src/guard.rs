//! The door of every route: who is it, may this role come in, does a write come from our own pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::auth::{Caller, Key, identify, same_origin};
use crate::console::{Ui, problem_page};
use crate::front::Front;
use crate::probes::may_read_metrics;
use crate::problem::Problem;
use crate::routes::{Gate, Side};

/// What the guard of one route knows.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) front: Front,
    pub(crate) gate: Gate,
    pub(crate) side: Side,
}

/// Lets a request in with its [`Caller`] and [`Ui`] beside it, or answers for the handler.
pub(crate) async fn guard(State(post): State<Post>, mut request: Request, next: Next) -> Response {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let watched = post.gate == Gate::Metrics && may_read_metrics(&post.front, &request);
    let admitted = if watched { Ok(None) } else { admit(&post, &method, &headers).await };
    let caller = match admitted {
        Ok(caller) => caller,
        Err(problem) => return refuse(&post, &request, problem),
    };
    let ui = Ui::of(&post.front, &request, caller.as_ref());
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    request.extensions_mut().insert(ui.clone());
    dress(post.side, &ui, next.run(request).await)
}

/// For what no route serves: a page for people, a problem document for machines.
pub(crate) async fn dress_lost(State(post): State<Post>, request: Request, next: Next) -> Response {
    let ui = Ui::of(&post.front, &request, None);
    let side = if request.uri().path().starts_with("/api/") { Side::Api } else { post.side };
    let response = next.run(request).await;
    let plain = response.headers().get("content-type").is_some_and(|kind| kind == "application/problem+json");
    let lost = matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED);
    if plain && lost { dress(side, &ui, response) } else { response }
}

async fn admit(post: &Post, method: &Method, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    match post.gate {
        Gate::Open => {
            if !method.is_safe() && same_origin(headers) == Some(false) {
                return Err(foreign());
            }
            Ok(None)
        }
        Gate::Metrics | Gate::Roles(_) => {
            let caller = identify(&post.front, headers).await?;
            let caller = caller.ok_or_else(|| Problem::not_logged_in("log in, or give a token"))?;
            check_role(post.gate, &caller)?;
            check_origin(method, headers, &caller)?;
            Ok(Some(caller))
        }
    }
}

fn check_role(gate: Gate, caller: &Caller) -> Result<(), Problem> {
    if gate.admits(caller.account.role) {
        return Ok(());
    }
    let names: Vec<_> = gate.roles().iter().map(|role| role.slug()).collect();
    Err(Problem::not_allowed(format!(
        "this is for {}; your role is {}: ask an admin for another account",
        names.join(", "),
        caller.account.role
    )))
}

fn check_origin(method: &Method, headers: &HeaderMap, caller: &Caller) -> Result<(), Problem> {
    let by_cookie = matches!(caller.key, Key::Session { .. });
    if by_cookie && !method.is_safe() && same_origin(headers) != Some(true) { Err(foreign()) } else { Ok(()) }
}

fn foreign() -> Problem {
    Problem::not_allowed(
        "this request does not come from the console's own pages: reload the page; machines use a token",
    )
}

fn refuse(post: &Post, request: &Request, problem: Problem) -> Response {
    let to_login = problem.status() == StatusCode::UNAUTHORIZED && post.side == Side::Console;
    if to_login {
        return Redirect::to("/login").into_response();
    }
    dress(post.side, &Ui::of(&post.front, request, None), problem.into_response())
}

fn dress(side: Side, ui: &Ui, mut response: Response) -> Response {
    match (side, response.extensions_mut().remove::<Problem>()) {
        (Side::Console, Some(problem)) => problem_page(ui, &problem),
        _ => response,
    }
}
