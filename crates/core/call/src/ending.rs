//! The end: hanging up, the leg's teardown, the last facts, the report.

use std::time::Duration;

use records::{Confidence, Noted, Reason};

use crate::call::{Call, Phase};
use crate::verdict::{EndedBy, Verdict};
use crate::{Output, Report, Timer};

impl Call {
    /// The first verdict stands.
    pub(crate) fn decide(&mut self, verdict: Verdict) {
        self.verdict.get_or_insert(verdict);
    }

    /// Ends an answered call from our side.
    pub(crate) fn hang_up(&mut self, now: Duration, verdict: Option<Verdict>) {
        if let Some(verdict) = verdict {
            self.decide(verdict);
        }
        self.out(Output::HangUp);
        self.await_teardown(now);
        self.stop_talk(now);
        let verdict = self.verdict_of_outcome(EndedBy::Us);
        self.decide(verdict);
    }

    pub(crate) fn hang_up_after_closing(&mut self, now: Duration) {
        self.hang_up(now, None);
    }

    pub(crate) fn lasted_too_long(&mut self, now: Duration) {
        let verdict = self.verdict_of_outcome(EndedBy::Us).noting("the longest call's time was over");
        self.hang_up(now, Some(verdict));
    }

    /// The other side ended the call, or the dialog broke.
    pub(crate) fn hung_up(&mut self, now: Duration, by: EndedBy) {
        self.phase = Phase::HangingUp;
        self.stop_talk(now);
        let verdict = self.verdict_of_outcome(by);
        self.decide(verdict);
        self.leg_down(now);
    }

    pub(crate) fn await_teardown(&mut self, now: Duration) {
        self.phase = Phase::HangingUp;
        self.timers.stop(Timer::SetupLimit);
        self.timers.stop(Timer::RingTime);
        self.timers.set(Timer::TeardownUnconfirmed, now + self.limits.teardown);
    }

    pub(crate) fn teardown_unconfirmed(&mut self, now: Duration) {
        if self.phase == Phase::Cancelling && self.verdict.is_none() {
            self.cancelling(now, crate::Input::LegEnded);
        } else {
            self.leg_down(now);
        }
        if let Some(verdict) = &mut self.verdict {
            verdict.add_note("the carrier never confirmed the end of the call");
        }
    }

    pub(crate) fn leg_down(&mut self, now: Duration) {
        for timer in [Timer::SetupLimit, Timer::RingTime, Timer::TeardownUnconfirmed] {
            self.timers.stop(timer);
        }
        self.phase = Phase::Settling;
        self.note(now, Noted::Ended);
    }

    /// The report waits for the last fact, so that nobody reads an end whose answers are still on their way.
    pub(crate) fn end_when_settled(&mut self) {
        if self.phase != Phase::Settling || !self.ledger.is_settled() || self.span_awaited() {
            return;
        }
        self.phase = Phase::Ended;
        self.timers = crate::timer::Timers::default();
        let report = self.report();
        self.out(Output::Ended(Box::new(report)));
    }

    fn report(&mut self) -> Report {
        let verdict = self
            .verdict
            .take()
            .unwrap_or_else(|| Verdict::new(Reason::Unknown, Confidence::Guess, EndedBy::Us));
        let heard = self.believed();
        let mut evidence = std::mem::take(&mut self.evidence);
        evidence.heard = heard;
        evidence.confidence = Some(verdict.confidence);
        evidence.ended_by = Some(verdict.ended_by.slug().to_owned());
        evidence.note = verdict.note;
        let told = std::mem::take(&mut self.told);
        Report {
            reason: verdict.reason,
            evidence,
            answered: self.talk.answered_at.is_some(),
            flags: told.flags,
            person_asked: told.person_asked,
            time_asked: told.time_asked,
            objected: told.objected,
        }
    }
}
