//! `[questionnaires]`: the files that say what is asked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// Where questionnaires are read from, and the words filled into their texts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Questionnaires {
    pub dir: PathBuf,
    /// Values of `{name}` in prompt texts, such as the company's name.
    pub variables: BTreeMap<String, String>,
}

impl Default for Questionnaires {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("dialplans"),
            variables: [("company".to_owned(), "本公司".to_owned())].into(),
        }
    }
}
