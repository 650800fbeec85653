//! From the INVITE to the ACK: ringing, answering, refusing, and the caller giving up.

use std::time::Duration;

use super::{HungUp, Phase, Timer, Uas};
use crate::machine::{ALLOW, Event, Failure, FailureKind, Output, Refusal, ServerKey};
use crate::message::{Request, Response};
use crate::reason;

impl Uas {
    /// 180, unless the caller wants it reliable.
    pub(super) fn ring(&mut self) {
        let reliable = self.invite.headers.lists("Require", "100rel");
        if self.phase != Phase::Arrived || self.rung || reliable {
            return;
        }
        self.rung = true;
        let response = self.in_dialog(&self.invite, 180, "Ringing");
        self.out.push_back(Output::Respond(self.key, response));
    }

    pub(super) fn accept(&mut self, now: Duration, sdp: String) {
        if self.phase != Phase::Arrived {
            return;
        }
        let mut response = self.in_dialog(&self.invite, 200, "OK");
        response.headers.push("Allow", ALLOW);
        response.headers.push("Supported", "timer");
        if let Some(session) = &self.session {
            session.write(&mut response.headers);
        }
        response.headers.push("Content-Type", "application/sdp");
        response.body = sdp.into_bytes();
        self.phase = Phase::Accepted { hung_up: None };
        self.timers.stop(Timer::Undecided);
        self.timers.set(Timer::AckMissing, now + self.timing.transaction_life());
        self.restart_session(now);
        self.out.push_back(Output::Respond(self.key, response));
    }

    pub(super) fn refuse(&mut self, now: Duration, refusal: &Refusal) {
        if self.phase != Phase::Arrived {
            return self.on_hang_up(now, None);
        }
        let mut response = Response::to(&self.invite, refusal.status, &refusal.phrase, &self.local_tag);
        if let Some(seconds) = refusal.retry_after {
            response.headers.push("Retry-After", seconds.to_string());
        }
        self.out.push_back(Output::Respond(self.key, response));
        self.finish(now, Event::Ended { confirmed: true });
    }

    /// Our side wants no more: a refusal before the answer, BYE after it.
    pub(super) fn on_hang_up(&mut self, now: Duration, reason: Option<String>) {
        match &mut self.phase {
            Phase::Arrived => self.turn_away(now, reason),
            Phase::Accepted { hung_up } => drop(hung_up.get_or_insert(HungUp(reason))),
            Phase::Talking => self.say_bye(now, None, reason),
            Phase::Closing | Phase::Over | Phase::Done => {}
        }
    }

    fn turn_away(&mut self, now: Duration, reason: Option<String>) {
        let mut response = Response::to(&self.invite, 480, "Temporarily Unavailable", &self.local_tag);
        if let Some(reason) = reason {
            response.headers.push("Reason", reason);
        }
        self.out.push_back(Output::Respond(self.key, response));
        self.finish(now, Event::Ended { confirmed: true });
    }

    /// CANCEL before the answer, or BYE of the early dialog; the CANCEL itself is answered by the
    /// transaction layer. Once there is a final response a CANCEL changes nothing.
    pub(super) fn given_up(&mut self, now: Duration, by: &Request) {
        let (key, invite) = (self.key, self.invite.clone());
        self.respond(key, &invite, 487, "Request Terminated");
        let reasons = reason::raw(&by.headers);
        let q850 = reason::q850(&reasons);
        self.finish(now, Event::PeerHungUp { reasons, q850 });
    }

    /// The ACK of our 2xx to the INVITE.
    pub(super) fn confirmed(&mut self, now: Duration, ack: &Request) {
        let Phase::Accepted { hung_up } = &mut self.phase else { return };
        let hung_up = hung_up.take();
        self.phase = Phase::Talking;
        self.timers.stop(Timer::AckMissing);
        if let Some(HungUp(reason)) = hung_up {
            return self.say_bye(now, None, reason);
        }
        self.timers.set(Timer::CallLimit, now + self.timing.call_limit);
        let sdp = if self.invite.sdp().is_none() { ack.sdp() } else { None };
        self.emit(Event::Answered { sdp });
    }

    /// A 2xx that is never acknowledged ends its dialog (RFC 3261 sections 13.3.1.4 and 14.2).
    pub(super) fn on_ack_missing(&mut self, now: Duration, key: ServerKey) {
        let unacknowledged = |what: &str| {
            let detail =
                format!("the caller never acknowledged our {what}: check the way from the trunk to us");
            Failure::silent(FailureKind::Protocol, detail)
        };
        if matches!(self.phase, Phase::Accepted { .. }) && key == self.key {
            self.say_bye(now, Some(unacknowledged("answer")), None);
        } else if self.offer.take_if(|offer| offer.accepted && offer.key == key).is_some()
            && self.phase == Phase::Talking
        {
            self.say_bye(now, Some(unacknowledged("answer to its re-INVITE")), None);
        }
    }

    /// A response that makes or keeps a dialog (RFC 3261 section 12.1.1).
    pub(super) fn in_dialog(&self, request: &Request, status: u16, phrase: &str) -> Response {
        let mut response = Response::to(request, status, phrase, &self.local_tag);
        for route in request.headers.all("Record-Route") {
            response.headers.push("Record-Route", route);
        }
        response.headers.push("Contact", self.line.contact());
        response
    }
}
