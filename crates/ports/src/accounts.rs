//! Accounts, sessions and API tokens. The store keeps hashes only.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use records::{Account, AccountId, Role};

use crate::StoreError;

/// An account to be created.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: AccountId,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// PHC string of argon2id.
    pub password_hash: String,
}

/// A console session.
#[derive(Clone, Debug)]
pub struct Session {
    /// SHA-256 of the cookie's secret.
    pub secret_hash: Vec<u8>,
    pub account: AccountId,
    pub expires_at: DateTime<Utc>,
}

/// An API token of a machine.
#[derive(Clone, Debug)]
pub struct Token {
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    pub account: AccountId,
    pub label: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who may log in.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Conflict when the login exists.
    async fn create_account(&self, account: &NewAccount) -> Result<Account, StoreError>;
    /// Creates the account only when no account exists at all; answers whether it did.
    async fn create_first_account(&self, account: &NewAccount) -> Result<bool, StoreError>;
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;
    /// The account and its password hash.
    async fn account_by_login(&self, login: &str) -> Result<Option<(Account, String)>, StoreError>;
    /// Ends all sessions of the account but `keep`, the one that asks: whoever knew the old password is out.
    async fn set_password(
        &self,
        id: AccountId,
        password_hash: &str,
        keep: Option<&[u8]>,
    ) -> Result<(), StoreError>;
    /// Deactivating ends all sessions and tokens.
    async fn set_active(&self, id: AccountId, active: bool) -> Result<(), StoreError>;
    async fn open_session(&self, session: &Session) -> Result<(), StoreError>;
    /// The active account of a session that has not expired.
    async fn account_by_session(&self, secret_hash: &[u8]) -> Result<Option<Account>, StoreError>;
    async fn close_session(&self, secret_hash: &[u8]) -> Result<(), StoreError>;
    async fn create_token(&self, token: &Token) -> Result<(), StoreError>;
    /// The active account of a token that has not expired.
    async fn account_by_token(&self, secret_hash: &[u8]) -> Result<Option<Account>, StoreError>;
    async fn revoke_tokens(&self, account: AccountId) -> Result<u64, StoreError>;
}
