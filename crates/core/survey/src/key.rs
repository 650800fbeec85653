//! The twelve keys of a telephone (RFC 4733 section 3.2, events 0 to 11).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A key a customer can press. Written as one character: `0` to `9`, `*` or `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub enum Key {
    /// `0` to `9`.
    Digit(u8),
    /// `*`.
    Star,
    /// `#`.
    Hash,
}

/// The character is on no telephone keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a telephone key; use 0 to 9, * or #")]
pub struct NotAKey(pub char);

impl TryFrom<char> for Key {
    type Error = NotAKey;

    fn try_from(c: char) -> Result<Self, NotAKey> {
        match c {
            '0'..='9' => Ok(Self::Digit(c as u8 - b'0')),
            '*' => Ok(Self::Star),
            '#' => Ok(Self::Hash),
            other => Err(NotAKey(other)),
        }
    }
}

impl From<Key> for char {
    /// A digit above 9 names no key and is written as its last decimal place.
    fn from(key: Key) -> Self {
        match key {
            Key::Digit(digit) => char::from(b'0' + digit % 10),
            Key::Star => '*',
            Key::Hash => '#',
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", char::from(*self))
    }
}
