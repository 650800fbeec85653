//! Answers by key and in words, and where they lead.

use super::leave::{Leave, Then};
use super::state::{Move, Phase};
use super::station::Station;
use super::steps::{Answer, Noted, Step};
use super::walk::Walk;
use crate::{Anytime, Choice, Key, Next};

impl Walk<'_> {
    /// A key pressed at a question.
    pub(super) fn choose(&mut self, index: usize, key: Key) {
        let question = &self.q.questions[index];
        let Some(choice) = question.keys.get(&key) else { return self.wrong_key(key) };
        let answer = Answer {
            question: question.id.clone(),
            key,
            value: choice.value.clone(),
            label: choice.label.get(self.q.default_language()).cloned().unwrap_or_default(),
            flag: choice.flag.map(|flag| flag.slug().to_owned()),
        };
        self.s.answers.push(answer.clone());
        let raised = choice.flag.filter(|flag| self.s.flags.insert(*flag));
        let next = self.after_choice(choice, index);
        self.save([Noted::Answer(answer)].into_iter().chain(raised.map(Noted::Flag)), next);
    }

    fn after_choice(&mut self, choice: &Choice, index: usize) -> Move {
        match &choice.then {
            Next::FollowUp(name) => Move::Enter(Station::FollowUp(name.clone(), index)),
            next => self.follow(next, index),
        }
    }

    /// Where a follow-up leads that the question at `index` led to.
    pub(super) fn after_follow_up(&mut self, name: &str, index: usize) -> Move {
        let q = self.q;
        match q.follow_ups.get(name).map(|follow_up| &follow_up.then) {
            Some(Next::FollowUp(then)) => Move::Enter(Station::FollowUp(then.clone(), index)),
            Some(next) => self.follow(next, index),
            None => self.question_from(index + 1),
        }
    }

    /// Where `next` leads from the question at `index`, follow-ups passed over.
    fn follow(&mut self, next: &Next, index: usize) -> Move {
        let to = match next {
            Next::Following | Next::FollowUp(_) => index + 1,
            Next::Question(to) => *to,
            Next::Closing => self.q.questions.len(),
        };
        for passed in self.q.questions.iter().take(to).skip(index + 1) {
            self.s.excused.insert(passed.id.clone());
        }
        self.question_from(to)
    }

    /// The first question from `index` on that has no answer yet, or the closing. Answers given in an earlier
    /// interview lead where they led then, their follow-ups left out.
    pub(super) fn question_from(&mut self, index: usize) -> Move {
        let q = self.q;
        let Some(question) = q.questions.get(index) else { return self.closing() };
        let given =
            self.s.answers.iter().find(|answer| answer.question == question.id).map(|answer| answer.key);
        match given.and_then(|key| question.keys.get(&key)) {
            None => Move::Enter(Station::Question(index)),
            Some(Choice { then: Next::FollowUp(name), .. }) => self.pass_follow_up(name, index),
            Some(choice) => self.follow(&choice.then, index),
        }
    }

    fn pass_follow_up(&mut self, name: &str, index: usize) -> Move {
        let q = self.q;
        match q.follow_ups.get(name).map(|follow_up| &follow_up.then) {
            Some(Next::FollowUp(then)) => self.pass_follow_up(then, index),
            Some(next) => self.follow(next, index),
            None => self.question_from(index + 1),
        }
    }

    fn closing(&mut self) -> Move {
        let fits = |closing: &&crate::Closing| {
            (!closing.holiday || self.s.holiday)
                && closing.when.as_ref().is_none_or(|when| when.holds(&self.s.answers))
        };
        let say = self.q.closings.iter().find(fits).map(|closing| closing.say.clone());
        let outcome = self.s.outcome_if_hung_up(self.q);
        self.s.leaving = Some(Leave { say, outcome, then: Then::Part });
        Move::Leave
    }

    /// Starts the span of a spoken answer.
    pub(super) fn record(&mut self, name: &str, index: usize) {
        let Some(follow_up) = self.q.follow_ups.get(name) else { return };
        self.s.phase = Phase::Recording;
        self.s.ahead.clear();
        self.steps.push(Step::RecordSpan {
            tag: follow_up.tag.clone(),
            question: Some(self.q.questions[index].id.clone()),
            max: follow_up.max,
            end_silence: follow_up.end_silence,
        });
    }

    /// The recorder ended the span.
    pub(super) fn spoke(&mut self) {
        let Station::FollowUp(name, index) = self.s.station.clone() else { return };
        let next = self.after_follow_up(&name, index);
        let spoken = self.spoken_answer();
        self.save(spoken, next);
    }

    /// Any key ends the speech; a person and the opt-out are also carried out.
    pub(super) fn key_while_recording(&mut self, key: Key, anytime: Option<Anytime>) {
        self.steps.push(Step::StopSpan);
        if anytime == Some(Anytime::Person) {
            let spoken = self.spoken_answer();
            return self.ask_person(spoken);
        }
        self.s.held = matches!(anytime, Some(Anytime::OptOut { .. })).then_some(key);
        self.spoke();
    }

    /// The fact of the span at this follow-up.
    pub(super) fn spoken_answer(&self) -> Option<Noted> {
        let Station::FollowUp(name, index) = &self.s.station else { return None };
        Some(Noted::SpokenAnswer {
            question: self.q.questions[*index].id.clone(),
            tag: self.q.follow_ups.get(name)?.tag.clone(),
        })
    }
}
