//! Placing the call: the INVITE, and its repetition where the peer asks for another form of it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::state::{Core, Fate, Phase, Session};
use super::timer::{Timer, Timers};
use super::{ALLOW, Output, Uac};
use crate::digest::Answers;
use crate::line::{Line, Timing};
use crate::message::{Headers, Method, Request};
use crate::seed::Seed;

/// One call to be placed.
#[derive(Debug, Clone)]
pub struct Dial {
    /// Number as the trunk wants it.
    pub number: String,
    /// Call-ID, unique for ever.
    pub call_id: String,
    /// SDP offer.
    pub offer: String,
}

impl Uac {
    /// Places a call: the INVITE is the first output.
    pub fn dial(now: Duration, line: Line, timing: Timing, mut seed: Seed, dial: &Dial) -> Self {
        let local_tag = seed.token();
        let branch = seed.branch();
        let invite = first_invite(&line, dial, &local_tag, &branch);
        let core = Core {
            phase: Phase::Calling,
            seed,
            local_tag,
            invite_hop: line.first_hop().clone(),
            invite,
            earlier: Vec::new(),
            untried: line.ways.iter().skip(1).cloned().collect(),
            redirected: Vec::new(),
            redirects: 0,
            answers: Answers::default(),
            session: Session::wanted(&line.policy),
            early: Vec::new(),
            spent_seq: 0,
            dialog: None,
            strays: Vec::new(),
            outgoing: Vec::new(),
            offer: None,
            reinvite: None,
            described: dial.offer.clone(),
            cancel: None,
            farewell: None,
            sources: BTreeSet::new(),
            timers: Timers::default(),
        };
        let mut uac = Self { line, timing, core, out: VecDeque::new() };
        let session = uac.core.session.clone();
        session.ask(&mut uac.core.invite.headers);
        uac.send_invite(now);
        uac
    }

    /// Repeats the INVITE after a final response that asks for another form of it (a challenge,
    /// 422, 3xx): the next number, a new branch, the same Call-ID and From tag (RFC 3261 sections
    /// 8.1.3.5 and 22.2).
    pub(super) fn repeat_invite(&mut self, now: Duration) {
        self.set_aside(Fate::Answered);
        self.renumber_invite(now);
    }

    /// The same once the former INVITE is set aside.
    pub(super) fn renumber_invite(&mut self, now: Duration) {
        let headers = &mut self.core.invite.headers;
        let number = headers.cseq().map_or(1, |(number, _)| number) + 1;
        headers.set("CSeq", format!("{number} INVITE"));
        self.renew_invite(now);
    }

    /// Sends the current INVITE as a new transaction, with what credentials the answered
    /// challenges ask for.
    pub(super) fn renew_invite(&mut self, now: Duration) {
        let branch = self.core.seed.branch();
        let cnonce = self.core.seed.token();
        let session = self.core.session.clone();
        let invite = &mut self.core.invite;
        invite.headers.set("Via", self.line.via(&branch, &self.core.invite_hop));
        invite.headers.remove("Authorization");
        invite.headers.remove("Proxy-Authorization");
        session.ask(&mut invite.headers);
        let request = (&Method::Invite, invite.uri.as_str(), invite.body.as_slice());
        for (name, value) in self.core.answers.authorize(self.line.credentials.as_ref(), request, &cnonce) {
            invite.headers.push(name, value);
        }
        self.core.forget_early();
        self.core.phase = Phase::Calling;
        self.send_invite(now);
    }

    fn send_invite(&mut self, now: Duration) {
        let timers = &mut self.core.timers;
        timers.set(Timer::InviteUnanswered, now + self.timing.transaction_life());
        timers.set(Timer::NothingHeard, now + self.timing.t1 * 2);
        timers.stop(Timer::SilenceLimit);
        if let Some(silence) = self.timing.silence {
            timers.set(Timer::SilenceLimit, now + silence);
        }
        self.out.push_back(Output::Request(self.core.invite.clone(), self.core.invite_hop.clone()));
    }
}

fn first_invite(line: &Line, dial: &Dial, tag: &str, branch: &str) -> Request {
    let uri = line.peer_uri(&dial.number);
    let mut headers = Headers::default();
    headers.push("Via", line.via(branch, line.first_hop()));
    headers.push("Max-Forwards", "70");
    line.write_route(&mut headers);
    line.identity.write(&mut headers, tag);
    headers.push("To", format!("<{uri}>"));
    headers.push("Call-ID", &dial.call_id);
    headers.push("CSeq", "1 INVITE");
    headers.push("Contact", line.contact());
    headers.push("Allow", ALLOW);
    headers.push("Supported", "100rel");
    headers.push("User-Agent", &line.user_agent);
    headers.push("Content-Type", "application/sdp");
    Request { method: Method::Invite, uri, headers, body: dial.offer.clone().into_bytes() }
}
