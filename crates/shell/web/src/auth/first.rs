//! The first admin of a new installation.

use ports::{Accounts, NewAccount, StoreError};
use rand::seq::IndexedRandom;
use records::{AccountId, Role};
use uuid::Uuid;

use super::offline::{MadeUp, made_up_password};

/// Without letters and digits that look alike.
const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LOGIN: &str = "admin";

/// The first admin's password, to be shown once and never kept. It has no `Debug` on purpose.
pub struct FirstPassword {
    pub login: &'static str,
    pub password: String,
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
pub(super) fn random_password() -> String {
    let mut rng = rand::rng();
    let mut group =
        || (0..5).filter_map(|_| ALPHABET.choose(&mut rng)).map(|&b| char::from(b)).collect::<String>();
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
