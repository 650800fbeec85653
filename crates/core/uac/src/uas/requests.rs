//! Requests of the caller in the call (RFC 3261 section 12.2.2), each answered exactly once.

use std::net::IpAddr;
use std::time::Duration;

use super::session::{LEAST, Session};
use super::{PeerOffer, Phase, Timer, Uas};
use crate::machine::{ALLOW, Event, Output, ServerKey, capabilities, info, not_allowed};
use crate::message::{Method, Request, Response};
use crate::reason;

const UNKNOWN: (u16, &str) = (481, "Call/Transaction Does Not Exist");

impl Uas {
    pub(super) fn on_request(&mut self, now: Duration, key: ServerKey, request: Request, from: IpAddr) {
        match request.method {
            Method::Ack => return self.on_ack(now, &request, from),
            Method::Cancel => return self.on_cancel(now, key, &request),
            // The same INVITE by another way (RFC 3261 section 8.2.2.2).
            Method::Invite if request.headers.to_tag().is_none() => {
                return self.respond(key, &request, 482, "Loop Detected");
            }
            _ => {}
        }
        if let Some((status, phrase)) = self.objection(&request, from) {
            return self.respond(key, &request, status, phrase);
        }
        match request.method {
            Method::Bye => self.on_bye(now, key, &request),
            Method::Invite | Method::Update => self.on_offer(now, key, request),
            Method::Options => {
                let response = capabilities(&request, &self.local_tag);
                self.out.push_back(Output::Respond(key, response));
            }
            Method::Info => self.on_info(key, &request),
            Method::Prack => self.respond(key, &request, UNKNOWN.0, UNKNOWN.1),
            _ => {
                let response = not_allowed(&request, &self.local_tag);
                self.out.push_back(Output::Respond(key, response));
            }
        }
    }

    /// Why a request is not listened to: tags of no dialog, a stranger's address, an old number.
    fn objection(&mut self, request: &Request, from: IpAddr) -> Option<(u16, &'static str)> {
        let ours = request.headers.to_tag().as_deref() == Some(self.local_tag.as_str())
            && request.headers.from_tag().as_deref() == Some(self.dialog.remote_tag.as_str());
        if !ours || !self.sources.contains(&from) || self.is_over() {
            return Some(UNKNOWN);
        }
        let Some((number, _)) = request.headers.cseq() else { return Some((400, "Bad CSeq")) };
        if self.dialog.remote_seq.is_some_and(|last| number <= last) {
            return Some((500, "CSeq Out Of Order"));
        }
        self.dialog.remote_seq = Some(number);
        None
    }

    fn on_ack(&mut self, now: Duration, ack: &Request, from: IpAddr) {
        let number = |request: &Request| request.headers.cseq().map(|(number, _)| number);
        if !self.sources.contains(&from) {
            return;
        }
        if number(ack) == number(&self.invite) {
            return self.confirmed(now, ack);
        }
        let acknowledged =
            self.offer.take_if(|offer| offer.accepted && number(&offer.request) == number(ack));
        let Some(asked_us) = acknowledged.map(|offer| offer.request.sdp().is_none()) else { return };
        if let Some(sdp) = ack.sdp().filter(|_| asked_us) {
            self.emit(Event::Reanswer { sdp });
        }
    }

    fn on_info(&mut self, key: ServerKey, request: &Request) {
        let (response, pressed) = info::answer(request, &self.local_tag);
        self.out.push_back(Output::Respond(key, response));
        if let Some(pressed) = pressed.filter(|_| self.phase == Phase::Talking) {
            self.emit(pressed);
        }
    }

    fn on_cancel(&mut self, now: Duration, key: ServerKey, cancel: &Request) {
        if self.phase == Phase::Arrived && key == self.key {
            self.given_up(now, cancel);
        } else if self.offer.as_ref().is_some_and(|offer| offer.key == key) {
            self.refuse_open_offer(487, "Request Terminated");
        }
    }

    fn on_bye(&mut self, now: Duration, key: ServerKey, bye: &Request) {
        self.respond(key, bye, 200, "OK");
        match self.phase {
            Phase::Arrived => self.given_up(now, bye),
            // Both hung up at once; the peer's BYE says as much as its 200 to ours.
            Phase::Closing => self.close(now, true),
            _ => {
                let reasons = reason::raw(&bye.headers);
                let q850 = reason::q850(&reasons);
                self.finish(now, Event::PeerHungUp { reasons, q850 });
            }
        }
    }

    fn on_offer(&mut self, now: Duration, key: ServerKey, request: Request) {
        if self.phase == Phase::Closing {
            return self.respond(key, &request, 487, "Request Terminated");
        }
        if Session::is_too_short(&request.headers) {
            let mut response = Response::to(&request, 422, "Session Interval Too Small", &self.local_tag);
            response.headers.push("Min-SE", LEAST.as_secs().to_string());
            return self.out.push_back(Output::Respond(key, response));
        }
        let sdp = request.sdp();
        if request.method == Method::Update && sdp.is_none() && self.phase == Phase::Talking {
            let response = self.agree(now, &request);
            return self.out.push_back(Output::Respond(key, response));
        }
        // An offer crosses our answer to the INVITE (RFC 3261 section 14.2, RFC 3311 section 5.2).
        if self.phase != Phase::Talking {
            return self.respond(key, &request, 491, "Request Pending");
        }
        if self.offer.is_some() {
            let mut response = Response::to(&request, 500, "Offer Pending", &self.local_tag);
            response.headers.push("Retry-After", "2");
            return self.out.push_back(Output::Respond(key, response));
        }
        self.offer = Some(PeerOffer { key, request, accepted: false });
        self.timers.set(Timer::ReofferUnanswered, now + self.timing.reoffer_limit);
        self.emit(Event::Reoffer { sdp });
    }

    pub(super) fn on_answer_offer(&mut self, now: Duration, sdp: Option<String>) {
        let Some(mut offer) = self.offer.take_if(|offer| !offer.accepted) else { return };
        self.timers.stop(Timer::ReofferUnanswered);
        let Some(sdp) = sdp else {
            return self.respond(offer.key, &offer.request, 488, "Not Acceptable Here");
        };
        let mut response = self.agree(now, &offer.request);
        response.headers.push("Allow", ALLOW);
        response.headers.push("Content-Type", "application/sdp");
        response.body = sdp.into_bytes();
        self.out.push_back(Output::Respond(offer.key, response));
        if offer.request.method == Method::Invite {
            offer.accepted = true;
            self.offer = Some(offer);
        }
    }

    /// The 2xx to a request that refreshes target and session.
    fn agree(&mut self, now: Duration, request: &Request) -> Response {
        if let Some(contact) = request.headers.contact() {
            self.dialog.target = contact;
        }
        self.session = Session::asked(&request.headers);
        self.restart_session(now);
        let mut response = self.in_dialog(request, 200, "OK");
        if let Some(session) = &self.session {
            session.write(&mut response.headers);
        }
        response
    }

    /// Answers the peer's open offer, if there is one, with a refusal.
    pub(super) fn refuse_open_offer(&mut self, status: u16, phrase: &str) {
        self.timers.stop(Timer::ReofferUnanswered);
        if let Some(offer) = self.offer.take_if(|offer| !offer.accepted) {
            self.respond(offer.key, &offer.request, status, phrase);
        }
    }
}
