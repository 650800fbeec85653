//! Passwords: argon2id off the async threads, a few at a time, and as slow for logins that do not exist.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Each hashing takes 19 MiB; more at once would let anybody fill the memory.
const AT_ONCE: usize = 4;
const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Verified against when the login is unknown, so that the time says nothing.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

/// A password is not strong enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has {SHORTEST} to {LONGEST} characters: choose a longer one, such as four words")]
pub(crate) struct WeakPassword;

/// Hashes and verifies.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The PHC string of a password that people may choose.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Problem> {
        check(password).map_err(|weak| Problem::invalid(weak.to_string()))?;
        let password = password.to_owned();
        self.in_turn(move || hash_now(&password)).await?.map_err(|error| Problem::internal(error.to_string()))
    }

    /// Whether the password fits; `None` for a login that does not exist takes as long.
    pub(crate) async fn fits(&self, password: &str, hash: Option<String>) -> Result<bool, Problem> {
        let password = password.chars().take(LONGEST + 1).collect::<String>();
        self.in_turn(move || {
            let known = hash.is_some();
            let fits = hash.or_else(|| NOBODY.clone()).is_some_and(|hash| verify_now(&password, &hash));
            known && fits
        })
        .await
    }

    async fn in_turn<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let turn = self.turns.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Problem::internal(format!("a password could not be hashed: {error}")))
    }
}

fn check(password: &str) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if (SHORTEST..=LONGEST).contains(&length) { Ok(()) } else { Err(WeakPassword) }
}

/// The PHC string with argon2's defaults: argon2id, 19 MiB, 2 passes.
pub(crate) fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn verify_now(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_login_fits() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.fits("correct horse battery", Some(hash.clone())).await.unwrap());
        assert!(!passwords.fits("correct horse batterz", Some(hash)).await.unwrap());
        assert!(!passwords.fits("nobody has this password", None).await.unwrap());
    }

    #[test]
    fn a_password_is_counted_in_characters() {
        assert_eq!(check("十二个汉字才算一个密码吧"), Ok(()));
        assert_eq!(check("elevenchars"), Err(WeakPassword));
    }
}
