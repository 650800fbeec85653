//! How an interview ends: the closing, a person, the opt-out, a hang-up.

use super::state::{InterviewState, Move, Phase};
use super::station::Station;
use super::steps::{Noted, Outcome, Step};
use super::walk::Walk;
use crate::{Anytime, Flag, PromptId, Questionnaire, Reply};
use serde::{Deserialize, Serialize};

/// How the interview ends, once decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Leave {
    pub(super) say: Option<PromptId>,
    pub(super) outcome: Outcome,
    pub(super) then: Then,
}

/// What is done when the last prompt has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Then {
    /// Wait for the customer to hang up (rule G4.2).
    Part,
    /// Hang up: nobody seems to be there to do it.
    End,
    /// Hand over.
    Transfer,
}

impl Walk<'_> {
    /// Decides how the interview ends; the reply is said once the notes are durable, then the customer hangs up.
    pub(super) fn leave(&mut self, notes: impl IntoIterator<Item = Noted>, reply: Reply, outcome: Outcome) {
        self.leave_then(notes, reply, outcome, Then::Part);
    }

    /// The same, but we hang up.
    pub(super) fn leave_from_our_side<const N: usize>(
        &mut self,
        notes: [Noted; N],
        reply: Reply,
        outcome: Outcome,
    ) {
        self.leave_then(notes, reply, outcome, Then::End);
    }

    fn leave_then(
        &mut self,
        notes: impl IntoIterator<Item = Noted>,
        reply: Reply,
        outcome: Outcome,
        then: Then,
    ) {
        self.s.confirming = false;
        self.s.leaving = Some(Leave { say: self.reply(reply), outcome, then });
        self.save(notes, Move::Leave);
    }

    /// The words of a reply; who rings back may be asked for a time that the questionnaire never asks for.
    fn reply(&self, reply: Reply) -> Option<PromptId> {
        let own = self.s.ring_back && matches!(reply, Reply::TimeNoted | Reply::Inconvenient);
        self.q.replies.get(&reply).cloned().or_else(|| own.then(|| self.q.ring_back.parting.clone()))
    }

    /// Says the last prompt.
    pub(super) fn say_leave(&mut self) {
        self.s.barge_in = false;
        self.s.ahead.clear();
        self.s.prompts = self.s.leaving.iter().filter_map(|leave| leave.say.clone()).collect();
        self.say_next();
    }

    /// The last prompt has been said.
    pub(super) fn part(&mut self) {
        let Some(Leave { outcome, then, .. }) = self.s.leaving.clone() else { return };
        let (phase, step) = match then {
            Then::Part => (Phase::Parting, Step::Closing { outcome }),
            Then::End => (Phase::Over, Step::End { outcome }),
            Then::Transfer => (Phase::Over, Step::Transfer),
        };
        self.s.phase = phase;
        self.steps.push(step);
    }

    /// While the last prompt is being said only a person and the opt-out are heard, unless it is about them.
    pub(super) fn key_while_leaving(&mut self, anytime: Option<Anytime>) {
        let outcome = self.s.leaving.as_ref().map(|leave| leave.outcome);
        if matches!(outcome, Some(Outcome::HandedOver | Outcome::OptedOut)) {
            return;
        }
        match anytime {
            Some(Anytime::Person) => {
                self.steps.push(Step::StopPrompt);
                self.ask_person([]);
            }
            Some(Anytime::OptOut { confirm }) => {
                self.steps.push(Step::StopPrompt);
                self.ask_opt_out(confirm);
            }
            Some(Anytime::Repeat) | None => {}
        }
    }

    /// Hands over to a person, after `notes`.
    pub(super) fn ask_person(&mut self, notes: impl IntoIterator<Item = Noted>) {
        let flag = self.s.flags.insert(Flag::PersonAsked).then_some(Noted::Flag(Flag::PersonAsked));
        let notes: Vec<_> = notes.into_iter().chain([Noted::PersonAsked]).chain(flag).collect();
        self.leave_then(notes, Reply::Transfer, Outcome::HandedOver, Then::Transfer);
    }

    /// The opt-out key, for the first time.
    pub(super) fn ask_opt_out(&mut self, confirm: bool) {
        if !confirm {
            return self.opt_out();
        }
        self.s.confirming = true;
        self.s.barge_in = true;
        self.s.prompts = self.q.replies.get(&Reply::OptOutConfirm).cloned().into_iter().collect();
        self.say_next();
    }

    /// A key after [`Self::ask_opt_out`].
    pub(super) fn answer_confirmation(&mut self, anytime: Option<Anytime>) {
        match anytime {
            Some(Anytime::OptOut { .. }) => self.opt_out(),
            Some(Anytime::Person) => self.ask_person([]),
            Some(Anytime::Repeat) | None => self.forget_opt_out(),
        }
    }

    /// An interview already complete stays so; the opt-out is noted all the same.
    fn opt_out(&mut self) {
        let complete = self.s.is_complete(self.q);
        let outcome = if complete { Outcome::Completed } else { Outcome::OptedOut };
        self.leave([Noted::OptOut], Reply::OptedOut, outcome);
    }

    /// The opt-out key was not pressed again: back to where it was pressed, which counts as one try there.
    pub(super) fn forget_opt_out(&mut self) {
        self.s.confirming = false;
        if self.s.leaving.is_some() {
            self.part();
        } else if self.out_of_patience() {
            self.give_up([]);
        } else {
            self.say_station([]);
        }
    }

    /// The customer hung up: what is not yet given out to be saved is given out at once.
    pub(super) fn hung_up(&mut self) {
        let outcome = self.s.outcome_if_hung_up(self.q);
        let spoken = if self.s.phase == Phase::Recording {
            self.steps.push(Step::StopSpan);
            self.spoken_answer()
        } else {
            None
        };
        let given_out = usize::from(self.s.phase == Phase::Saving);
        let unsaved = self.s.unsaved.drain(..).skip(given_out).chain(spoken).map(Step::Save);
        self.steps.extend(unsaved);
        self.s.phase = Phase::Over;
        self.steps.push(Step::End { outcome });
    }
}

impl InterviewState {
    pub(super) fn outcome_if_hung_up(&self, q: &Questionnaire) -> Outcome {
        match &self.leaving {
            Some(leave) => leave.outcome,
            None if self.is_complete(q) => Outcome::Completed,
            None if !self.answers.is_empty() => Outcome::Partial,
            None if self.station == Station::AskTime => Outcome::Inconvenient(None),
            None => Outcome::HungUpEarly,
        }
    }

    /// Whether every mandatory question has its answer, or was jumped over by one.
    fn is_complete(&self, q: &Questionnaire) -> bool {
        let settled =
            |id: &str| self.answers.iter().any(|answer| answer.question == id) || self.excused.contains(id);
        q.questions.iter().filter(|question| question.mandatory).all(|question| settled(&question.id))
    }
}
