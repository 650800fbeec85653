//! What a message must pass before rsipstack sees it: the guard, our own parser, and the question
//! whether it concerns us. What passes goes on in canonical form: rsipstack loses headers after a
//! line that is not UTF-8, and the body when Content-Length is missing; it never learns of either.
//! What does not is answered without a transaction, or not at all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use uac::guard::{self, Standing, Strangers, Why};
use uac::machine::out_of_dialog;
use uac::wire::{self, Malformed};
use uac::{Input, Message, Method, Request, Response, Sent, Transport};

use super::client::Ongoing;
use super::sentry::Sentry;
use crate::router::Router;

/// What to do with a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Hand this canonical form on.
    Pass(Vec<u8>),
    /// Answer the sender with this, and nothing more.
    Reply(Vec<u8>),
    /// Nothing: it has been handed to its call.
    Taken,
    /// Nothing.
    Drop,
}

/// The gate that all sockets and streams share.
#[derive(Debug)]
pub(super) struct Gate {
    router: Arc<Router>,
    ongoing: Arc<Ongoing>,
    sentry: Arc<Sentry>,
    /// To tag of the refusals that the gate writes.
    tag: String,
}

/// A message at the gate.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    bytes: &'a [u8],
    at: Instant,
    from: SocketAddr,
    over: Transport,
    standing: Standing,
}

impl Gate {
    pub(super) fn new(router: Arc<Router>, ongoing: Arc<Ongoing>, sentry: Arc<Sentry>) -> Self {
        Self { router, ongoing, sentry, tag: super::random_seed().token() }
    }

    pub(super) fn admit(&self, (bytes, at): (&[u8], Instant), from: SocketAddr, over: Transport) -> Verdict {
        // CRLF keep-alives (RFC 5626) and stray blanks are no messages.
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return self.drop(Why::KeepAlive, from);
        }
        let Some(standing) = self.sentry.hear(from, bytes.len()) else { return Verdict::Drop };
        let arrival = Arrival { bytes, at, from, over, standing };
        match wire::parse_within(bytes, self.sentry.limits()) {
            Ok(Message::Request(request)) => self.admit_request(arrival, request),
            Ok(Message::Response(response)) => self.admit_response(arrival, response),
            Err(why) => self.refuse(arrival, why),
        }
    }

    /// In a call, its peer is heard wherever it speaks from, and every trunk, so that tags and
    /// numbers are looked at where they are known. Beside calls only a trunk may begin something.
    fn admit_request(&self, arrival: Arrival<'_>, request: Request) -> Verdict {
        let call_id = request.headers.call_id().unwrap_or_default();
        let is_peer = self.router.hears(call_id, arrival.from.ip());
        if arrival.standing == Standing::Stranger && !is_peer {
            return self.tell_stranger(arrival, &request);
        }
        if self.is_for_a_transaction(&request) {
            return pass(request);
        }
        match out_of_dialog(&request, &self.tag) {
            Some(response) => self.reply(arrival, response),
            None => self.drop(Why::Unanswerable, arrival.from),
        }
    }

    /// rsipstack is given what belongs to a call or may begin one, if it can tell its transaction;
    /// it knows no other methods than its own and would leave the sender without answer.
    fn is_for_a_transaction(&self, request: &Request) -> bool {
        let headers = &request.headers;
        let in_a_call = || headers.call_id().is_some_and(|call_id| self.router.find(call_id).is_some());
        match request.method {
            Method::Ack | Method::Cancel => true,
            Method::Other(_) => false,
            _ if headers.from_tag().is_none() || headers.branch().is_none() => false,
            Method::Invite if headers.to_tag().is_none() => guard::objection(request, &self.tag).is_none(),
            Method::Invite => in_a_call(),
            // The answer to its first sending may still be there to be repeated.
            _ => headers.to_tag().is_some() || in_a_call(),
        }
    }

    fn tell_stranger(&self, arrival: Arrival<'_>, request: &Request) -> Verdict {
        if guard::is_scanner(request) {
            return self.drop(Why::Scanner, arrival.from);
        }
        if self.sentry.strangers() == Strangers::Drop {
            return self.drop(Why::Stranger, arrival.from);
        }
        match out_of_dialog(request, &self.tag) {
            Some(response) => self.reply(arrival, response),
            None => self.drop(Why::Unanswerable, arrival.from),
        }
    }

    fn refuse(&self, arrival: Arrival<'_>, why: Malformed) -> Verdict {
        tracing::debug!(from = %arrival.from, error = %why, "a malformed message");
        match guard::refusal(arrival.bytes, why, &self.tag) {
            Some(response) => self.reply(arrival, response),
            None => self.drop(Why::Malformed, arrival.from),
        }
    }

    /// To where the request came from, whether or not its Via asks for that (RFC 3581): what its Via
    /// names instead may be anybody's.
    fn reply(&self, arrival: Arrival<'_>, mut response: Response) -> Verdict {
        let first = response.headers.first("Via").unwrap_or_default();
        let (top, rest) = first.split_once(',').map_or((first, None), |(top, rest)| (top, Some(rest)));
        if let Some(via) = uac::message::Via::parse(top) {
            let stamped = via.stamped(top, arrival.from);
            let line = rest.map_or_else(|| stamped.clone(), |rest| format!("{stamped},{rest}"));
            response.headers.rewrite("Via", line);
        }
        let bytes = wire::response_bytes(&response);
        let from = (arrival.from, arrival.over);
        if self.sentry.may_answer(from, arrival.bytes.len(), bytes.len()) {
            Verdict::Reply(bytes)
        } else {
            Verdict::Drop
        }
    }

    /// A response comes from where its request went. A trunk may answer from another of its
    /// addresses, but not with a challenge: what we answer to one is ours to give to whom we asked.
    fn admit_response(&self, arrival: Arrival<'_>, response: Response) -> Verdict {
        // With a Via below ours the response is not for us (RFC 3261 section 8.1.3.3).
        if response.headers.list("Via").len() != 1 {
            return self.drop(Why::UnknownResponse, arrival.from);
        }
        let Some((_, method)) = response.headers.cseq() else { return Verdict::Drop };
        let branch = response.headers.branch().unwrap_or_default().to_owned();
        let sent = Sent { branch, method };
        let call_id = response.headers.call_id().unwrap_or_default();
        let trusted = arrival.standing == Standing::Trunk || self.router.hears(call_id, arrival.from.ip());
        let is_challenge = matches!(response.status, 401 | 407);
        match self.ongoing.asked(&sent) {
            Some(to) if to.ip().to_canonical() == arrival.from.ip().to_canonical() => {}
            Some(_) if !trusted || is_challenge => return self.drop(Why::ForeignResponse, arrival.from),
            None if !trusted => return self.drop(Why::UnknownResponse, arrival.from),
            _ => {}
        }
        self.deliver(arrival, response, &sent)
    }

    /// The first 2xx to an INVITE takes the way of every response, behind those that came before
    /// it. It ends the transaction, so all further ones (of other forks, or repeated because our
    /// ACK was lost) go straight to the call.
    fn deliver(&self, arrival: Arrival<'_>, response: Response, sent: &Sent) -> Verdict {
        let is_of_invite = sent.method == Method::Invite;
        let is_answer = is_of_invite && response.is_success();
        if is_answer && !self.ongoing.is_first_answer(sent) {
            let told = self.tell(response, arrival);
            return if told { Verdict::Taken } else { self.drop(Why::UnknownResponse, arrival.from) };
        }
        let bytes = wire::response_bytes(&response);
        // An INVITE given up without any response may yet come to life: the call must know.
        if is_of_invite && !is_answer && !self.ongoing.knows(sent) {
            self.tell(response, arrival);
        }
        Verdict::Pass(bytes)
    }

    /// Whether there is a call to tell of the response. A full mailbox loses it; the peer sends it
    /// again until it is acknowledged.
    fn tell(&self, response: Response, arrival: Arrival<'_>) -> bool {
        let call = response.headers.call_id().and_then(|call_id| self.router.find(call_id));
        let Some(call) = call else { return false };
        call.try_put(arrival.at, Input::Response(response, arrival.from.ip()));
        true
    }

    fn drop(&self, why: Why, from: SocketAddr) -> Verdict {
        self.sentry.dropped(why, from);
        Verdict::Drop
    }
}

/// The topmost Via, which names the transaction, without the blanks that rsipstack stumbles over.
fn pass(mut request: Request) -> Verdict {
    let first = request.headers.first("Via").unwrap_or_default();
    let mut entries = uac::address::split_outside(first, ',');
    if let Some(top) = entries.next().and_then(uac::message::Via::parse) {
        let entries = std::iter::once(top.canonical()).chain(entries.map(|entry| entry.trim().to_owned()));
        let line = entries.collect::<Vec<_>>().join(", ");
        request.headers.rewrite("Via", line);
    }
    Verdict::Pass(wire::request_bytes(&request))
}
