//! Passwords and tokens made up for the operator's shell.

use ports::StoreError;

use super::Secret;
use super::first::random_password;
use super::password::hash_now;

/// A made-up secret: what its holder is shown once, and what the store keeps.
pub struct MadeUp<K> {
    pub secret: String,
    pub kept: K,
}

/// Makes up a password; kept is its PHC string.
pub async fn made_up_password() -> Result<MadeUp<String>, StoreError> {
    let secret = random_password();
    let to_hash = secret.clone();
    let hashed =
        tokio::task::spawn_blocking(move || hash_now(&to_hash).map_err(|error| error.to_string())).await;
    let kept = hashed
        .unwrap_or_else(|error| Err(error.to_string()))
        .map_err(|why| StoreError::Conflict(format!("the password could not be hashed: {why}")))?;
    Ok(MadeUp { secret, kept })
}

/// Makes up an API token; kept is its SHA-256.
pub fn made_up_token() -> MadeUp<Vec<u8>> {
    let secret = Secret::for_token();
    MadeUp { kept: secret.hash(), secret: secret.text().to_owned() }
}
