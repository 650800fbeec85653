//! Requests of the peer in the call (RFC 3261 section 12.2.2), each answered exactly once.

use std::net::IpAddr;
use std::time::Duration;

use super::event::{Event, Failure, FailureKind};
use super::state::{Farewell, PeerOffer, Phase};
use super::timer::Timer;
use super::{Output, ServerKey, Uac};
use crate::dialog::Dialog;
use crate::message::{Method, Request, Response};
use crate::reason;

/// The methods that we take part in, as the Allow header says them.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK";

/// The answer to a request outside any call: OPTIONS is answered, everything else refused.
/// `to_tag` makes the response's To unique.
pub fn out_of_dialog(request: &Request, to_tag: &str) -> Option<Response> {
    if let Some(refusal) = crate::guard::objection(request, to_tag) {
        return Some(refusal);
    }
    let (status, phrase) = match (&request.method, request.headers.to_tag()) {
        (Method::Ack, _) => return None,
        (Method::Options, None) => return Some(capabilities(request, to_tag)),
        (Method::Other(_) | Method::Register, _) => return Some(not_allowed(request, to_tag)),
        (_, Some(_))
        | (Method::Bye | Method::Cancel | Method::Prack | Method::Update | Method::Info, None) => {
            (481, "Call/Transaction Does Not Exist")
        }
        (Method::Invite, None) => (403, "Forbidden"),
    };
    Some(Response::to(request, status, phrase, to_tag))
}

/// The answer to OPTIONS.
pub(crate) fn capabilities(request: &Request, to_tag: &str) -> Response {
    let mut response = Response::to(request, 200, "OK", to_tag);
    response.headers.push("Allow", ALLOW);
    response.headers.push("Accept", "application/sdp");
    response.headers.push("Supported", "100rel");
    response
}

/// The refusal of a method that we take no part in.
pub(crate) fn not_allowed(request: &Request, to_tag: &str) -> Response {
    let mut response = Response::to(request, 405, "Method Not Allowed", to_tag);
    response.headers.push("Allow", ALLOW);
    response
}

impl Uac {
    pub(super) fn on_request(&mut self, now: Duration, key: ServerKey, request: Request, from: IpAddr) {
        if request.method == Method::Ack {
            return self.on_ack(&request, from);
        }
        if request.method == Method::Cancel {
            return self.on_peer_cancel(key);
        }
        if let Some((status, phrase)) = self.objection(&request, from) {
            return self.respond(key, &request, status, phrase);
        }
        match request.method {
            Method::Bye => self.on_bye(now, key, &request),
            Method::Invite | Method::Update => self.on_offer(now, key, request),
            Method::Options => {
                let response = capabilities(&request, &self.core.local_tag);
                self.out.push_back(Output::Respond(key, response));
            }
            Method::Info => self.respond(key, &request, 200, "OK"),
            Method::Prack => self.respond(key, &request, 481, "Call/Transaction Does Not Exist"),
            _ => {
                let response = not_allowed(&request, &self.core.local_tag);
                self.out.push_back(Output::Respond(key, response));
            }
        }
    }

    /// Why a request is not listened to: tags of no dialog, a stranger's address, an old number.
    fn objection(&mut self, request: &Request, from: IpAddr) -> Option<(u16, &'static str)> {
        const UNKNOWN: (u16, &str) = (481, "Call/Transaction Does Not Exist");
        let trusted = self.core.sources.contains(&from);
        let Some(dialog) = self.dialog_of(request).filter(|_| trusted) else { return Some(UNKNOWN) };
        let Some((number, _)) = request.headers.cseq() else { return Some((400, "Bad CSeq")) };
        if dialog.remote_seq.is_some_and(|last| number <= last) {
            return Some((500, "CSeq Out Of Order"));
        }
        dialog.remote_seq = Some(number);
        None
    }

    fn dialog_of(&mut self, request: &Request) -> Option<&mut Dialog> {
        if request.headers.to_tag().as_deref() != Some(self.core.local_tag.as_str()) {
            return None;
        }
        let remote = request.headers.from_tag()?;
        let dialogs: Vec<&mut Dialog> = match self.core.phase {
            Phase::Talking | Phase::Closing => {
                self.core.dialog.iter_mut().map(|kept| &mut kept.dialog).collect()
            }
            Phase::Proceeding => self.core.early.iter_mut().map(|early| &mut early.dialog).collect(),
            Phase::Calling | Phase::Over | Phase::Done => Vec::new(),
        };
        dialogs.into_iter().find(|dialog| dialog.remote_tag == remote)
    }

    fn on_bye(&mut self, now: Duration, key: ServerKey, request: &Request) {
        match self.core.phase {
            Phase::Talking => {
                self.respond(key, request, 200, "OK");
                let reasons = reason::raw(&request.headers);
                let q850 = reason::q850(&reasons);
                self.finish(now, Event::PeerHungUp { reasons, q850 });
            }
            // Both hung up at once; the peer's BYE says as much as its 200 to ours.
            Phase::Closing => {
                self.respond(key, request, 200, "OK");
                self.close(now, true);
            }
            // The called side must not end an early dialog by BYE (RFC 3261 section 15).
            _ => self.respond(key, request, 481, "Call/Transaction Does Not Exist"),
        }
    }

    fn on_offer(&mut self, now: Duration, key: ServerKey, request: Request) {
        let sdp = request.sdp();
        if self.core.phase == Phase::Closing {
            return self.respond(key, &request, 487, "Request Terminated");
        }
        if request.method == Method::Update && sdp.is_none() {
            return self.accept_refresh(key, &request);
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
        self.core.offer = Some(PeerOffer { key, request, accepted: false });
        self.core.timers.set(Timer::ReofferUnanswered, now + self.timing.reoffer_limit);
        self.emit(Event::Reoffer { sdp });
    }

    /// Before the answer, only an UPDATE of an early dialog whose offer is settled may offer.
    fn is_our_offer_open(&self, request: &Request) -> bool {
        if self.core.phase == Phase::Talking {
            return false;
        }
        let remote = request.headers.from_tag().unwrap_or_default();
        let early = self.core.early.iter().find(|early| early.dialog.remote_tag == remote);
        request.method != Method::Update || !early.is_some_and(|early| early.settled)
    }

    fn accept_refresh(&mut self, key: ServerKey, request: &Request) {
        self.refresh_target(request);
        let mut response = Response::to(request, 200, "OK", &self.core.local_tag);
        response.headers.push("Contact", self.line.contact());
        self.out.push_back(Output::Respond(key, response));
    }

    pub(super) fn on_answer_offer(&mut self, sdp: Option<String>) {
        let Some(mut offer) = self.core.offer.take_if(|offer| !offer.accepted) else { return };
        self.core.timers.stop(Timer::ReofferUnanswered);
        let Some(sdp) = sdp else {
            return self.respond(offer.key, &offer.request, 488, "Not Acceptable Here");
        };
        self.refresh_target(&offer.request);
        let mut response = Response::to(&offer.request, 200, "OK", &self.core.local_tag);
        response.headers.push("Contact", self.line.contact());
        response.headers.push("Allow", ALLOW);
        response.headers.push("Content-Type", "application/sdp");
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
    fn on_peer_cancel(&mut self, key: ServerKey) {
        if self.core.offer.as_ref().is_some_and(|offer| offer.key == key) {
            self.refuse_open_offer(487, "Request Terminated");
        }
    }

    fn on_ack(&mut self, ack: &Request, from: IpAddr) {
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

    fn refresh_target(&mut self, request: &Request) {
        let Some(contact) = request.headers.contact() else { return };
        if let Some(dialog) = self.dialog_of(request) {
            dialog.target = contact;
        }
    }

    fn respond(&mut self, key: ServerKey, request: &Request, status: u16, phrase: &str) {
        let response = Response::to(request, status, phrase, &self.core.local_tag);
        self.out.push_back(Output::Respond(key, response));
    }
}
