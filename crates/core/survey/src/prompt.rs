//! Prompts: what is spoken, in each language, by text or by a recorded file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The same words in each language, by language code (`zh`, `en`).
pub type Text = BTreeMap<String, String>;

/// The stable key of a prompt within its questionnaire: a name of the `prompts` section, or
/// `question.<id>`, `gate.<name>`, `follow_up.<name>`, `reply.<name>`, `closing.<number>` for words
/// written in place.
pub type PromptId = String;

/// A line and column of the file, both counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One prompt to speak, in one language; resolved by the shells to audio.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PromptRef {
    /// Key of [`crate::Questionnaire::prompts`].
    pub id: PromptId,
    /// One of the questionnaire's languages.
    pub language: String,
}

/// A prompt of the questionnaire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The words in every declared language.
    pub text: Text,
    /// Recorded files by language, relative to the questionnaire's folder. A language without one is
    /// spoken from its text.
    pub audio: BTreeMap<String, AudioFile>,
    /// Where the prompt is written.
    pub place: Place,
}

/// A recorded file named by a prompt, for the shells to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioFile {
    /// Path relative to the questionnaire's folder; never absolute, never upward.
    pub file: String,
    /// Where the file names it.
    pub place: Place,
}
