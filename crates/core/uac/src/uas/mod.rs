//! One inbound call, by the contract of [`crate::machine`]: feed one [`Input`] with `now` to
//! [`Uas::handle`], drain [`Uas::poll`], then sleep until [`Uas::deadline`] or the next input.
//! Exactly one terminal [`Event`] is given for every call; [`Output::Done`] comes last of all.
//!
//! The transaction layer below repeats our responses, the 2xx until its ACK included, and answers
//! a CANCEL; the machine waits for the ACK by its own clock and ends what is never acknowledged.

mod answer;
mod arrival;
mod ending;
mod parties;
mod requests;
mod session;

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

pub use parties::Parties;

use crate::dialog::Dialog;
use crate::digest::Answers;
use crate::line::{Line, Timing};
use crate::machine::{Event, Failure, Input, Output, Sent, ServerKey};
use crate::message::{Request, Response};
use crate::seed::Seed;
use crate::timers::Timers;
use session::Session;

/// The machine of one inbound call.
#[derive(Debug)]
pub struct Uas {
    line: Line,
    timing: Timing,
    seed: Seed,
    local_tag: String,
    phase: Phase,
    /// The INVITE that opened the call, and its transaction.
    invite: Request,
    key: ServerKey,
    rung: bool,
    dialog: Dialog,
    /// The peer's re-INVITE or UPDATE that our side has not answered, or whose 2xx is not acknowledged.
    offer: Option<PeerOffer>,
    session: Option<Session>,
    /// A request of ours that waits for its final response.
    outgoing: Option<Outgoing>,
    /// What to tell once our BYE is through.
    farewell: Option<Failure>,
    /// Addresses that may speak in the dialog.
    sources: BTreeSet<IpAddr>,
    timers: Timers<Timer>,
    out: VecDeque<Output>,
}

/// Our side's end of a call, with its Reason header.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HungUp(Option<String>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// The INVITE has no final response yet.
    Arrived,
    /// Our 2xx is out and the ACK is awaited; our side may have hung up meanwhile: the BYE may not
    /// leave before the ACK (RFC 3261 section 15).
    Accepted { hung_up: Option<HungUp> },
    /// The 2xx is acknowledged.
    Talking,
    /// Our BYE is out.
    Closing,
    /// The terminal event is given; late messages are still dealt with.
    Over,
    /// Nothing is dealt with any more.
    Done,
}

/// Why the machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// Our side neither answered nor refused for as long as any call may ring.
    Undecided,
    /// Our 2xx was not acknowledged for 64·T1.
    AckMissing,
    /// Our side did not answer the peer's offer in time.
    ReofferUnanswered,
    /// Our turn to refresh the session (RFC 4028).
    Refresh,
    /// The peer did not refresh the session in its time, or our refresh found no answer.
    SessionExpired,
    /// The call has lasted longer than any of our sides should let it.
    CallLimit,
    /// Our BYE got no final response for 64·T1.
    ByeUnanswered,
    /// 64·T1 after the end no retransmission can come any more.
    Linger,
}

#[derive(Debug)]
struct PeerOffer {
    key: ServerKey,
    request: Request,
    /// Our 2xx to it is out and the ACK is awaited.
    accepted: bool,
}

#[derive(Debug)]
struct Outgoing {
    request: Request,
    answers: Answers,
}

impl Uas {
    /// Takes one input. Inputs that make no sense in the present state change nothing.
    pub fn handle(&mut self, now: Duration, input: Input) {
        if self.phase == Phase::Done {
            return;
        }
        match input {
            Input::Request(key, request, from) => self.on_request(now, key, request, from),
            Input::Response(response, from) => self.on_response(now, &response, from),
            Input::Unreachable(sent, _) => self.on_lost(now, &sent),
            Input::Left(sent) => self.on_left(&sent),
            Input::AckMissing(key) => self.on_ack_missing(now, key),
            Input::Ring => self.ring(),
            Input::Accept(sdp) => self.accept(now, sdp),
            Input::Refuse(refusal) => self.refuse(now, &refusal),
            Input::Cancel(reason) | Input::HangUp(reason) => self.on_hang_up(now, reason),
            Input::AnswerOffer(sdp) => self.on_answer_offer(now, sdp),
            // Only an INVITE of ours has ways to choose from.
            Input::WayDown(_) => {}
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
        self.timers.next()
    }

    /// The Call-ID, by which the shell routes messages here.
    pub fn call_id(&self) -> &str {
        self.invite.headers.call_id().unwrap_or_default()
    }

    /// Whether the terminal event has been given.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over | Phase::Done)
    }

    /// Addresses that may speak in the dialog.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = IpAddr> {
        self.sources.iter().copied()
    }

    /// The offer of the INVITE; `None` asks us to offer in our 2xx.
    pub fn offer(&self) -> Option<String> {
        self.invite.sdp()
    }

    fn on_tick(&mut self, now: Duration) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Undecided => self.on_hang_up(now, None),
                Timer::AckMissing => self.on_ack_missing(now, self.key),
                Timer::ReofferUnanswered => self.refuse_open_offer(500, "Server Internal Error"),
                Timer::Refresh => self.refresh_session(now),
                Timer::SessionExpired => self.on_session_expired(now),
                Timer::CallLimit => {
                    self.on_hang_up(now, Some("SIP;cause=487;text=\"call limit\"".to_owned()));
                }
                Timer::ByeUnanswered => self.close(now, false),
                Timer::Linger => self.on_linger(),
            }
        }
    }

    fn on_linger(&mut self) {
        if let Some(outgoing) = self.outgoing.take() {
            self.out.push_back(Output::Abandon(Sent::by(&outgoing.request)));
        }
        self.phase = Phase::Done;
        self.timers.clear();
        self.out.push_back(Output::Done);
    }

    fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    fn respond(&mut self, key: ServerKey, request: &Request, status: u16, phrase: &str) {
        let response = Response::to(request, status, phrase, &self.local_tag);
        self.out.push_back(Output::Respond(key, response));
    }

    /// Gives the terminal event, then stays for retransmissions.
    fn finish(&mut self, now: Duration, event: Event) {
        if self.is_over() {
            return;
        }
        self.refuse_open_offer(487, "Request Terminated");
        self.phase = Phase::Over;
        self.timers.clear();
        self.timers.set(Timer::Linger, now + self.timing.transaction_life());
        self.emit(event);
    }
}
