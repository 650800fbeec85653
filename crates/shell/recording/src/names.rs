//! Names that are safe in a path, by type.

use std::fmt;

use chrono::NaiveDate;

use crate::RecordingError;

const LONGEST: usize = 64;

/// An id that may be part of a file name: ASCII letters, digits, `-` and `_`, never a dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// Refuses whatever could mean something to a file system.
    pub fn parse(given: &str) -> Result<Self, RecordingError> {
        let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let starts_well = given.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && given.len() <= LONGEST && given.chars().all(safe) {
            Ok(Self(given.to_owned()))
        } else {
            Err(RecordingError::Name { given: given.chars().take(LONGEST).collect() })
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Place of a recording in the vault: `DATE/PLAN/ATTEMPT.wav`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelativePath {
    date: NaiveDate,
    plan: Id,
    attempt: Id,
}

impl RelativePath {
    /// Of an attempt of a plan on a day.
    pub fn new(date: NaiveDate, plan: Id, attempt: Id) -> Self {
        Self { date, plan, attempt }
    }

    /// From its written form; anything else (`..`, a leading `/`, more parts) is refused.
    pub fn parse(given: &str) -> Result<Self, RecordingError> {
        Self::read(given)
            .filter(|path| path.to_string() == given)
            .ok_or_else(|| RecordingError::Path { given: given.chars().take(200).collect() })
    }

    fn read(given: &str) -> Option<Self> {
        let mut parts = given.split('/');
        let (date, plan, file) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            date: NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?,
            plan: Id::parse(plan).ok()?,
            attempt: Id::parse(file.strip_suffix(".wav")?).ok()?,
        })
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}.wav", self.date.format("%Y-%m-%d"), self.plan, self.attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_reads_back_as_written() {
        let written = "2026-11-21/satisfaction-2026/0193a5e0-7b1c-7e3a-9f00-000000000001.wav";
        assert_eq!(RelativePath::parse(written).unwrap().to_string(), written);
    }

    #[test]
    fn traversal_in_any_disguise_is_refused() {
        for given in [
            "../../etc/passwd",
            "/2026-11-21/p/a.wav",
            "2026-11-21/../a.wav",
            "2026-11-21/p/..wav",
            "2026-11-21/p/../a.wav",
            "2026-11-21/p/a\0.wav",
            "2026-11-21//a.wav",
            "2026-11-21/p/a.wav/",
            "2026-11-21/p/%2e%2e.wav",
            "2026-1-1/p/a.wav",
            "",
        ] {
            assert!(RelativePath::parse(given).is_err(), "{given}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_below_the_vault(given in ".{0,80}") {
            if let Ok(path) = RelativePath::parse(&given) {
                prop_assert!(path.to_string().split('/').all(|part| !part.is_empty() && !part.starts_with('.')));
            }
            if let Ok(id) = Id::parse(&given) {
                prop_assert!(!id.as_str().contains(['/', '.', '\0', '\\']));
            }
        }
    }
}
