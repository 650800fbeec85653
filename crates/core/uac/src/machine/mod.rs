//! One outbound call. The contract: feed one [`Input`] with `now` to [`Uac::handle`], drain
//! [`Uac::poll`] until it returns `None`, then sleep until [`Uac::deadline`] or the next input.
//! Exactly one terminal [`Event`] is given for every call; [`Output::Done`] comes last of all, when
//! nothing of the call can arrive any more.
//!
//! The machine has its own time-outs for everything it waits for; a transaction layer below only
//! repeats and matches messages, and is told by [`Output::Abandon`] what to stop.
//!
//! `now` is the time since any fixed moment, the same for all calls of one machine.

mod cancel;
mod dial;
mod event;
mod incoming;
pub(crate) mod info;
mod invite;
mod outgoing;
mod progress;
mod redirect;
mod reinvite;
mod reoffer;
mod session;
mod snapshot;
mod state;
mod timer;
mod ways;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

pub use dial::Dial;
pub use event::{Cause, Event, Failure, FailureKind};
pub use incoming::{ALLOW, out_of_dialog};
pub(crate) use incoming::{capabilities, not_allowed};
pub use snapshot::Snapshot;
pub use timer::Timer;

use crate::line::{Hop, Line, Timing};
use crate::message::{Method, Request, Response};
use state::{Core, Phase};

/// The shell's name for one server transaction, given back with its response.
pub type ServerKey = u64;

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A response to one of our requests, from that address. Every 2xx to an INVITE comes in, its
    /// retransmissions and those of other forks included.
    Response(Response, IpAddr),
    /// A request in this call (matched by Call-ID), from that address; ACK and CANCEL too, with
    /// the key of the transaction they belong to.
    Request(ServerKey, Request, IpAddr),
    /// A client transaction could not reach its hop before any response (an ICMP error, no route).
    Unreachable(Sent, String),
    /// That client transaction's request has left. Only a BYE's is told.
    Left(Sent),
    /// That way of the trunk answers no OPTIONS any more.
    WayDown(Hop),
    /// Our 2xx to this re-INVITE was never acknowledged.
    AckMissing(ServerKey),
    /// Give up before the answer, with this Reason header. After the answer the same as `HangUp`.
    Cancel(Option<String>),
    /// End the call, with this Reason header: CANCEL before the answer, BYE after it.
    HangUp(Option<String>),
    /// The SDP that answers [`Event::Reoffer`]; `None` refuses it with 488.
    AnswerOffer(Option<String>),
    /// Inbound calls: let it ring with the caller (180).
    Ring,
    /// Inbound calls: answer with this SDP, the answer to the INVITE's offer, or our offer where
    /// the INVITE had none.
    Accept(String),
    /// Inbound calls: refuse with this final response.
    Refuse(Refusal),
    /// [`Uac::deadline`] has passed.
    Tick,
}

/// A final response other than 2xx to an inbound INVITE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 300 to 699.
    pub status: u16,
    /// Reason phrase.
    pub phrase: String,
    /// Retry-After in seconds, where trying again makes sense.
    pub retry_after: Option<u32>,
}

impl Refusal {
    /// A bare final response.
    pub fn new(status: u16, phrase: &str) -> Self {
        Self { status, phrase: phrase.to_owned(), retry_after: None }
    }

    /// The same, with a time after which trying again makes sense.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

/// Names one of our client transactions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sent {
    /// Branch of its Via.
    pub branch: String,
    /// Its method: a CANCEL shares the branch of its INVITE.
    pub method: Method,
}

impl Sent {
    /// The transaction of `request`.
    pub fn by(request: &Request) -> Self {
        Self {
            branch: request.headers.branch().unwrap_or_default().to_owned(),
            method: request.method.clone(),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a client transaction with this request to that hop.
    Request(Request, Hop),
    /// Send this ACK of a 2xx as it is; it has no transaction.
    Ack(Request, Hop),
    /// Answer this server transaction.
    Respond(ServerKey, Response),
    /// End this client transaction: its outcome no longer matters and it must not be repeated.
    Abandon(Sent),
    /// Nothing was heard from that way for 2·T1: find out whether it is alive, and say so by
    /// [`Input::WayDown`] if it is not.
    Suspect(Hop),
    /// Tell the caller.
    Event(Event),
    /// Nothing will come any more: forget the call.
    Done,
}

/// The machine of one outbound call.
#[derive(Debug)]
pub struct Uac {
    line: Line,
    timing: Timing,
    core: Core,
    out: VecDeque<Output>,
}

impl Uac {
    /// Takes one input. Inputs that make no sense in the present state change nothing.
    pub fn handle(&mut self, now: Duration, input: Input) {
        if self.core.phase == Phase::Done {
            return;
        }
        match input {
            Input::Response(response, from) => self.on_response(now, &response, from),
            Input::Request(key, request, from) => self.on_request(now, key, request, from),
            Input::Unreachable(sent, why) => self.on_lost(now, &sent, &why),
            Input::Left(sent) => self.on_left(&sent),
            Input::WayDown(hop) => self.on_way_down(now, &hop),
            Input::AckMissing(key) => self.on_ack_missing(now, key),
            Input::Cancel(reason) | Input::HangUp(reason) => self.on_hang_up(now, reason),
            Input::AnswerOffer(sdp) => self.on_answer_offer(now, sdp),
            // An outbound call has nothing to answer.
            Input::Ring | Input::Accept(_) | Input::Refuse(_) => {}
            Input::Tick => self.on_tick(now),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        let next = self.out.pop_front();
        if next.is_none() {
            // A call that is up has nothing to do for minutes, and keeps no room for it.
            self.out = VecDeque::new();
        }
        next
    }

    /// When [`Input::Tick`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        self.core.timers.next()
    }

    /// The Call-ID, by which the shell routes messages here.
    pub fn call_id(&self) -> &str {
        self.core.invite.headers.call_id().unwrap_or_default()
    }

    /// Addresses that the peer has spoken from; only those may speak in the call.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = IpAddr> {
        self.core.sources.iter().copied()
    }

    /// Whether the terminal event has been given.
    pub fn is_over(&self) -> bool {
        matches!(self.core.phase, Phase::Over | Phase::Done)
    }

    fn on_response(&mut self, now: Duration, response: &Response, from: IpAddr) {
        let Some((_, method)) = response.headers.cseq() else { return };
        if response.headers.from_tag().as_deref() != Some(self.core.local_tag.as_str()) {
            return;
        }
        let known = match method {
            Method::Invite if self.is_of_reinvite(response) => self.on_reinvite_response(now, response, from),
            Method::Invite => self.on_invite_response(now, response, from),
            _ => self.on_other_response(now, response, &method, from),
        };
        if known {
            self.core.learn_source(from);
        }
    }

    fn on_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        if sent.method == Method::Invite {
            if !self.is_reinvite_lost(now, sent) {
                self.on_invite_lost(now, sent, why);
            }
        } else {
            self.on_other_lost(now, sent);
        }
    }

    fn on_tick(&mut self, now: Duration) {
        while let Some(timer) = self.core.timers.pop_due(now) {
            match timer {
                Timer::NothingHeard => self.on_nothing_heard(),
                Timer::SilenceLimit => self.on_silence_limit(now),
                Timer::InviteUnanswered => self.on_invite_unanswered(now),
                Timer::RingLimit => self.on_ring_limit(now),
                Timer::CancelUnanswered => self.on_cancel_unanswered(now),
                Timer::ByeUnanswered => self.close(now, false),
                Timer::ReofferUnanswered => self.on_reoffer_unanswered(),
                Timer::RefreshDue => self.refresh(now),
                Timer::RefreshUnanswered => self.on_refresh_unanswered(now),
                Timer::SessionExpired => self.on_session_expired(now),
                Timer::CallLimit => self.on_call_limit(now),
                Timer::Linger => self.on_linger(),
            }
        }
    }

    fn on_linger(&mut self) {
        for sent in self.core.outgoing.drain(..).map(|outgoing| Sent::by(&outgoing.request)) {
            self.out.push_back(Output::Abandon(sent));
        }
        self.core.phase = Phase::Done;
        self.core.timers.clear();
        self.out.push_back(Output::Done);
    }

    fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    /// Gives the terminal event, then stays for late answers of other forks and retransmissions.
    fn finish(&mut self, now: Duration, event: Event) {
        if self.is_over() {
            return;
        }
        self.refuse_open_offer(487, "Request Terminated");
        self.abandon_refresh();
        self.core.phase = Phase::Over;
        self.core.timers.clear();
        self.core.timers.set(Timer::Linger, now + self.timing.transaction_life());
        self.emit(event);
    }
}
