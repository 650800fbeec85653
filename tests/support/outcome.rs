//! What `huifang call` prints.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The outcome of one call.
pub(crate) struct Outcome {
    said: Value,
    vault: PathBuf,
}

/// The call's recording as the outcome names it.
pub(crate) struct Recording {
    pub(crate) file: PathBuf,
    pub(crate) seconds: f64,
    pub(crate) sha256: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.said)
    }
}

impl Outcome {
    pub(super) fn read(printed: &[u8], vault: &Path) -> Self {
        let said = serde_json::from_slice(printed);
        let said = said.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(printed)));
        Self { said, vault: vault.to_owned() }
    }

    /// A value by its JSON pointer, such as `/evidence/q850`; null where absent.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.said.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub(crate) fn reason(&self) -> &str {
        self.at("/reason").as_str().expect("a reason")
    }

    pub(crate) fn attempt(&self) -> &str {
        self.at("/attempt/id").as_str().expect("the attempt's id")
    }

    /// The answers as `question=value`, in the order they were given.
    pub(crate) fn answers(&self) -> Vec<String> {
        let answer = |noted: &Value| {
            format!("{}={}", noted["question"].as_str().unwrap(), noted["value"].as_str().unwrap())
        };
        self.noted("answer").into_iter().map(answer).collect()
    }

    /// What was noted of one kind.
    pub(crate) fn noted(&self, kind: &str) -> Vec<&Value> {
        let facts = self.at("/facts").as_array().expect("facts");
        facts.iter().map(|fact| &fact["noted"]).filter(|noted| noted["kind"] == kind).collect()
    }

    /// Milliseconds of the first fact of a kind since the attempt's start.
    pub(crate) fn first(&self, kind: &str) -> u64 {
        let facts = self.at("/facts").as_array().expect("facts");
        let fact = facts.iter().find(|fact| fact["noted"]["kind"] == kind);
        fact.unwrap_or_else(|| panic!("no fact {kind}"))["at_ms"].as_u64().unwrap()
    }

    pub(crate) fn recording(&self) -> Recording {
        let named = self.at("/recording");
        Recording {
            file: self.vault.join(named["path"].as_str().expect("a recording")),
            seconds: named["seconds"].as_f64().unwrap(),
            sha256: named["sha256"].as_str().unwrap().to_owned(),
        }
    }
}
