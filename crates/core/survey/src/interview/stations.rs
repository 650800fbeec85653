//! The stations of an interview: how each is spoken, and what a key or silence does there.

use super::steps::{Noted, Outcome, Step};
use super::walk::{Move, Phase, Walk};
use crate::{
    Anytime, Convenience, FollowUp, Identity, Key, Patience, PromptId, PromptRef, Question, Questionnaire,
    Reply,
};
use serde::{Deserialize, Serialize};

/// Where in the questionnaire the interview stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Station {
    Language,
    Notice,
    Identity,
    Convenient,
    AskTime,
    /// By its index in the questionnaire.
    Question(usize),
    /// By its name, and the index of the question that led there.
    FollowUp(String, usize),
}

/// How a station is spoken and borne with.
struct Manner<'q> {
    say: &'q PromptId,
    barge_in: bool,
    patience: Patience,
}

impl Station {
    /// The question's or follow-up's id, or `gate.<name>`.
    pub(super) fn name(&self, q: &Questionnaire) -> String {
        match self {
            Self::Language => "gate.language".to_owned(),
            Self::Notice => "gate.recording_notice".to_owned(),
            Self::Identity => "gate.identity".to_owned(),
            Self::Convenient => "gate.convenient".to_owned(),
            Self::AskTime => "gate.ask_time".to_owned(),
            Self::Question(index) => {
                q.questions.get(*index).map(|found| found.id.clone()).unwrap_or_default()
            }
            Self::FollowUp(name, _) => name.clone(),
        }
    }

    /// Whether it comes before question 1, so that an objection to the recording is heard.
    fn is_gate(&self) -> bool {
        matches!(self, Self::Notice | Self::Identity | Self::Convenient | Self::AskTime)
    }

    /// Nothing when the questionnaire has no such station.
    fn manner<'q>(&self, q: &'q Questionnaire) -> Option<Manner<'q>> {
        fn of_gate<T>(gate: &crate::Gate<T>) -> Manner<'_> {
            Manner { say: &gate.say, barge_in: gate.barge_in, patience: gate.patience }
        }
        let notice = &q.gates.recording_notice;
        match self {
            Self::Language => q.gates.language.as_ref().map(of_gate),
            Self::Notice => {
                Some(Manner { say: &notice.say, barge_in: notice.barge_in, patience: Patience::default() })
            }
            Self::Identity => Some(of_gate(&q.gates.identity)),
            Self::Convenient => q.gates.convenient.as_ref().map(of_gate),
            Self::AskTime => q.gates.ask_time.as_ref().map(of_gate),
            Self::Question(index) => {
                q.questions.get(*index).map(|Question { say, barge_in, patience, .. }| Manner {
                    say,
                    barge_in: *barge_in,
                    patience: *patience,
                })
            }
            Self::FollowUp(name, _) => q.follow_ups.get(name).map(|FollowUp { say, barge_in, .. }| Manner {
                say,
                barge_in: *barge_in,
                patience: Patience::default(),
            }),
        }
    }
}

impl Walk<'_> {
    pub(super) fn begin(&mut self) {
        let choose = self.q.gates.language.is_some() && !self.s.language_known;
        self.enter(if choose { Station::Language } else { Station::Notice });
    }

    /// Arrives at a station and speaks its prompt.
    pub(super) fn enter(&mut self, station: Station) {
        self.s.station = station;
        self.s.tries = 0;
        self.s.repeats = 0;
        self.say_station([]);
    }

    /// Speaks the station's prompt, after others.
    pub(super) fn say_station(&mut self, before: impl IntoIterator<Item = PromptId>) {
        let manner = self.s.station.manner(self.q);
        self.s.barge_in = manner.as_ref().is_some_and(|manner| manner.barge_in);
        self.s.prompts = before.into_iter().chain(manner.map(|manner| manner.say.clone())).collect();
        self.say_next();
    }

    /// Speaks the next prompt due, or goes on when there is none.
    pub(super) fn say_next(&mut self) {
        self.s.phase = Phase::Saying;
        match self.s.prompts.pop_front() {
            Some(id) => {
                let prompt = PromptRef { id, language: self.s.language.clone() };
                self.steps.push(Step::Say { prompt, barge_in: self.s.barge_in });
            }
            None => self.listen(),
        }
    }

    /// A prompt was said to its end.
    pub(super) fn said(&mut self) {
        self.say_next();
    }

    /// All is said here: take leave, record, or wait for a key.
    fn listen(&mut self) {
        if self.s.confirming {
            return self.wait();
        }
        if self.s.leaving.is_some() {
            return self.part();
        }
        match self.s.station.clone() {
            Station::Notice => self.noticed(),
            Station::FollowUp(name, index) => self.record(&name, index),
            _ => self.wait(),
        }
    }

    fn noticed(&mut self) {
        self.save([Noted::RecordingNoticed], Move::Enter(Station::Identity));
    }

    fn wait(&mut self) {
        self.s.phase = Phase::Waiting;
        self.steps.push(Step::Wait { for_: self.patience().wait });
    }

    pub(super) fn patience(&self) -> Patience {
        self.s.station.manner(self.q).map_or_else(Patience::default, |manner| manner.patience)
    }

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
            _ => {}
        }
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

    fn press_at_station(&mut self, key: Key) {
        let gates = &self.q.gates;
        match self.s.station.clone() {
            Station::Language => match gates.language.as_ref().and_then(|gate| gate.keys.get(&key)) {
                Some(language) => self.speak(language.clone()),
                None => self.wrong_key(key),
            },
            Station::Notice => self.noticed(),
            Station::Identity => match gates.identity.keys.get(&key) {
                Some(identity) => self.identify(*identity),
                None => self.wrong_key(key),
            },
            Station::Convenient => match gates.convenient.as_ref().and_then(|gate| gate.keys.get(&key)) {
                Some(convenience) => self.suit(*convenience),
                None => self.wrong_key(key),
            },
            Station::AskTime => match gates.ask_time.as_ref().and_then(|gate| gate.keys.get(&key)) {
                Some(time) => self.note_time(*time),
                None => self.wrong_key(key),
            },
            Station::Question(index) => self.choose(index, key),
            Station::FollowUp(name, index) => self.record(&name, index),
        }
    }

    fn speak(&mut self, language: String) {
        self.s.language = language;
        self.s.language_known = true;
        self.enter(Station::Notice);
    }

    fn identify(&mut self, identity: Identity) {
        match identity {
            Identity::Yes => {
                let next = if self.q.gates.convenient.is_some() {
                    Move::Enter(Station::Convenient)
                } else {
                    self.question_from(0)
                };
                self.save([Noted::Identity(true)], next);
            }
            Identity::WrongPerson => {
                self.leave([Noted::Identity(false)], Reply::WrongPerson, Outcome::WrongPerson);
            }
        }
    }

    fn suit(&mut self, convenience: Convenience) {
        match convenience {
            Convenience::Yes => {
                let next = self.question_from(0);
                self.save([Noted::Convenient(true)], next);
            }
            Convenience::AskTime => self.save([Noted::Convenient(false)], Move::Enter(Station::AskTime)),
            Convenience::Decline => {
                self.leave([Noted::Convenient(false)], Reply::Declined, Outcome::Declined);
            }
        }
    }

    fn note_time(&mut self, time: crate::TimeAsked) {
        self.leave([Noted::TimeAsked(time)], Reply::TimeNoted, Outcome::Inconvenient(Some(time)));
    }

    fn object(&mut self) {
        self.steps.push(Step::StopRecording);
        self.leave([Noted::ObjectedToRecording], Reply::NotRecorded, Outcome::Declined);
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
                self.save(notes.into_iter().chain([Noted::RecordingNoticed]), Move::Enter(Station::Identity));
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
            Station::Identity | Station::Convenient | Station::Question(_) => {
                let outcome = if self.s.key_pressed { Outcome::Partial } else { Outcome::NoKeyAtAll };
                self.leave_from_our_side(notes, Reply::Goodbye, outcome);
            }
        }
    }
}
