//! `[import]`: a folder that other systems put lists of customers into.

use std::path::PathBuf;

use serde::Deserialize;

/// How the folder is watched, and how long imports are remembered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Import {
    /// Absent: no folder is watched.
    pub folder: Option<PathBuf>,
    /// Between two looks; a file is taken when two looks find it the same.
    pub every_seconds: u64,
    /// Whether the good rows of a list are taken when others are broken.
    pub skip_broken: bool,
    /// The language of the files of errors.
    pub language: ErrorLanguage,
    /// A list that was read and that nobody said yes to is dropped after this.
    pub preview_hours: u64,
    /// Broken rows as they came are kept for this long.
    pub errors_days: u64,
}

/// The languages that faults are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorLanguage {
    #[default]
    Zh,
    En,
}

impl Default for Import {
    fn default() -> Self {
        Self {
            folder: None,
            every_seconds: 10,
            skip_broken: false,
            language: ErrorLanguage::Zh,
            preview_hours: 24,
            errors_days: 30,
        }
    }
}

impl Import {
    /// One line a fault.
    pub(super) fn faults(&self) -> Vec<String> {
        [
            ("every_seconds", self.every_seconds, 86_400),
            ("preview_hours", self.preview_hours, 24 * 365),
            ("errors_days", self.errors_days, 3_650),
        ]
        .into_iter()
        .filter(|(_, value, most)| !(1..=*most).contains(value))
        .map(|(key, value, most)| format!("{key}: {value} is out of range: give 1 to {most}"))
        .collect()
    }
}
