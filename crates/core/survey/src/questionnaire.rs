//! The typed graph of a questionnaire: everything an interview needs, every reference resolved.

use crate::{AudioFile, Condition, Flag, Key, Problem, Problems, Prompt, PromptId, PromptRef, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// A checked questionnaire. Made only by [`crate::parse`]; every [`PromptId`] in it is in `prompts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questionnaire {
    /// Its name, stable over versions.
    pub id: String,
    /// The version: SHA-256 of the file's bytes.
    pub hash: QuestionnaireHash,
    /// Title in every language.
    pub title: Text,
    /// Language codes; the first is the default.
    pub languages: Vec<String>,
    /// How long a call takes, as told to the customer.
    pub estimate: Duration,
    /// Why there are more than five questions (rule G4.2), when there are.
    pub more_than_five: Option<String>,
    /// Names allowed in braces in a prompt's text, such as `company`.
    pub variables: BTreeSet<String>,
    /// Every prompt by its key.
    pub prompts: BTreeMap<PromptId, Prompt>,
    /// What comes before question 1.
    pub gates: Gates,
    /// In the order they are asked.
    pub questions: Vec<Question>,
    /// Spoken follow-ups by name.
    pub follow_ups: BTreeMap<String, FollowUp>,
    /// Keys that mean the same everywhere.
    pub anytime: BTreeMap<Key, Anytime>,
    /// What is said beside the questions.
    pub replies: BTreeMap<Reply, PromptId>,
    /// In the order they are tried; the last always fits.
    pub closings: Vec<Closing>,
}

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

/// The gates before question 1, in the order they are passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gates {
    /// Choice of language by key; skipped when the setting names a language.
    pub language: Option<Gate<String>>,
    /// Says that the call is recorded.
    pub recording_notice: Notice,
    /// Checks who is answering.
    pub identity: Gate<Identity>,
    /// Asks whether now suits.
    pub convenient: Option<Gate<Convenience>>,
    /// Asks when to call instead.
    pub ask_time: Option<Gate<crate::TimeAsked>>,
}

/// The recording notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts it short; by default not.
    pub barge_in: bool,
    /// The key by which the customer objects, heard from the notice until question 1.
    pub object: Option<Key>,
}

/// A gate whose keys lead to a `T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate<T> {
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts it short.
    pub barge_in: bool,
    /// How long to bear with the customer.
    pub patience: Patience,
    /// Where each key leads.
    pub keys: BTreeMap<Key, T>,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// `yes`: the person we want.
    Yes,
    /// `wrong_person`.
    WrongPerson,
}

/// Whether now suits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convenience {
    /// `yes`.
    Yes,
    /// `ask_time`: not now; asked when.
    AskTime,
    /// `decline`: does not want this interview.
    Decline,
}

/// How long to bear with wrong keys, silence and repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Wrong or missing keys forgiven before going on without an answer.
    pub retries: u8,
    /// Wait for a key after the prompt.
    pub wait: Duration,
    /// Times the customer may have the prompt repeated; more count as wrong keys.
    pub repeats: u8,
}

impl Default for Patience {
    /// Two retries, five seconds, three repeats.
    fn default() -> Self {
        Self { retries: 2, wait: Duration::from_secs(5), repeats: 3 }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Unique among questions and follow-ups.
    pub id: String,
    /// What is measured (E6.3).
    pub kind: Kind,
    /// Whether the interview is incomplete without it.
    pub mandatory: bool,
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts it short.
    pub barge_in: bool,
    /// How long to bear with the customer.
    pub patience: Patience,
    /// The answers by key; at least one.
    pub keys: BTreeMap<Key, Choice>,
}

/// What a question measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 产品质量.
    ProductQuality,
    /// 服务质量.
    ServiceQuality,
    /// 意见建议.
    Suggestion,
    /// 承诺兑现: whether what was promised was done.
    Promise,
    /// 合规确认: whether the sale followed the rules.
    Compliance,
    /// 问题处理: whether a complaint was remedied.
    Remedy,
    /// 回访评价: what the customer thinks of this very call.
    CallItself,
    /// 其他.
    Other,
}

/// What a key of a question means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The answer's stable name.
    pub value: String,
    /// What people read, in every language.
    pub label: Text,
    /// What the answer calls for.
    pub flag: Option<Flag>,
    /// What comes next.
    pub then: Next,
}

/// What comes after a choice or a follow-up. The graph of these has no loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The question written after this one, or the closing after the last.
    Following,
    /// A follow-up, by name.
    FollowUp(String),
    /// A later question, by its index.
    Question(usize),
    /// The closing.
    Closing,
}

/// A spoken follow-up, such as the "why" of rule G4.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts the prompt short and starts the recording.
    pub barge_in: bool,
    /// The name of the span in the recording.
    pub tag: String,
    /// The longest speech kept.
    pub max: Duration,
    /// The silence that ends the speech.
    pub end_silence: Duration,
    /// What comes next; `Following` is what follows the question that led here.
    pub then: Next,
}

/// What a key means everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anytime {
    /// Say it again.
    Repeat,
    /// Hand over to a person.
    Person,
    /// Never call again.
    OptOut {
        /// Whether the key must be pressed twice.
        confirm: bool,
    },
}

/// What is said beside the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// After a key that means nothing here.
    WrongKey,
    /// After no key.
    NoKey,
    /// When we give up for want of keys.
    Goodbye,
    /// Before handing over to a person.
    Transfer,
    /// Asks for the opt-out key once more.
    OptOutConfirm,
    /// After the opt-out.
    OptedOut,
    /// To somebody else.
    WrongPerson,
    /// To a customer who does not want this interview.
    Declined,
    /// After the customer said when to call.
    TimeNoted,
    /// After a customer who is busy did not say when.
    Inconvenient,
    /// After the customer objected to the recording: thanks, and another channel.
    NotRecorded,
}

impl Reply {
    /// Every reply.
    pub const ALL: [Self; 11] = [
        Self::WrongKey,
        Self::NoKey,
        Self::Goodbye,
        Self::Transfer,
        Self::OptOutConfirm,
        Self::OptedOut,
        Self::WrongPerson,
        Self::Declined,
        Self::TimeNoted,
        Self::Inconvenient,
        Self::NotRecorded,
    ];

    /// Its name in the `replies` section.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongKey => "wrong_key",
            Self::NoKey => "no_key",
            Self::Goodbye => "goodbye",
            Self::Transfer => "transfer",
            Self::OptOutConfirm => "opt_out_confirm",
            Self::OptedOut => "opted_out",
            Self::WrongPerson => "wrong_person",
            Self::Declined => "declined",
            Self::TimeNoted => "time_noted",
            Self::Inconvenient => "inconvenient",
            Self::NotRecorded => "not_recorded",
        }
    }
}

/// One closing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When it fits; always, if absent.
    pub when: Option<Condition>,
    /// Only near a festival.
    pub holiday: bool,
    /// What is said.
    pub say: PromptId,
}

impl Questionnaire {
    /// The language spoken unless the customer asks for another.
    pub fn default_language(&self) -> &str {
        self.languages.first().map_or("", String::as_str)
    }

    /// The question of this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// Every prompt in every language: what the shells must be able to speak before a plan starts.
    pub fn spoken(&self) -> impl Iterator<Item = (PromptRef, &str, Option<&AudioFile>)> {
        self.prompts.iter().flat_map(|(id, prompt)| {
            prompt.text.iter().map(move |(language, text)| {
                let prompt_ref = PromptRef { id: id.clone(), language: language.clone() };
                (prompt_ref, text.as_str(), prompt.audio.get(language))
            })
        })
    }

    /// Every recorded file named, for the shells to check that it exists.
    pub fn audio_files(&self) -> impl Iterator<Item = &AudioFile> {
        self.prompts.values().flat_map(|prompt| prompt.audio.values())
    }

    /// Puts the shell's values for the declared variables into every prompt's text.
    pub fn fill(mut self, file_name: &str, values: &BTreeMap<String, String>) -> Result<Self, Problems> {
        let missing = self.variables.iter().filter(|name| !values.contains_key(*name)).map(|name| Problem {
            place: None,
            message: format!("the prompts speak of {{{name}}}, but no value is given for it"),
            remedy: format!("Set `{name}` in the configuration, or remove {{{name}}} from the prompts"),
        });
        let list: Vec<_> = missing.collect();
        if !list.is_empty() {
            return Err(Problems { file: file_name.to_owned(), list });
        }
        for text in self.prompts.values_mut().flat_map(|prompt| prompt.text.values_mut()) {
            for name in &self.variables {
                *text = text.replace(&format!("{{{name}}}"), &values[name]);
            }
        }
        Ok(self)
    }
}
