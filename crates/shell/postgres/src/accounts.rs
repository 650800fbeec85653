//! Accounts, sessions and tokens. Only hashes of secrets come here.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::{Accounts, NewAccount, Session, StoreError, Token};
use records::{Account, AccountId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Postgres;
use crate::error::Trouble;
use crate::words::{missing, word};

#[async_trait]
impl Accounts for Postgres {
    async fn create_account(&self, account: &NewAccount) -> Result<Account, StoreError> {
        let mut connection = self.reader().await?;
        if insert(&mut connection, account).await? {
            Ok(one(&mut connection, account.id).await?)
        } else {
            Err(StoreError::Conflict(format!(
                "the login \"{}\" exists already: choose another",
                account.login
            )))
        }
    }

    async fn create_first_account(&self, account: &NewAccount) -> Result<bool, StoreError> {
        let account = account.clone();
        self.transact(move |connection| {
            let account = account.clone();
            Box::pin(async move { create_first(connection, &account).await })
        })
        .await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut connection = self.reader().await?;
        let rows = sqlx::query_as!(
            Kept,
            "select id, login, name, role, active, created_at from accounts order by login"
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(Trouble::from)?;
        rows.into_iter().map(Account::try_from).collect()
    }

    async fn account_by_login(&self, login: &str) -> Result<Option<(Account, String)>, StoreError> {
        let mut connection = self.reader().await?;
        let found = sqlx::query!("select id, password_hash from accounts where login = $1", login)
            .fetch_optional(&mut *connection)
            .await
            .map_err(Trouble::from)?;
        match found {
            Some(row) => Ok(Some((one(&mut connection, AccountId(row.id)).await?, row.password_hash))),
            None => Ok(None),
        }
    }

    async fn set_password(
        &self,
        id: AccountId,
        password_hash: &str,
        keep: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let mut connection = self.reader().await?;
        let changed = sqlx::query_scalar!(
            "with changed as (update accounts set password_hash = $2 where id = $1 returning id),
                  ended as (delete from sessions s using changed
                            where s.account_id = changed.id and s.secret_hash is distinct from $3)
             select id from changed",
            id.0,
            password_hash,
            keep
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(Trouble::from)?;
        changed.map(|_| ()).ok_or_else(|| missing("account", id))
    }

    async fn set_active(&self, id: AccountId, active: bool) -> Result<(), StoreError> {
        self.transact(move |connection| Box::pin(set_active(connection, id, active))).await
    }

    async fn open_session(&self, session: &Session) -> Result<(), StoreError> {
        let session = session.clone();
        self.transact(move |connection| {
            let session = session.clone();
            Box::pin(async move { open_session(connection, &session).await })
        })
        .await
    }

    async fn account_by_session(&self, secret_hash: &[u8]) -> Result<Option<Account>, StoreError> {
        let mut connection = self.reader().await?;
        let found = sqlx::query_as!(
            Kept,
            "select a.id, a.login, a.name, a.role, a.active, a.created_at
             from sessions s join accounts a on a.id = s.account_id
             where s.secret_hash = $1 and s.expires_at > now() and a.active",
            secret_hash
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(Trouble::from)?;
        found.map(Account::try_from).transpose()
    }

    async fn close_session(&self, secret_hash: &[u8]) -> Result<(), StoreError> {
        let mut connection = self.reader().await?;
        sqlx::query!("delete from sessions where secret_hash = $1", secret_hash)
            .execute(&mut *connection)
            .await
            .map_err(Trouble::from)?;
        Ok(())
    }

    async fn create_token(&self, token: &Token) -> Result<(), StoreError> {
        let mut connection = self.reader().await?;
        sqlx::query!(
            "insert into tokens (secret_hash, account_id, label, expires_at) values ($1, $2, $3, $4)",
            token.secret_hash,
            token.account.0,
            token.label,
            token.expires_at
        )
        .execute(&mut *connection)
        .await
        .map_err(Trouble::from)?;
        Ok(())
    }

    async fn account_by_token(&self, secret_hash: &[u8]) -> Result<Option<Account>, StoreError> {
        let mut connection = self.reader().await?;
        let found = sqlx::query_as!(
            Kept,
            "select a.id, a.login, a.name, a.role, a.active, a.created_at
             from tokens t join accounts a on a.id = t.account_id
             where t.secret_hash = $1 and t.revoked_at is null and a.active
               and (t.expires_at is null or t.expires_at > now())",
            secret_hash
        )
        .fetch_optional(&mut *connection)
        .await
        .map_err(Trouble::from)?;
        found.map(Account::try_from).transpose()
    }

    async fn revoke_tokens(&self, account: AccountId) -> Result<u64, StoreError> {
        let mut connection = self.reader().await?;
        Ok(revoke(&mut connection, account).await?)
    }
}

/// False when the login exists.
async fn insert(connection: &mut PgConnection, account: &NewAccount) -> Result<bool, Trouble> {
    let inserted = sqlx::query!(
        "insert into accounts (id, login, name, role, password_hash) values ($1, $2, $3, $4, $5)
         on conflict (login) do nothing",
        account.id.0,
        account.login,
        account.name,
        account.role.slug(),
        account.password_hash,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Two processes that start at once must not both make an admin.
async fn create_first(connection: &mut PgConnection, account: &NewAccount) -> Result<bool, Trouble> {
    sqlx::query("lock table accounts in share row exclusive mode").execute(&mut *connection).await?;
    let any = sqlx::query_scalar!("select id from accounts limit 1").fetch_optional(&mut *connection).await?;
    if any.is_some() { Ok(false) } else { insert(connection, account).await }
}

async fn one(connection: &mut PgConnection, id: AccountId) -> Result<Account, Trouble> {
    let found = sqlx::query_as!(
        Kept,
        "select id, login, name, role, active, created_at from accounts where id = $1",
        id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(Account::try_from).transpose()?.ok_or_else(|| missing("account", id))?)
}

/// Whoever may not log in any more is logged out.
async fn set_active(connection: &mut PgConnection, id: AccountId, active: bool) -> Result<(), Trouble> {
    let changed = sqlx::query!("update accounts set active = $2 where id = $1", id.0, active)
        .execute(&mut *connection)
        .await?;
    if changed.rows_affected() == 0 {
        return Err(missing("account", id).into());
    }
    if !active {
        sqlx::query!("delete from sessions where account_id = $1", id.0).execute(&mut *connection).await?;
        revoke(connection, id).await?;
    }
    Ok(())
}

async fn open_session(connection: &mut PgConnection, session: &Session) -> Result<(), Trouble> {
    sqlx::query!("delete from sessions where account_id = $1 and expires_at <= now()", session.account.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into sessions (secret_hash, account_id, expires_at) values ($1, $2, $3)",
        session.secret_hash,
        session.account.0,
        session.expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn revoke(connection: &mut PgConnection, account: AccountId) -> Result<u64, Trouble> {
    let revoked = sqlx::query!(
        "update tokens set revoked_at = now() where account_id = $1 and revoked_at is null",
        account.0
    )
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected())
}

/// An account as the query gives it.
struct Kept {
    id: Uuid,
    login: String,
    name: String,
    role: String,
    active: bool,
    created_at: DateTime<Utc>,
}

impl TryFrom<Kept> for Account {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        Ok(Self {
            id: AccountId(kept.id),
            login: kept.login,
            name: kept.name,
            role: word(&kept.role, "table accounts")?,
            active: kept.active,
            created_at: kept.created_at,
        })
    }
}
