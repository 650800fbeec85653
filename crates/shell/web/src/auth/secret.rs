//! Random secrets of 256 bits; the store sees their SHA-256 only.

use sha2::{Digest, Sha256};

/// Cookie that carries a session's secret.
pub(crate) const SESSION_COOKIE: &str = "huifang_session";

/// How API tokens begin, so that leaked ones are found by scanners.
const TOKEN_PREFIX: &str = "hf_";

/// A secret as its holder has it.
pub(crate) struct Secret(String);

impl Secret {
    /// For a session's cookie.
    pub(crate) fn for_session() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// For a machine.
    pub(crate) fn for_token() -> Self {
        Self(format!("{TOKEN_PREFIX}{}", hex::encode(rand::random::<[u8; 32]>())))
    }

    /// One that somebody presents.
    pub(crate) fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What the store keeps.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// Goes into every form of the session; cannot be turned back into the secret.
    pub(crate) fn form_token(&self) -> String {
        hex::encode(Sha256::digest(format!("form {}", self.0)))
    }
}
