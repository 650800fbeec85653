//! The interview's state and the dispatch of its events.

use super::leave::Leave;
use super::stations::Station;
use super::steps::{Answer, Event, Noted, Outcome, Setting, Step};
use crate::{Flag, Key, PromptId, Questionnaire, QuestionnaireHash};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// One walk through one questionnaire. Serialised as its [`InterviewState`].
#[derive(Clone, Debug)]
pub struct Interview {
    questionnaire: Arc<Questionnaire>,
    state: InterviewState,
}

/// Everything an interview remembers, without its questionnaire.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, none a state of the others")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterviewState {
    pub(super) questionnaire: QuestionnaireHash,
    pub(super) language: String,
    pub(super) language_known: bool,
    pub(super) holiday: bool,
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

/// The state belongs to another version of the questionnaire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the interview was begun with questionnaire version {begun}, not {given}; resume it with the version it was begun with"
)]
pub struct OtherQuestionnaire {
    /// The version it was begun with.
    pub begun: QuestionnaireHash,
    /// The version given.
    pub given: QuestionnaireHash,
}

/// How far an interview has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The question's or follow-up's id, or `gate.<name>`.
    pub at: String,
    /// Questions answered.
    pub answered: usize,
    /// Questions in all.
    pub questions: usize,
}

impl Serialize for Interview {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.state.serialize(serializer)
    }
}

impl Interview {
    /// A new interview; feed it [`Event::Begin`] when the customer has answered.
    ///
    /// Answers to resume that the questionnaire does not know are left out.
    pub fn start(questionnaire: Arc<Questionnaire>, setting: Setting) -> Self {
        let state = InterviewState::new(&questionnaire, setting);
        Self { questionnaire, state }
    }

    /// An interview written out earlier, with its questionnaire attached again.
    pub fn resume(
        questionnaire: Arc<Questionnaire>,
        state: InterviewState,
    ) -> Result<Self, OtherQuestionnaire> {
        if questionnaire.hash == state.questionnaire {
            Ok(Self { questionnaire, state })
        } else {
            Err(OtherQuestionnaire { begun: state.questionnaire, given: questionnaire.hash })
        }
    }

    /// What to write out to go on later.
    pub fn state(&self) -> &InterviewState {
        &self.state
    }

    /// The questionnaire it walks.
    pub fn questionnaire(&self) -> &Arc<Questionnaire> {
        &self.questionnaire
    }

    /// Feed one event, receive the next steps in order. An event that does not belong here changes nothing.
    pub fn handle(&mut self, event: Event) -> Vec<Step> {
        let mut walk = Walk { q: &self.questionnaire, s: &mut self.state, steps: Vec::new() };
        walk.handle(event);
        walk.steps
    }

    /// How the interview ends if the customer hangs up now.
    pub fn outcome_if_hung_up(&self) -> Outcome {
        self.state.outcome_if_hung_up(&self.questionnaire)
    }

    /// The answers so far, resumed ones included, one a question.
    pub fn answers(&self) -> &[Answer] {
        &self.state.answers
    }

    /// The flags raised so far.
    pub fn flags(&self) -> &BTreeSet<Flag> {
        &self.state.flags
    }

    /// The language being spoken.
    pub fn language(&self) -> &str {
        &self.state.language
    }

    /// Whether it asks for nothing more.
    pub fn is_over(&self) -> bool {
        self.state.phase == Phase::Over
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        Progress {
            at: self.state.station.name(&self.questionnaire),
            answered: self.state.answers.len(),
            questions: self.questionnaire.questions.len(),
        }
    }
}

impl InterviewState {
    fn new(q: &Questionnaire, setting: Setting) -> Self {
        let chosen = setting.language.filter(|language| q.languages.contains(language));
        let answers = known_answers(q, setting.resume);
        Self {
            questionnaire: q.hash,
            language_known: chosen.is_some(),
            language: chosen.unwrap_or_else(|| q.default_language().to_owned()),
            holiday: setting.holiday,
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

/// One event being handled.
pub(super) struct Walk<'a> {
    pub(super) q: &'a Questionnaire,
    pub(super) s: &'a mut InterviewState,
    pub(super) steps: Vec<Step>,
}

impl Walk<'_> {
    fn handle(&mut self, event: Event) {
        match (event, self.s.phase) {
            (_, Phase::Over) => {}
            (Event::HungUp, _) => self.hung_up(),
            (Event::Begin, Phase::Idle) => self.begin(),
            (Event::PromptDone, Phase::Saying) => self.said(),
            (Event::SilenceElapsed, Phase::Waiting) => self.silence(),
            (Event::SpeechEnded, Phase::Recording) => self.spoke(),
            (Event::Saved, Phase::Saving) => self.saved(),
            (Event::Key(key), phase) => self.key(key, phase),
            _ => {}
        }
    }

    /// Gives out the first thing to make durable; [`Self::saved`] goes on.
    pub(super) fn save(&mut self, notes: impl IntoIterator<Item = Noted>, after: Move) {
        self.s.unsaved.extend(notes);
        self.s.after = Some(after);
        self.s.phase = Phase::Saving;
        self.save_first_or_go_on();
    }

    fn saved(&mut self) {
        self.s.unsaved.pop_front();
        self.save_first_or_go_on();
    }

    fn save_first_or_go_on(&mut self) {
        if let Some(noted) = self.s.unsaved.front() {
            self.steps.push(Step::Save(noted.clone()));
            return;
        }
        match self.s.after.take() {
            Some(Move::Enter(station)) => self.enter(station),
            Some(Move::Again(before)) => self.say_station(before),
            Some(Move::Leave) | None => self.say_leave(),
        }
        if let Some(key) = self.s.held.take() {
            self.key(key, self.s.phase);
        }
    }
}
