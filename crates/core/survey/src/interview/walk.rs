//! The interview as its call sees it, and the dispatch of events.

use super::state::{InterviewState, Move, Phase};
use super::steps::{Answer, Event, Noted, Outcome, Setting, Step};
use crate::{Flag, Questionnaire, QuestionnaireHash};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One walk through one questionnaire. Serialised as its [`InterviewState`].
#[derive(Clone, Debug)]
pub struct Interview {
    questionnaire: Arc<Questionnaire>,
    state: InterviewState,
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
            Some(Move::Again(before)) => self.ask(before),
            Some(Move::Leave) | None => self.say_leave(),
        }
        if let Some(key) = self.s.held.take() {
            self.key(key, self.s.phase);
        }
    }
}
