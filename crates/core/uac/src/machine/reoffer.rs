//! Offers of the peer in the call: its re-INVITE (RFC 3261 section 14.2) and UPDATE (RFC 3311).

use std::net::IpAddr;
use std::time::Duration;

use super::event::{Event, Failure, FailureKind};
use super::state::{Farewell, PeerOffer, Phase};
use super::timer::Timer;
use super::{ALLOW, Output, ServerKey, Uac};
use crate::line::Hop;
use crate::message::{Method, Request, Response};

impl Uac {
    pub(super) fn on_offer(&mut self, now: Duration, key: ServerKey, request: Request) {
        let sdp = request.sdp();
        if self.core.phase == Phase::Closing {
            return self.respond(key, &request, 487, "Request Terminated");
        }
        if self.is_session_too_short(&request) {
            let tag = &self.core.local_tag;
            let mut response = Response::to(&request, 422, "Session Interval Too Small", tag);
            response.headers.push("Min-SE", self.core.session.min_se.to_string());
            self.out.push_back(Output::Respond(key, response));
            return;
        }
        if request.method == Method::Update && sdp.is_none() {
            return self.accept_refresh(now, key, &request);
        }
        if self.is_our_offer_open(&request) {
            return self.respond(key, &request, 491, "Request Pending");
        }
        if self.core.offer.is_some() {
            let mut response = Response::to(&request, 500, "Offer Pending", &self.core.local_tag);
            response.headers.push("Retry-After", "2");
            self.out.push_back(Output::Respond(key, response));
            return;
        }
        self.core.offer = Some(Box::new(PeerOffer { key, request, accepted: false }));
        self.core.timers.set(Timer::ReofferUnanswered, now + self.timing.reoffer_limit);
        self.emit(Event::Reoffer { sdp });
    }

    /// After the answer, only a re-INVITE of ours stands against the peer's offer. Before it, only an
    /// UPDATE of an early dialog whose offer is settled may offer.
    fn is_our_offer_open(&self, request: &Request) -> bool {
        if self.core.phase == Phase::Talking {
            return self.is_reinviting();
        }
        let remote = request.headers.from_tag().unwrap_or_default();
        let early = self.core.early.iter().find(|early| early.dialog.remote_tag == remote);
        request.method != Method::Update || !early.is_some_and(|early| early.settled)
    }

    fn accept_refresh(&mut self, now: Duration, key: ServerKey, request: &Request) {
        self.refresh_target(request);
        let mut response = Response::to(request, 200, "OK", &self.core.local_tag);
        response.headers.push("Contact", self.line.contact());
        response.headers.push("Allow", ALLOW);
        response.headers.push("Supported", "timer");
        self.agree_session(now, request, &mut response);
        self.out.push_back(Output::Respond(key, response));
    }

    pub(super) fn on_answer_offer(&mut self, now: Duration, sdp: Option<String>) {
        let Some(mut offer) = self.core.offer.take_if(|offer| !offer.accepted) else { return };
        self.core.timers.stop(Timer::ReofferUnanswered);
        let Some(sdp) = sdp else {
            return self.respond(offer.key, &offer.request, 488, "Not Acceptable Here");
        };
        self.refresh_target(&offer.request);
        let mut response = Response::to(&offer.request, 200, "OK", &self.core.local_tag);
        response.headers.push("Contact", self.line.contact());
        response.headers.push("Allow", ALLOW);
        response.headers.push("Supported", "timer");
        self.agree_session(now, &offer.request, &mut response);
        response.headers.push("Content-Type", "application/sdp");
        self.core.described.clone_from(&sdp);
        response.body = sdp.into_bytes();
        self.out.push_back(Output::Respond(offer.key, response));
        if offer.request.method == Method::Invite {
            offer.accepted = true;
            self.core.offer = Some(offer);
        }
    }

    pub(super) fn on_reoffer_unanswered(&mut self) {
        self.refuse_open_offer(500, "Server Internal Error");
    }

    /// Answers the peer's open offer, if there is one, with a refusal.
    pub(super) fn refuse_open_offer(&mut self, status: u16, phrase: &str) {
        self.core.timers.stop(Timer::ReofferUnanswered);
        if let Some(offer) = self.core.offer.take_if(|offer| !offer.accepted) {
            self.respond(offer.key, &offer.request, status, phrase);
        }
    }

    /// The peer withdraws its re-INVITE; the CANCEL itself is answered by the transaction layer.
    pub(super) fn on_peer_cancel(&mut self, key: ServerKey) {
        if self.core.offer.as_ref().is_some_and(|offer| offer.key == key) {
            self.refuse_open_offer(487, "Request Terminated");
        }
    }

    pub(super) fn on_ack(&mut self, ack: &Request, from: IpAddr) {
        let number = ack.headers.cseq().map(|(number, _)| number);
        if !self.core.sources.contains(&from) {
            return;
        }
        let acknowledged = self.core.offer.take_if(|offer| {
            offer.accepted && offer.request.headers.cseq().map(|(number, _)| number) == number
        });
        let Some(asked_us) = acknowledged.map(|offer| offer.request.sdp().is_none()) else { return };
        if let Some(sdp) = ack.sdp().filter(|_| asked_us) {
            self.emit(Event::Reanswer { sdp });
        }
    }

    /// RFC 3261 section 14.2: a 2xx to a re-INVITE that is never acknowledged ends the dialog.
    pub(super) fn on_ack_missing(&mut self, now: Duration, key: ServerKey) {
        let missing = self.core.offer.take_if(|offer| offer.accepted && offer.key == key);
        if missing.is_some() && self.core.phase == Phase::Talking {
            let detail = "the peer never acknowledged our answer to its re-INVITE";
            let failure = Failure::silent(FailureKind::Protocol, detail);
            self.say_bye(now, Farewell::Failed(failure), None);
        }
    }

    /// The peer may move within the call: where it wants to be spoken to, it speaks from.
    fn refresh_target(&mut self, request: &Request) {
        let Some(dialog) = self.dialog_of(request) else { return };
        dialog.refresh_target(&request.headers);
        let hop = dialog.hop();
        self.learn_target(&hop);
    }

    pub(super) fn learn_target(&mut self, hop: &Hop) {
        if let Ok(address) = hop.host.parse() {
            self.core.learn_source(address);
        }
    }
}
