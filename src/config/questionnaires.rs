//! `[questionnaires]`: the files that say what is asked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use super::secret::Words;

/// Where questionnaires are read from, and the words filled into their texts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Questionnaires {
    pub dir: PathBuf,
    /// Values of `{name}` in prompt texts, such as the company's name.
    #[serde(deserialize_with = "texts")]
    pub variables: BTreeMap<String, String>,
}

/// A company may be called 360.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let words = BTreeMap::<String, Words>::deserialize(deserializer)?;
    Ok(words.into_iter().map(|(name, words)| (name, words.into())).collect())
}

impl Default for Questionnaires {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("dialplans"),
            variables: [("company".to_owned(), "本公司".to_owned())].into(),
        }
    }
}
