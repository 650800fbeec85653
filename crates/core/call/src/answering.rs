//! An inbound call before it is answered: our answer, its confirmation, and the caller giving up.

use std::time::Duration;

use records::{Confidence, Reason};

use crate::call::{Call, Phase};
use crate::verdict::{EndedBy, Verdict};
use crate::{Failure, FailureKind, Input, Output, Timer};

impl Call {
    pub(crate) fn arrive(&mut self, now: Duration) {
        self.inbound = true;
        self.phase = Phase::Answering;
        self.out(Output::Answer);
        self.timers.set(Timer::Unconfirmed, now + self.limits.teardown);
    }

    pub(crate) fn answering(&mut self, now: Duration, input: Input) {
        match input {
            Input::FirstPacket => self.line.packet = true,
            Input::Answered => {
                self.timers.stop(Timer::Unconfirmed);
                self.answered(now);
            }
            Input::PeerHungUp => self.never_begun(now, Reason::HungUpEarly, EndedBy::Customer),
            Input::NoCommonCodec { why } => {
                self.decide(Verdict::certain(Reason::NoCommonCodec, EndedBy::Us).noting(&why));
                self.refuse_call(now, Reason::NoCommonCodec);
            }
            Input::Failed(failure) => self.not_confirmed(now, &failure),
            Input::LegEnded => self.not_confirmed(now, &Failure::of(FailureKind::Transport)),
            Input::RecorderFailed => self.refuse_call(now, Reason::RecorderUnavailable),
            Input::OptedOutMeanwhile => self.refuse_call(now, Reason::OptedOut),
            Input::Drain { .. } => self.refuse_call(now, Reason::Cancelled),
            _ => {}
        }
    }

    /// The leg told nothing for longer than any confirmation takes.
    pub(crate) fn unconfirmed(&mut self, now: Duration) {
        self.out(Output::HangUp);
        self.not_confirmed(now, &Failure::of(FailureKind::Timeout));
    }

    fn not_confirmed(&mut self, now: Duration, failure: &Failure) {
        self.evidence.sip_status = failure.status;
        self.evidence.sip_phrase.clone_from(&failure.phrase);
        let verdict = Verdict::new(Reason::TrunkUnreachable, Confidence::Likely, EndedBy::Carrier);
        self.decide(verdict.noting("the trunk never confirmed our answer to its call"));
        self.leave_unanswered(now);
    }

    fn never_begun(&mut self, now: Duration, reason: Reason, by: EndedBy) {
        self.decide(Verdict::certain(reason, by).noting("the caller gave up before the call was answered"));
        self.leave_unanswered(now);
    }

    fn leave_unanswered(&mut self, now: Duration) {
        self.timers.stop(Timer::Unconfirmed);
        self.leg_down(now);
    }

    /// Our side cannot take the call: it is refused, or ended if the answer is out already.
    fn refuse_call(&mut self, now: Duration, reason: Reason) {
        self.timers.stop(Timer::Unconfirmed);
        self.decide(Verdict::certain(reason, EndedBy::Us));
        self.out(Output::HangUp);
        self.await_teardown(now);
    }
}
