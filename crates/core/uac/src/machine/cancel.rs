//! Giving up before the answer (RFC 3261 section 9.1), and hanging up after it.

use std::time::Duration;

use super::Uac;
use super::event::{Event, Failure, FailureKind};
use super::state::{Cancel, Farewell, Fate, Phase, Purpose};
use super::timer::Timer;
use crate::message::{Headers, Method, Request};

impl Uac {
    pub(super) fn on_hang_up(&mut self, now: Duration, reason: Option<String>) {
        match self.core.phase {
            Phase::Calling | Phase::Proceeding => {
                if self.core.cancel.is_none() {
                    self.core.cancel = Some(Cancel { reason, sent: false });
                    self.core.timers.stop(Timer::RingLimit);
                    self.send_cancel(now);
                }
            }
            Phase::Talking => self.say_bye(now, Farewell::Ended, reason),
            Phase::Closing | Phase::Over | Phase::Done => {}
        }
    }

    /// Sends the CANCEL that is wanted, if a provisional response allows it.
    pub(super) fn send_cancel(&mut self, now: Duration) {
        if self.core.phase != Phase::Proceeding {
            return;
        }
        let Some(cancel) = self.core.cancel.as_mut().filter(|cancel| !cancel.sent) else { return };
        cancel.sent = true;
        let request = cancel_of(&self.core.invite, cancel.reason.as_deref());
        self.core.timers.set(Timer::CancelUnanswered, now + self.timing.transaction_life());
        let hop = self.core.invite_hop.clone();
        self.send_request(request, hop, Purpose::Cancel);
    }

    pub(super) fn on_ring_limit(&mut self, now: Duration) {
        let reason = "SIP;cause=487;text=\"ring limit\"".to_owned();
        self.on_hang_up(now, Some(reason));
    }

    pub(super) fn on_cancel_unanswered(&mut self, now: Duration) {
        self.leave_invite(Fate::Withdrawn);
        let detail =
            "the peer never ended the cancelled INVITE: a late answer will be acknowledged and ended";
        self.finish(now, Event::Failed(Failure::silent(FailureKind::Cancelled, detail)));
    }

    /// Ends the kept dialog by BYE.
    pub(super) fn say_bye(&mut self, now: Duration, farewell: Farewell, reason: Option<String>) {
        let Some(kept) = self.core.dialog.as_mut() else { return };
        let branch = self.core.seed.branch();
        let mut bye = kept.dialog.request(Method::Bye, &self.line, &branch);
        if let Some(reason) = reason {
            bye.headers.push("Reason", reason);
        }
        let hop = kept.dialog.hop();
        self.refuse_open_offer(487, "Request Terminated");
        self.abandon_refresh();
        self.core.phase = Phase::Closing;
        self.core.farewell = Some(Box::new(farewell));
        self.core.timers.clear();
        self.core.timers.set(Timer::ByeUnanswered, now + self.timing.transaction_life());
        self.send_request(bye, hop, Purpose::Bye);
    }

    /// Our BYE is through, or given up.
    pub(super) fn close(&mut self, now: Duration, confirmed: bool) {
        let event = match self.core.farewell.take().map(|farewell| *farewell) {
            None | Some(Farewell::Ended) => Event::Ended { confirmed },
            Some(Farewell::LateAnswered) => Event::LateAnswered,
            Some(Farewell::Failed(failure)) => Event::Failed(failure),
        };
        self.finish(now, event);
    }
}

/// The CANCEL of an INVITE: its Request-URI, Call-ID, To, From, CSeq number, top Via and Route
/// (RFC 3261 section 9.1).
pub(super) fn cancel_of(invite: &Request, reason: Option<&str>) -> Request {
    let mut headers = Headers::default();
    for name in ["Via", "Max-Forwards", "Route", "From", "To", "Call-ID"] {
        for value in invite.headers.all(name) {
            headers.push(name, value);
        }
    }
    let number = invite.headers.cseq().map_or(1, |(number, _)| number);
    headers.push("CSeq", format!("{number} CANCEL"));
    if let Some(reason) = reason {
        headers.push("Reason", reason);
    }
    Request { method: Method::Cancel, uri: invite.uri.clone(), headers, body: Vec::new() }
}
