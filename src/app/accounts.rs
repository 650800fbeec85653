//! Accounts as the operator's shell makes them.

use ports::{Accounts, NewAccount, StoreError, Token};
use records::{AccountId, Role};
use web::{MadeUp, made_up_password, made_up_token};

/// Creates an account; answers its password.
pub async fn add(accounts: &dyn Accounts, login: &str, name: &str, role: Role) -> Result<String, StoreError> {
    let MadeUp { secret, kept } = made_up_password().await?;
    let account = NewAccount {
        id: AccountId(uuid::Uuid::now_v7()),
        login: login.to_owned(),
        name: name.to_owned(),
        role,
        password_hash: kept,
    };
    accounts.create_account(&account).await?;
    Ok(secret)
}

/// Replaces an account's password; answers the new one.
pub async fn new_password(accounts: &dyn Accounts, login: &str) -> Result<String, StoreError> {
    let id = known(accounts, login).await?;
    let MadeUp { secret, kept } = made_up_password().await?;
    accounts.set_password(id, &kept, None).await?;
    Ok(secret)
}

/// Makes an API token for an account; answers it.
pub async fn new_token(accounts: &dyn Accounts, login: &str, label: &str) -> Result<String, StoreError> {
    let account = known(accounts, login).await?;
    let MadeUp { secret, kept } = made_up_token();
    accounts
        .create_token(&Token { secret_hash: kept, account, label: label.to_owned(), expires_at: None })
        .await?;
    Ok(secret)
}

async fn known(accounts: &dyn Accounts, login: &str) -> Result<AccountId, StoreError> {
    match accounts.account_by_login(login).await? {
        Some((account, _)) => Ok(account.id),
        None => Err(StoreError::Missing { what: "account", id: login.to_owned() }),
    }
}
