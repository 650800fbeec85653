//! The answered call: the interview's steps become orders, the line's facts become its events.

use std::time::Duration;

use records::{Marker, Noted, Reason};
use survey::{Event, Key, Outcome, PromptRef, Step};

use crate::call::{Call, Phase};
use crate::verdict::EndedBy;
use crate::{Input, Output, Timer};

impl Call {
    pub(crate) fn answered(&mut self, now: Duration) {
        if !self.inbound {
            self.measure_ringing(now);
        }
        self.evidence.sip_status = Some(200);
        self.phase = Phase::Talking;
        self.talk.answered_at = Some(now);
        self.timers.stop(Timer::SetupLimit);
        self.timers.stop(Timer::RingTime);
        self.timers.set(Timer::LongestCall, now + self.policy.longest_call);
        if !self.line.packet {
            self.timers.set(Timer::NoMedia, now + self.policy.no_media);
        }
        self.note(now, Noted::Answered);
        self.tell_interview(now, Event::Begin);
    }

    pub(crate) fn talking(&mut self, now: Duration, input: &Input) {
        match *input {
            Input::Key(key) => self.key(now, key),
            Input::PromptDone { play } => self.prompt_done(now, play),
            Input::FirstPacket => self.packets_came(),
            Input::NoMedia => self.no_media(now),
            Input::Clue(ref clue) => self.clue_in_talk(now, clue.clone()),
            Input::Heard(heard) => self.tone_in_talk(now, heard),
            Input::PeerHungUp => self.hung_up(now, EndedBy::Customer),
            Input::LegEnded | Input::Failed(_) => self.hung_up(now, EndedBy::Carrier),
            // Nothing is recorded any more once the customer objected.
            Input::RecorderFailed if self.talk.recording_stopped => {}
            Input::RecorderFailed => {
                let verdict = self.verdict_if_broken_off(Reason::RecorderUnavailable);
                self.hang_up(now, Some(verdict));
            }
            Input::Drain { now: true } => {
                let verdict = self.verdict_if_broken_off(Reason::Cancelled);
                self.hang_up(now, Some(verdict));
            }
            _ => {}
        }
    }

    fn key(&mut self, now: Duration, key: char) {
        let Ok(key) = Key::try_from(key) else { return };
        self.talk.key = true;
        self.packets_came();
        self.tell_interview(now, Event::Key(key));
    }

    fn packets_came(&mut self) {
        self.line.packet = true;
        self.timers.stop(Timer::NoMedia);
    }

    fn prompt_done(&mut self, now: Duration, play: u32) {
        if self.talk.playing == Some(play) {
            self.talk.playing = None;
            self.tell_interview(now, Event::PromptDone);
        }
    }

    /// Without one packet the line is at fault; when packets came and stopped, the customer is lost in mid-call.
    pub(crate) fn no_media(&mut self, now: Duration) {
        let verdict = if self.line.packet {
            self.verdict_of_outcome(EndedBy::Us).noting("the other side's media stopped")
        } else {
            self.verdict_if_broken_off(Reason::NoMedia)
        };
        self.hang_up(now, Some(verdict));
    }

    pub(crate) fn tell_interview(&mut self, now: Duration, event: Event) {
        for step in self.course.handle(event) {
            self.carry_out(now, step);
        }
    }

    fn carry_out(&mut self, now: Duration, step: Step) {
        if !matches!(step, Step::StopPrompt | Step::StopSpan | Step::StopRecording) {
            self.timers.stop(Timer::NoKey);
        }
        let on_the_line = matches!(self.phase, Phase::Talking | Phase::Closing);
        match step {
            Step::Say { prompt, .. } if on_the_line => self.say(prompt),
            Step::Wait { for_ } if on_the_line => self.timers.set(Timer::NoKey, now + for_),
            Step::RecordSpan { tag, max, end_silence, .. } if on_the_line => {
                self.record_span(now, tag, max, end_silence);
            }
            Step::StopPrompt => self.stop_play(),
            Step::StopSpan => self.stop_span(now),
            Step::StopRecording => {
                self.talk.recording_stopped = true;
                self.told.objected = true;
                self.out(Output::StopRecording);
            }
            Step::Save(noted) => self.save_for_interview(now, noted),
            Step::Transfer => {
                self.out(Output::Mark(Marker::Transfer));
                self.close(now, Outcome::HandedOver);
            }
            Step::Closing { outcome } => self.close(now, outcome),
            Step::End { outcome } => {
                self.talk.outcome.get_or_insert(outcome);
                if on_the_line {
                    self.hang_up(now, None);
                }
            }
            Step::Say { .. } | Step::Wait { .. } | Step::RecordSpan { .. } => {}
        }
    }

    fn say(&mut self, prompt: PromptRef) {
        self.phase = Phase::Talking;
        self.timers.stop(Timer::HangUpGrace);
        self.stop_play();
        let at = self.course.at();
        if self.talk.at.as_ref() != Some(&at) {
            self.out(Output::Mark(Marker::At { place: at.clone() }));
            self.talk.at = Some(at);
        }
        if self.ledger.is_settled() {
            self.play(prompt);
        } else {
            self.ledger.hold(prompt);
        }
    }

    pub(crate) fn play(&mut self, prompt: PromptRef) {
        self.talk.plays += 1;
        self.talk.playing = Some(self.talk.plays);
        self.out(Output::Play { play: self.talk.plays, prompt });
    }

    fn stop_play(&mut self) {
        self.ledger.drop_held();
        if self.talk.playing.take().is_some() {
            self.out(Output::StopPlay);
        }
    }

    /// The closing has been said; a person handed over hears the same silence until live transfer takes over.
    fn close(&mut self, now: Duration, outcome: Outcome) {
        self.talk.outcome.get_or_insert(outcome);
        if self.phase == Phase::Talking {
            self.phase = Phase::Closing;
            self.timers.set(Timer::HangUpGrace, now + self.policy.hang_up_grace);
        }
    }

    /// Leaves the interview, whichever side ended the call.
    pub(crate) fn stop_talk(&mut self, now: Duration) {
        self.stop_play();
        for timer in [Timer::NoMedia, Timer::LongestCall, Timer::NoKey, Timer::HangUpGrace] {
            self.timers.stop(timer);
        }
        self.tell_interview(now, Event::HungUp);
    }
}
