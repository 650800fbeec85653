//! Randomness as an argument: one seed per call, from which tags, branches and cnonces are drawn.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A source of unpredictable tokens, deterministic in its seed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Seed {
    root: [u8; 16],
    drawn: u64,
}

impl Seed {
    /// Starts from 16 random bytes of the caller.
    pub fn new(root: [u8; 16]) -> Self {
        Self { root, drawn: 0 }
    }

    /// The next token: 16 hexadecimal digits, 64 bits (RFC 3261 section 19.3 asks for 32).
    pub fn token(&mut self) -> String {
        hex::encode(self.draw())
    }

    /// The next number from 0 to `most`, evenly but for one part in 2^48 or less where `most` is a
    /// sum of weights.
    pub fn number(&mut self, most: u64) -> u64 {
        let drawn = u64::from_be_bytes(self.draw());
        most.checked_add(1).map_or(drawn, |bound| drawn % bound)
    }

    fn draw(&mut self) -> [u8; 8] {
        self.drawn += 1;
        let digest = Sha256::new().chain_update(self.root).chain_update(self.drawn.to_be_bytes()).finalize();
        std::array::from_fn(|at| digest[at])
    }

    /// A number from 0 up to 1, for jitter.
    pub fn fraction(&mut self) -> f64 {
        self.drawn += 1;
        let digest = Sha256::new().chain_update(self.root).chain_update(self.drawn.to_be_bytes()).finalize();
        f64::from(u16::from_be_bytes([digest[0], digest[1]])) / 65_536.0
    }

    /// A Via branch with the cookie of RFC 3261 section 8.1.1.7.
    pub fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.token())
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({})", self.drawn)
    }
}

/// A password. It never shows in logs, snapshots or errors.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a clear text.
    pub fn new(clear: impl Into<String>) -> Self {
        Self(clear.into())
    }

    /// The clear text, for computing a digest only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
