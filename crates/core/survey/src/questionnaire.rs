//! The typed graph of a questionnaire: everything an interview needs, every reference resolved.

mod gates;
mod hash;
mod questions;
mod replies;
mod ring_back;

pub use gates::{Convenience, Gate, Gates, Identity, Notice, Patience};
pub use hash::QuestionnaireHash;
pub use questions::{Choice, FollowUp, Kind, Next, Question};
pub use replies::{Anytime, Closing, Reply};
pub use ring_back::{RingBack, Wish};

use crate::{AudioFile, Key, Problem, Problems, Prompt, PromptId, PromptRef, Text};
use std::collections::{BTreeMap, BTreeSet};
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
    /// For customers who ring back a missed call.
    pub ring_back: RingBack,
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

    /// Every prompt of the file in every language: what the shells must be able to speak before a plan starts.
    pub fn spoken(&self) -> impl Iterator<Item = (PromptRef, &str, Option<&AudioFile>)> {
        self.in_every_language(|id| !self.is_own(id))
    }

    /// The words of ours, needed once somebody rings back; see [`RingBack`].
    pub fn spoken_by_us(&self) -> impl Iterator<Item = (PromptRef, &str, Option<&AudioFile>)> {
        self.in_every_language(|id| self.is_own(id))
    }

    /// Whether the words of this prompt are ours and not the file's.
    fn is_own(&self, id: &str) -> bool {
        let of_menu = ["ring_back.greeting", "ring_back.menu"].contains(&id) && !self.ring_back.written;
        of_menu || ["ring_back.ask_time", "ring_back.parting"].contains(&id)
    }

    fn in_every_language(
        &self,
        wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (PromptRef, &str, Option<&AudioFile>)> {
        self.prompts.iter().filter(move |(id, _)| wanted(id)).flat_map(|(id, prompt)| {
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
