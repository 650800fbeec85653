//! Which keys are heard when; keys typed ahead, wrong keys, silence, and the end of patience.

use super::state::{Move, Phase};
use super::station::Station;
use super::steps::{Noted, Outcome, Step};
use super::walk::Walk;
use crate::{Anytime, Key, Reply};

/// Keys kept that were typed ahead: more than any questionnaire asks in a row.
const MOST_AHEAD: usize = 8;

impl Walk<'_> {
    pub(super) fn key(&mut self, key: Key, phase: Phase) {
        match phase {
            Phase::Idle | Phase::Parting | Phase::Over => return,
            Phase::Saving | Phase::Saying | Phase::Waiting | Phase::Recording => self.s.key_pressed = true,
        }
        let anytime = self.q.anytime.get(&key).copied();
        let at_any_moment = matches!(anytime, Some(Anytime::Person | Anytime::OptOut { .. }));
        match phase {
            Phase::Saving if at_any_moment => self.s.held = Some(key),
            Phase::Recording => self.key_while_recording(key, anytime),
            Phase::Saying if self.s.leaving.is_some() && !self.s.confirming => {
                self.key_while_leaving(anytime);
            }
            Phase::Saying if self.s.barge_in || at_any_moment || self.objects(key) => {
                self.steps.push(Step::StopPrompt);
                self.s.prompts.clear();
                self.press(key, anytime);
            }
            Phase::Waiting => self.press(key, anytime),
            Phase::Saving | Phase::Saying if anytime.is_none() => self.keep_ahead(key),
            _ => {}
        }
    }

    /// A key that comes too early for its question; whether that takes it is found out when it is asked.
    fn keep_ahead(&mut self, key: Key) {
        if self.s.leaving.is_none() && !self.s.confirming && self.s.ahead.len() < MOST_AHEAD {
            self.s.ahead.push_back(key);
        }
    }

    /// The oldest key typed ahead, if the station takes such keys and this one is an answer to it. Otherwise all of
    /// them are dropped: who pressed something else ahead had another question in mind.
    pub(super) fn typed_ahead(&mut self) -> Option<Key> {
        let takes_any = self.s.station.manner(self.q).is_some_and(|manner| manner.type_ahead);
        let key = self.s.ahead.pop_front().filter(|key| takes_any && self.s.station.takes(self.q, *key));
        if key.is_none() {
            self.s.ahead.clear();
        }
        key
    }

    fn objects(&self, key: Key) -> bool {
        self.s.station.is_gate() && self.q.gates.recording_notice.object == Some(key)
    }

    /// A key that counts.
    fn press(&mut self, key: Key, anytime: Option<Anytime>) {
        if self.s.confirming {
            return self.answer_confirmation(anytime);
        }
        match anytime {
            Some(Anytime::Repeat) => self.repeat(key),
            Some(Anytime::Person) => self.ask_person([]),
            Some(Anytime::OptOut { confirm }) => self.ask_opt_out(confirm),
            None if self.objects(key) => self.object(),
            None => self.press_at_station(key),
        }
    }

    fn repeat(&mut self, key: Key) {
        if self.s.repeats >= self.patience().repeats {
            return self.wrong_key(key);
        }
        self.s.repeats += 1;
        self.say_station([]);
    }

    pub(super) fn wrong_key(&mut self, key: Key) {
        let question = self.s.station.name(self.q);
        self.try_again(Noted::WrongKey { question, key }, Reply::WrongKey);
    }

    pub(super) fn silence(&mut self) {
        if self.s.confirming {
            return self.forget_opt_out();
        }
        let question = self.s.station.name(self.q);
        self.try_again(Noted::NoKey { question }, Reply::NoKey);
    }

    fn try_again(&mut self, noted: Noted, reply: Reply) {
        if self.out_of_patience() {
            return self.give_up([noted]);
        }
        let before = self.q.replies.get(&reply).cloned();
        self.save([noted], Move::Again(before.into_iter().collect()));
    }

    /// Counts one more try; true when there are none left.
    pub(super) fn out_of_patience(&mut self) -> bool {
        self.s.tries = self.s.tries.saturating_add(1);
        self.s.tries > self.patience().retries
    }

    /// Goes on without what the station asks for.
    pub(super) fn give_up<const N: usize>(&mut self, notes: [Noted; N]) {
        match self.s.station.clone() {
            Station::Language => self.save(notes, Move::Enter(Station::Notice)),
            Station::Notice => {
                let next = Move::Enter(self.after_notice());
                self.save(notes.into_iter().chain([Noted::RecordingNoticed]), next);
            }
            Station::AskTime => {
                self.leave(notes, Reply::Inconvenient, Outcome::Inconvenient(None));
            }
            Station::Question(index) if !self.q.questions[index].mandatory => {
                let next = self.question_from(index + 1);
                self.save(notes, next);
            }
            Station::FollowUp(name, index) => {
                let next = self.after_follow_up(&name, index);
                self.save(notes, next);
            }
            Station::RingBack | Station::Identity | Station::Convenient | Station::Question(_) => {
                let outcome = if self.s.key_pressed { Outcome::Partial } else { Outcome::NoKeyAtAll };
                self.leave_from_our_side(notes, Reply::Goodbye, outcome);
            }
        }
    }
}
