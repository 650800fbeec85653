//! What comes before question 1, and how long to bear with the customer.

use crate::{Key, PromptId};
use std::collections::BTreeMap;
use std::time::Duration;

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
    /// Whether a key pressed before it was asked answers it; else such keys are dropped.
    pub type_ahead: bool,
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
