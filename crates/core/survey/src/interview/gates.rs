//! What a key means at a gate.

use super::state::Move;
use super::station::Station;
use super::steps::{Noted, Outcome, Step};
use super::walk::Walk;
use crate::{Convenience, Identity, Key, Reply, TimeAsked, Wish};

impl Walk<'_> {
    pub(super) fn press_at_station(&mut self, key: Key) {
        let gates = &self.q.gates;
        match self.s.station.clone() {
            Station::Language => match gates.language.as_ref().and_then(|gate| gate.keys.get(&key)) {
                Some(language) => self.speak(language.clone()),
                None => self.wrong_key(key),
            },
            Station::Notice => self.noticed(),
            Station::RingBack => match self.q.ring_back.menu.keys.get(&key) {
                Some(wish) => self.grant(*wish),
                None => self.wrong_key(key),
            },
            Station::Identity => match gates.identity.keys.get(&key) {
                Some(identity) => self.identify(*identity),
                None => self.wrong_key(key),
            },
            Station::Convenient => match gates.convenient.as_ref().and_then(|gate| gate.keys.get(&key)) {
                Some(convenience) => self.suit(*convenience),
                None => self.wrong_key(key),
            },
            Station::AskTime => match self.q.ring_back.ask_time.keys.get(&key) {
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
                // Who rings back and says "now" is not asked whether now suits.
                let next = if self.q.gates.convenient.is_some() && !self.s.ring_back {
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

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Now => self.save([Noted::Convenient(true)], Move::Enter(Station::Identity)),
            Wish::AskTime => self.save([Noted::Convenient(false)], Move::Enter(Station::AskTime)),
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

    fn note_time(&mut self, time: TimeAsked) {
        self.leave([Noted::TimeAsked(time)], Reply::TimeNoted, Outcome::Inconvenient(Some(time)));
    }

    pub(super) fn object(&mut self) {
        self.steps.push(Step::StopRecording);
        self.leave([Noted::ObjectedToRecording], Reply::NotRecorded, Outcome::Declined);
    }
}
