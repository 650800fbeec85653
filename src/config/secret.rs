//! A password that never shows itself.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A secret text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

/// A text, though it may look like a number or a truth value: the environment has no quotes to tell them apart.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        match words {
            Words::Text(text) => text,
            Words::Number(number) => number.to_string(),
            Words::Truth(truth) => truth.to_string(),
        }
    }
}

/// A text that may be all digits, such as a password or the 400 number.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Words::deserialize(deserializer).map(String::from)
}

/// One text, or a list of them.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(Words),
        More(Vec<String>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(word) => vec![word.into()],
        OneOrMore::More(texts) => texts,
    })
}

/// A text that may be all digits, where it may be absent.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer).map(Some)
}
