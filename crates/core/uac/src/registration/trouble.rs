//! What follows where a registration fails: the next way, a pause, or leaving the account alone.

use std::time::Duration;

use super::{
    LONGEST_PAUSE, Open, Purpose, REFUSED_PAUSE, Registration, RegistrationOutput, RegistrationState,
};
use crate::digest::Answers;
use crate::line::Hop;

impl Registration {
    /// Nothing is to be had from that place for now: the next way, or a pause.
    pub(super) fn silent(&mut self, now: Duration, open: &Open, why: &str) {
        match open.purpose {
            Purpose::Bind if !self.untried.is_empty() => {
                let next = self.untried.remove(0);
                self.requests = 0;
                self.send(now, next, Purpose::Bind);
            }
            Purpose::Bind => {
                let why = format!("{why}: check the trunk's registrar, the network and the carrier");
                self.failed(now, &open.hop, &why);
            }
            _ => self.on_given_back(&open.purpose),
        }
    }

    /// A binding that could not be given back ends by itself.
    pub(super) fn on_given_back(&mut self, purpose: &Purpose) {
        if *purpose == Purpose::End {
            self.become_state(RegistrationState::Ended);
        }
    }

    pub(super) fn failed(&mut self, now: Duration, hop: &Hop, why: &str) {
        self.answers = Answers::default();
        self.failures += 1;
        let pause = self.pause();
        self.next = Some(now + pause);
        let reason = format!("{hop}: {why}");
        match self.state {
            // It counts until it expires.
            RegistrationState::Registered(_) => self
                .out
                .push_back(RegistrationOutput::Warn(format!("the registration was not refreshed: {reason}"))),
            _ => self.become_state(RegistrationState::Failed { reason }),
        }
    }

    pub(super) fn refused(&mut self, now: Duration, reason: String) {
        self.answers = Answers::default();
        self.failures += 1;
        self.next = Some(now + REFUSED_PAUSE);
        self.become_state(RegistrationState::AuthFailed { reason });
    }

    /// RFC 5626 section 4.5: between half and all of the doubled base.
    fn pause(&mut self) -> Duration {
        let doubled = self.registrar.retry * (1 << self.failures.min(16));
        doubled.min(LONGEST_PAUSE).mul_f64(0.5 + 0.5 * self.seed.fraction())
    }

    pub(super) fn refresh_after(&mut self, lifetime: Duration) -> Duration {
        lifetime.mul_f64(0.85 + 0.05 * self.seed.fraction())
    }
}
