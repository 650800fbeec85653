//! Secrets that the operator's shell makes, and the first admin of a new installation.

use ports::{Accounts, NewAccount, StoreError};
use rand::seq::IndexedRandom;
use records::{AccountId, Role};
use uuid::Uuid;

use super::password::hash_now;
use super::secret::Secret;

/// Without letters and digits that look alike.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LOGIN: &str = "admin";

/// The first admin's password, to be shown once and never kept. It has no `Debug` on purpose.
pub struct FirstPassword {
    pub login: &'static str,
    pub password: String,
}

/// A secret just made: `secret` is shown once, `kept` is what the store gets. It has no `Debug` on purpose.
pub struct MadeUp<K> {
    pub secret: String,
    pub kept: K,
}

/// A random password and its PHC string.
pub async fn made_up_password() -> Result<MadeUp<String>, StoreError> {
    let secret = random_password();
    let to_hash = secret.clone();
    let hashed = tokio::task::spawn_blocking(move || hash_now(&to_hash).map_err(|error| error.to_string())).await;
    let kept = hashed.unwrap_or_else(|error| Err(error.to_string())).map_err(|why| {
        StoreError::Conflict(format!("a password could not be hashed: {why}. Free some memory and try again"))
    })?;
    Ok(MadeUp { secret, kept })
}

/// A random API token and its hash.
pub fn made_up_token() -> MadeUp<Vec<u8>> {
    let secret = Secret::for_token();
    MadeUp { kept: secret.hash(), secret: secret.text().to_owned() }
}

/// Creates the account `admin` with a random password when no account exists at all; `None` when there are accounts.
pub async fn first_admin(accounts: &dyn Accounts) -> Result<Option<FirstPassword>, StoreError> {
    if !accounts.accounts().await?.is_empty() {
        return Ok(None);
    }
    let MadeUp { secret: password, kept: password_hash } = made_up_password().await?;
    let account = NewAccount {
        id: AccountId(Uuid::now_v7()),
        login: LOGIN.to_owned(),
        name: "管理员".to_owned(),
        role: Role::Admin,
        password_hash,
    };
    let created = accounts.create_first_account(&account).await?;
    Ok(created.then_some(FirstPassword { login: LOGIN, password }))
}

/// Four groups of five: 100 bits.
fn random_password() -> String {
    let mut rng = rand::rng();
    let mut group = || (0..5).filter_map(|_| ALPHABET.choose(&mut rng)).map(|&b| char::from(b)).collect::<String>();
    [group(), group(), group(), group()].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_random_passwords_are_alike() {
        let (one, other) = (random_password(), random_password());
        assert_eq!(one.len(), 23, "{one}");
        assert_ne!(one, other);
    }
}
