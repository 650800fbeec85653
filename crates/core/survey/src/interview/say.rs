//! Speaking at a station, and what follows when all is said.

use super::state::{Move, Phase};
use super::station::Station;
use super::steps::{Noted, Step};
use super::walk::Walk;
use crate::{Patience, PromptId, PromptRef};

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
        let greets = self.s.ring_back && self.s.station == Station::Notice;
        self.ask(greets.then(|| self.q.ring_back.greeting.clone()));
    }

    /// Speaks the station's prompt, after others, unless a key typed ahead has answered it.
    pub(super) fn ask(&mut self, before: impl IntoIterator<Item = PromptId>) {
        let may_be_cut = self.s.station.manner(self.q).is_some_and(|manner| manner.barge_in);
        match may_be_cut.then(|| self.typed_ahead()).flatten() {
            Some(key) => self.press_at_station(key),
            None => self.say_station(before),
        }
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

    pub(super) fn noticed(&mut self) {
        self.save([Noted::RecordingNoticed], Move::Enter(self.after_notice()));
    }

    pub(super) fn after_notice(&self) -> Station {
        if self.s.ring_back { Station::RingBack } else { Station::Identity }
    }

    fn wait(&mut self) {
        // Typed while the prompt was said that no key cuts short.
        if !self.s.confirming
            && let Some(key) = self.typed_ahead()
        {
            return self.press_at_station(key);
        }
        self.s.phase = Phase::Waiting;
        self.steps.push(Step::Wait { for_: self.patience().wait });
    }

    pub(super) fn patience(&self) -> Patience {
        self.s.station.manner(self.q).map_or_else(Patience::default, |manner| manner.patience)
    }
}
