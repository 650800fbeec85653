//! The version of a questionnaire.

use serde::{Deserialize, Serialize};
use std::fmt;

/// SHA-256 of a questionnaire's source: its version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuestionnaireHash(pub [u8; 32]);

impl fmt::Display for QuestionnaireHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for QuestionnaireHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QuestionnaireHash({self})")
    }
}

impl From<QuestionnaireHash> for String {
    fn from(hash: QuestionnaireHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for QuestionnaireHash {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}
