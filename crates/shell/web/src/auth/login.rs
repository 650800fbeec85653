//! Logging in and out.

use std::net::IpAddr;
use std::time::Instant;

use axum::http::HeaderMap;
use chrono::TimeDelta;
use ports::Session;
use records::Role;
use serde_json::json;

use super::caller::session_secret;
use super::secret::Secret;
use crate::front::Front;
use crate::problem::Problem;

/// What came of a login.
pub(crate) enum Attempted {
    /// The secret for the cookie.
    In(Secret),
    /// Login and password do not fit together, or the account is not for people.
    Refused,
    /// Too many failures; seconds to wait.
    Wait(u64),
}

/// Opens a session for the right password.
pub(crate) async fn log_in(
    front: &Front,
    login: &str,
    password: &str,
    from: Option<IpAddr>,
) -> Result<Attempted, Problem> {
    let login = login.trim();
    {
        let mut throttle = front.throttle.lock();
        let now = Instant::now();
        if let Some(wait) = throttle.wait(login, from, now) {
            return Ok(Attempted::Wait(wait.as_secs() + 1));
        }
        throttle.tried(login, from, now);
    }
    let known = front.desk.accounts.account_by_login(login).await?;
    let (account, hash) = known.unzip();
    let fits = front.passwords.fits(password, hash).await?;
    let Some(account) = account.filter(|a| fits && a.active && a.role != Role::Integration) else {
        tracing::warn!("a login was refused");
        return Ok(Attempted::Refused);
    };
    front.throttle.lock().succeeded(login, from);
    let secret = Secret::for_session();
    let expires_at =
        front.desk.store.now().await? + TimeDelta::hours(i64::from(front.desk.settings.session_hours));
    let session = Session { secret_hash: secret.hash(), account: account.id, expires_at };
    front.desk.accounts.open_session(&session).await?;
    front.trail(&account.login, "account.log_in", &format!("account:{}", account.id), json!({})).await;
    Ok(Attempted::In(secret))
}

/// Ends the session of these headers, if there is one.
pub(crate) async fn close(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(secret) = session_secret(headers) {
        front.desk.accounts.close_session(&secret.hash()).await?;
    }
    Ok(())
}
