//! The keyed hash under which the numbers of erased customers stay barred.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use records::Number;
use sha2::{Digest, Sha256};

/// The key: 32 octets that only the service's own file has. Without them nobody can try out which numbers are barred.
#[derive(Clone, Copy)]
pub struct NumberKey([u8; 32]);

impl NumberKey {
    /// Of the octets of the file.
    pub fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// HMAC-SHA-256 (RFC 2104) of the number in E.164, hex.
    pub(crate) fn hash(&self, number: &Number) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(number.e164().as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    /// Tells keys apart without telling the key.
    pub(crate) fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0)[..8])
    }
}

impl fmt::Debug for NumberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_key_and_number_and_the_key_never_shows() {
        let number = |text| Number::parse(text).unwrap();
        let (one, other) = (NumberKey::new([1; 32]), NumberKey::new([2; 32]));
        let hash = one.hash(&number("13800138000"));
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, one.hash(&number("+86 138 0013 8000")));
        assert_ne!(hash, one.hash(&number("13800138001")));
        assert_ne!(hash, other.hash(&number("13800138000")));
        assert_ne!(one.id(), other.id());
        assert_eq!(format!("{one:?}"), "NumberKey(…)");
    }
}
