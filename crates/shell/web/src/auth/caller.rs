//! The account behind a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;
use records::{Account, Role};

use super::secret::{SESSION_COOKIE, Secret};
use crate::front::Front;
use crate::problem::Problem;

/// Who asks, and by what right.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: Account,
    pub(crate) key: Key,
}

/// By what an account was recognised.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    /// A person's cookie; its forms carry `form_token`.
    Session { form_token: String, secret_hash: Vec<u8> },
    /// A machine's bearer token.
    Token,
}

impl Caller {
    pub(crate) fn is(&self, roles: &[Role]) -> bool {
        roles.contains(&self.account.role)
    }

    /// The session that asks, as the store knows it; `None` for machines.
    pub(crate) fn session_hash(&self) -> Option<&[u8]> {
        match &self.key {
            Key::Session { secret_hash, .. } => Some(secret_hash),
            Key::Token => None,
        }
    }

    /// The hidden field of every form; empty for machines.
    pub(crate) fn form_token(&self) -> &str {
        match &self.key {
            Key::Session { form_token, .. } => form_token,
            Key::Token => "",
        }
    }
}

/// Finds the account of a bearer token, else of the session cookie. A token that is given counts, even if it is wrong.
pub(crate) async fn identify(front: &Front, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let accounts = &front.desk.accounts;
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let Some(secret) = bearer(value.to_str().unwrap_or_default()) else {
            return Err(Problem::not_logged_in("give the token as \"Authorization: Bearer hf_…\""));
        };
        let account = accounts.account_by_token(&secret.hash()).await?;
        let account = account.ok_or_else(|| {
            Problem::not_logged_in("this token is unknown, expired or revoked: ask an admin for another")
        })?;
        return Ok(Some(Caller { account, key: Key::Token }));
    }
    let Some(secret) = session_secret(headers) else { return Ok(None) };
    let account = accounts.account_by_session(&secret.hash()).await?;
    let key = Key::Session { form_token: secret.form_token(), secret_hash: secret.hash() };
    Ok(account.map(|account| Caller { account, key }))
}

/// The secret in the session cookie.
pub(crate) fn session_secret(headers: &HeaderMap) -> Option<Secret> {
    CookieJar::from_headers(headers).get(SESSION_COOKIE).map(|cookie| Secret::presented(cookie.value()))
}

fn bearer(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::presented(token.trim()))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::not_logged_in("log in, or give a token"))
    }
}
