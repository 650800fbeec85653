//! `/api/v1/accounts`, `/api/v1/me`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use records::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Items;
use crate::act::{self, AccountAsked};
use crate::auth::Caller;
use crate::extract::{At, Body};
use crate::front::Front;
use crate::problem::{Problem, Reply};

/// What is to change of an account; at least one of the two.
#[derive(Deserialize, ToSchema)]
#[schema(as = AccountChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// False ends all sessions and tokens of the account.
    active: Option<bool>,
    password: Option<String>,
}

/// A token that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenAsked {
    /// Which machine uses it, in 1 to 100 characters.
    label: String,
    /// It does not expire where absent.
    expires_at: Option<DateTime<Utc>>,
}

/// The secret of a new token.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewToken {
    /// Shown this once.
    token: String,
}

/// What became of the tokens of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Revoked {
    /// How many there were.
    revoked: u64,
}

pub(crate) async fn me(caller: Caller) -> Reply {
    Ok(Json(caller.account).into_response())
}

pub(crate) async fn list(State(front): State<Front>) -> Reply {
    Ok(Json(Items { items: front.desk.accounts.accounts().await? }).into_response())
}

pub(crate) async fn post(
    State(front): State<Front>,
    caller: Caller,
    Body(asked): Body<AccountAsked>,
) -> Reply {
    let account = act::create_account(&front, &caller, asked).await?;
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

/// Both at once are done in this order, the password first.
pub(crate) async fn patch(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
    Body(change): Body<Change>,
) -> Reply {
    if change.active.is_none() && change.password.is_none() {
        return Err(Problem::invalid("nothing to change: give active or password"));
    }
    if let Some(password) = change.password {
        act::set_password(&front, &caller, id, &password).await?;
    }
    if let Some(active) = change.active {
        act::set_active(&front, &caller, id, active).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn post_token(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
    Body(asked): Body<TokenAsked>,
) -> Reply {
    let secret = act::issue_token(&front, &caller, id, &asked.label, asked.expires_at).await?;
    Ok((StatusCode::CREATED, Json(NewToken { token: secret.text().to_owned() })).into_response())
}

pub(crate) async fn delete_tokens(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<AccountId>,
) -> Reply {
    let revoked = act::revoke_tokens(&front, &caller, id).await?;
    Ok(Json(Revoked { revoked }).into_response())
}
