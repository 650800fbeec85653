//! Accounts, their passwords and tokens.

use chrono::{DateTime, Utc};
use ports::{NewAccount, Token};
use records::{Account, AccountId, Role};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Caller, Secret};
use crate::front::Front;
use crate::problem::Problem;

/// An account as an admin asks for it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountAsked {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// People need one; machines use tokens.
    #[serde(default)]
    pub(crate) password: Option<String>,
}

/// Creates an account.
pub(crate) async fn create_account(
    front: &Front,
    caller: &Caller,
    asked: AccountAsked,
) -> Result<Account, Problem> {
    let login = checked_login(&asked.login)?;
    let name = asked.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::invalid("name: give 1 to 100 characters"));
    }
    let password = match asked.password.filter(|password| !password.is_empty()) {
        Some(password) => password,
        // Nobody knows it: such an account is reached by token only.
        None if asked.role == Role::Integration => Secret::for_session().text().to_owned(),
        None => return Err(Problem::invalid("password: people need one")),
    };
    let password_hash = front.passwords.hash(&password).await?;
    let account = NewAccount { id: AccountId(Uuid::now_v7()), login, name, role: asked.role, password_hash };
    let account = front.desk.accounts.create_account(&account).await?;
    trail(front, caller, "account.create", account.id).await;
    Ok(account)
}

fn checked_login(text: &str) -> Result<String, Problem> {
    let login = text.trim();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    if (2..=64).contains(&login.len()) && login.bytes().all(plain) {
        return Ok(login.to_owned());
    }
    Err(Problem::invalid("login: use 2 to 64 of a-z, 0-9, dot, dash and underscore"))
}

/// Sets another account's password.
pub(crate) async fn set_password(
    front: &Front,
    caller: &Caller,
    id: AccountId,
    password: &str,
) -> Result<(), Problem> {
    let hash = front.passwords.hash(password).await?;
    front.desk.accounts.set_password(id, &hash, caller.session_hash()).await?;
    trail(front, caller, "account.set_password", id).await;
    Ok(())
}

/// Sets the caller's own password, who must know the old one.
pub(crate) async fn change_own_password(
    front: &Front,
    caller: &Caller,
    old: &str,
    new: &str,
) -> Result<(), Problem> {
    let known = front.desk.accounts.account_by_login(&caller.account.login).await?;
    if !front.passwords.fits(old, known.map(|(_, hash)| hash)).await? {
        return Err(Problem::invalid("the old password does not fit: type it again"));
    }
    set_password(front, caller, caller.account.id, new).await
}

/// Deactivating ends all sessions and tokens. Nobody can lock themselves out.
pub(crate) async fn set_active(
    front: &Front,
    caller: &Caller,
    id: AccountId,
    active: bool,
) -> Result<(), Problem> {
    if !active && id == caller.account.id {
        return Err(Problem::conflict("you cannot deactivate yourself: ask another admin"));
    }
    front.desk.accounts.set_active(id, active).await?;
    trail(front, caller, if active { "account.activate" } else { "account.deactivate" }, id).await;
    Ok(())
}

/// A new token of an account; its secret is shown this once.
pub(crate) async fn issue_token(
    front: &Front,
    caller: &Caller,
    account: AccountId,
    label: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Secret, Problem> {
    let label = label.trim().to_owned();
    if label.is_empty() || label.chars().count() > 100 {
        return Err(Problem::invalid("label: say in 1 to 100 characters which machine uses the token"));
    }
    let secret = Secret::for_token();
    let token = Token { secret_hash: secret.hash(), account, label, expires_at };
    front.desk.accounts.create_token(&token).await?;
    trail(front, caller, "account.issue_token", account).await;
    Ok(secret)
}

/// Ends all tokens of an account; answers how many there were.
pub(crate) async fn revoke_tokens(
    front: &Front,
    caller: &Caller,
    account: AccountId,
) -> Result<u64, Problem> {
    let revoked = front.desk.accounts.revoke_tokens(account).await?;
    trail(front, caller, "account.revoke_tokens", account).await;
    Ok(revoked)
}

async fn trail(front: &Front, caller: &Caller, action: &str, id: AccountId) {
    front.trail(&caller.account.login, action, &format!("account:{id}"), json!({})).await;
}
