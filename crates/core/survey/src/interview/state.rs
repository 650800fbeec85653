//! Everything an interview remembers.

use super::leave::Leave;
use super::station::Station;
use super::steps::{Answer, Noted, Setting};
use crate::{Flag, Key, PromptId, Questionnaire, QuestionnaireHash};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// Everything an interview remembers, without its questionnaire.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, none a state of the others")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterviewState {
    pub(super) questionnaire: QuestionnaireHash,
    pub(super) language: String,
    pub(super) language_known: bool,
    pub(super) holiday: bool,
    /// The customer rings back a missed call.
    #[serde(default)]
    pub(super) ring_back: bool,
    pub(super) station: Station,
    pub(super) phase: Phase,
    /// Prompts still to say here, after the one being said.
    pub(super) prompts: VecDeque<PromptId>,
    /// Whether a key may cut short the prompt being said.
    pub(super) barge_in: bool,
    /// Wrong or missing keys here.
    pub(super) tries: u8,
    /// Repeats asked for here.
    pub(super) repeats: u8,
    /// The opt-out key was pressed once and is to be pressed again.
    pub(super) confirming: bool,
    /// Not yet durable; the first has been given out to be saved.
    pub(super) unsaved: VecDeque<Noted>,
    /// What to do once all is durable.
    pub(super) after: Option<Move>,
    /// A key for a person or for opting out, pressed while saving.
    pub(super) held: Option<Key>,
    /// Keys pressed before the question that they may answer was asked, the oldest first.
    #[serde(default)]
    pub(super) ahead: VecDeque<Key>,
    pub(super) key_pressed: bool,
    pub(super) answers: Vec<Answer>,
    pub(super) flags: BTreeSet<Flag>,
    /// Questions jumped over by an answer, which therefore need none.
    pub(super) excused: BTreeSet<String>,
    /// Set once it is decided how the interview ends.
    pub(super) leaving: Option<Leave>,
}

/// What the interview waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// The beginning.
    Idle,
    /// The end of a prompt, or a key.
    Saying,
    /// A key, or silence.
    Waiting,
    /// The end of the customer's speech.
    Recording,
    /// Durability.
    Saving,
    /// The customer's hang-up.
    Parting,
    /// Nothing more.
    Over,
}

/// What to do once all is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Move {
    /// Go to a station.
    Enter(Station),
    /// Stay, after these prompts.
    Again(Vec<PromptId>),
    /// Take leave as decided.
    Leave,
}

impl InterviewState {
    pub(super) fn new(q: &Questionnaire, setting: Setting) -> Self {
        let chosen = setting.language.filter(|language| q.languages.contains(language));
        let answers = known_answers(q, setting.resume);
        Self {
            questionnaire: q.hash,
            language_known: chosen.is_some(),
            language: chosen.unwrap_or_else(|| q.default_language().to_owned()),
            holiday: setting.holiday,
            ring_back: setting.ring_back,
            station: Station::Notice,
            phase: Phase::Idle,
            prompts: VecDeque::new(),
            barge_in: false,
            tries: 0,
            repeats: 0,
            confirming: false,
            unsaved: VecDeque::new(),
            after: None,
            held: None,
            ahead: VecDeque::new(),
            key_pressed: false,
            flags: answers.iter().filter_map(|answer| answer.flag.as_deref()?.parse().ok()).collect(),
            answers,
            excused: BTreeSet::new(),
            leaving: None,
        }
    }
}

/// The answers whose question and key are still those of the questionnaire, one a question.
fn known_answers(q: &Questionnaire, given: Vec<Answer>) -> Vec<Answer> {
    let mut seen = BTreeSet::new();
    given
        .into_iter()
        .filter(|answer| {
            q.question(&answer.question)
                .and_then(|question| question.keys.get(&answer.key))
                .is_some_and(|choice| choice.value == answer.value)
        })
        .filter(|answer| seen.insert(answer.question.clone()))
        .collect()
}
