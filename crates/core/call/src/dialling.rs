//! Before the answer: ringing, giving up, and the races of CANCEL.

use std::time::Duration;

use records::{Heard, Reason};

use crate::call::{Call, Phase};
use crate::reasons::{Signs, reason_for};
use crate::timer::setup_limit;
use crate::verdict::{EndedBy, Verdict};
use crate::{Failure, FailureKind, Input, Output, Timer};

impl Call {
    pub(crate) fn idle(&mut self, now: Duration, input: &Input) {
        let reason = match input {
            Input::Start => return self.start(now),
            Input::Arrived => return self.arrive(now),
            Input::Drain { .. } => Reason::Cancelled,
            Input::RecorderFailed => Reason::RecorderUnavailable,
            Input::OptedOutMeanwhile => Reason::OptedOut,
            _ => return,
        };
        self.decide(Verdict::certain(reason, EndedBy::Us));
        self.leg_down(now);
    }

    fn start(&mut self, now: Duration) {
        self.phase = Phase::Dialling;
        self.out(Output::Dial);
        self.timers.set(Timer::SetupLimit, now + setup_limit(&self.policy));
    }

    pub(crate) fn dialling(&mut self, now: Duration, input: Input) {
        match input {
            Input::Trying => self.line.sign_of_life = true,
            Input::Provisional { status, .. } => self.provisional(now, status),
            Input::Heard(heard) => self.heard_early(now, heard),
            Input::Clue(clue) => {
                self.line.sign_of_life = true;
                self.note_clue(clue);
            }
            Input::FirstPacket => self.line.packet = true,
            Input::Answered => self.answered(now),
            Input::NoCommonCodec { why } => self.unusable_answer(now, &why),
            Input::LateAnswered => self.answered_late(now),
            Input::Failed(failure) => self.failed(now, &failure),
            Input::LegEnded => self.failed(now, &Failure::of(FailureKind::Transport)),
            Input::RecorderFailed => {
                self.cancel(now, Some(Verdict::certain(Reason::RecorderUnavailable, EndedBy::Us)));
            }
            Input::OptedOutMeanwhile => {
                self.cancel(now, Some(Verdict::certain(Reason::OptedOut, EndedBy::Us)));
            }
            Input::Drain { .. } => self.cancel(now, Some(Verdict::certain(Reason::Cancelled, EndedBy::Us))),
            _ => {}
        }
    }

    fn provisional(&mut self, now: Duration, status: u16) {
        self.line.sign_of_life = true;
        self.line.progress = true;
        if self.line.last_status.replace(status) != Some(status) {
            self.note(now, records::Noted::Progress { status });
        }
        if status == 180 {
            self.rings(now);
        }
    }

    fn heard_early(&mut self, now: Duration, heard: Heard) {
        self.line.sign_of_life = true;
        self.note_heard(heard);
        if heard == Heard::Ringback {
            self.rings(now);
        }
    }

    /// Ringing counts from the first 180 or ring-back tone; the time for its signs is then over.
    fn rings(&mut self, now: Duration) {
        if self.phase == Phase::Dialling {
            self.phase = Phase::Ringing;
            self.line.rings_since = Some(now);
            self.timers.stop(Timer::SetupLimit);
            self.timers.set(Timer::RingTime, now + self.policy.ring_time);
        }
    }

    /// Writes down how long it rang; without any 18x, counted from INVITE and marked so.
    pub(crate) fn measure_ringing(&mut self, now: Duration) {
        if self.evidence.ring_ms.is_some() {
            return;
        }
        self.evidence.ring_from_invite = self.line.rings_since.is_none() && !self.line.progress;
        let since = self.line.rings_since.or(self.evidence.ring_from_invite.then_some(Duration::ZERO));
        self.evidence.ring_ms = since.map(|since| now.saturating_sub(since).as_millis() as u64);
    }

    /// The ring time or the setup limit has passed. What it means is decided once the leg is gone.
    pub(crate) fn give_up_waiting(&mut self, now: Duration) {
        self.cancel(now, None);
    }

    fn cancel(&mut self, now: Duration, verdict: Option<Verdict>) {
        self.measure_ringing(now);
        self.timers.stop(Timer::SetupLimit);
        self.timers.stop(Timer::RingTime);
        self.verdict = verdict;
        self.phase = Phase::Cancelling;
        self.out(Output::Cancel);
        self.timers.set(Timer::TeardownUnconfirmed, now + self.limits.teardown);
    }

    pub(crate) fn cancelling(&mut self, now: Duration, input: Input) {
        match input {
            Input::Answered => {
                self.out(Output::HangUp);
                self.answered_late(now);
            }
            Input::LateAnswered | Input::NoCommonCodec { .. } => self.answered_late(now),
            Input::Failed(failure) => self.failed(now, &failure),
            Input::LegEnded | Input::PeerHungUp => self.cancelled(now, None),
            _ => {}
        }
    }

    fn answered_late(&mut self, now: Duration) {
        self.measure_ringing(now);
        self.evidence.sip_status = Some(200);
        self.verdict = Some(Verdict::certain(Reason::AnsweredLate, EndedBy::Us));
        self.await_teardown(now);
    }

    fn unusable_answer(&mut self, now: Duration, why: &str) {
        self.measure_ringing(now);
        self.evidence.sip_status = Some(200);
        let mut verdict = Verdict::certain(Reason::NoCommonCodec, EndedBy::Us);
        verdict.add_note(why);
        self.decide(verdict);
        self.await_teardown(now);
    }

    fn failed(&mut self, now: Duration, failure: &Failure) {
        self.measure_ringing(now);
        self.evidence.sip_status = failure.status;
        self.evidence.sip_phrase.clone_from(&failure.phrase);
        self.evidence.reason_headers.clone_from(&failure.reason_headers);
        self.evidence.warning.clone_from(&failure.warning);
        self.evidence.q850 = Signs::q850_of(failure);
        self.cancelled(now, Some(failure));
    }

    /// The leg is gone without an answer: every sign together makes the reason, unless it was ours to decide.
    fn cancelled(&mut self, now: Duration, failure: Option<&Failure>) {
        let by_us = self.phase == Phase::Cancelling;
        let signs = Signs::new(
            failure,
            by_us,
            &self.believed(),
            self.line.rings_since.map(|since| now.saturating_sub(since)),
            self.line.sign_of_life,
        );
        let finding = reason_for(&signs);
        let ended_by = if by_us { EndedBy::Us } else { EndedBy::Carrier };
        self.decide(Verdict::new(finding.reason, finding.confidence, ended_by).noting(finding.why));
        self.leg_down(now);
    }
}
