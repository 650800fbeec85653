//! Failover of the INVITE over the trunk's ways (RFC 3263 section 4.3).
//!
//! A way is left at once when the transport reports it, when it answers with a trouble of its own,
//! or when it is proven down by OPTIONS while nothing was heard from it; for mere silence only by
//! policy. The next way gets the same INVITE (Call-ID, From tag and CSeq) with a new branch, so
//! that a server behind both ways recognises the second as a loop (482, RFC 3261 section 8.2.2.2)
//! instead of calling the customer twice. An INVITE that was left unanswered cannot be cancelled
//! (RFC 3261 section 9.1); it is no longer repeated, cancelled at the first sign of life, and a
//! late 2xx is the call's answer if there is none yet, else acknowledged and ended.
//!
//! One window remains: a way that took the INVITE, stayed silent, and acts on it later. Its
//! provisional response is answered by CANCEL within one round trip; until then both ways may ring.
//! Each such case is told by [`Event::Overlapped`].

use std::time::Duration;

use super::event::{Cause, Event, Failure, FailureKind};
use super::state::{Earlier, Fate, MOST_INVITES, Phase, Purpose, shorten};
use super::{Output, Sent, Uac};
use crate::digest::Answers;
use crate::line::Hop;
use crate::message::{Headers, Method, Request, Response};
use crate::reason;

impl Uac {
    pub(super) fn on_nothing_heard(&mut self) {
        if self.core.phase == Phase::Calling {
            self.out.push_back(Output::Suspect(self.core.invite_hop.clone()));
        }
    }

    pub(super) fn on_silence_limit(&mut self, now: Duration) {
        if self.core.phase == Phase::Calling {
            self.fail_over(now, Cause::Silent);
        }
    }

    /// A way is down: the INVITE that nothing was heard of on it goes elsewhere, or has failed.
    pub(super) fn on_way_down(&mut self, now: Duration, hop: &Hop) {
        if self.core.phase == Phase::Calling && self.core.invite_hop == *hop {
            if !self.fail_over(now, Cause::Down) {
                self.leave_invite(Fate::Left);
                let detail =
                    format!("{hop} answers neither INVITE nor OPTIONS: check that the carrier's peer is up");
                self.finish(now, Event::Failed(Failure::silent(FailureKind::Transport, detail)));
            }
        } else if let Some(at) = self.core.untried.iter().position(|way| way == hop) {
            // A last resort: pings are no proof that it takes no calls.
            let way = self.core.untried.remove(at);
            self.core.untried.push(way);
        }
    }

    pub(super) fn on_invite_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        if sent.branch != self.core.branch() || self.core.phase != Phase::Calling {
            return;
        }
        if self.fail_over(now, Cause::Unreachable(why.to_owned())) {
            return;
        }
        self.set_aside(Fate::Left);
        let hop = &self.core.invite_hop;
        let detail =
            format!("{hop} cannot be reached ({why}): check the trunk's peer address and the network");
        self.finish(now, Event::Failed(Failure::silent(FailureKind::Transport, detail)));
    }

    /// Whether the INVITE is on its next way; else the call stays as it is.
    pub(super) fn fail_over(&mut self, now: Duration, cause: Cause) -> bool {
        if self.core.is_cancelled() || self.core.untried.is_empty() {
            return false;
        }
        let next = self.core.untried.remove(0);
        match cause {
            Cause::Rejected { .. } => self.set_aside(Fate::Answered),
            Cause::Unreachable(_) => self.set_aside(Fate::Left),
            Cause::Down | Cause::Silent => self.leave_invite(Fate::Left),
        }
        let from = std::mem::replace(&mut self.core.invite_hop, next);
        self.emit(Event::FailedOver { from, cause });
        // Another server knows nothing of the nonces of this one.
        self.core.answers = Answers::default();
        self.renew_invite(now);
        true
    }

    /// Remembers the current INVITE as an earlier one.
    pub(super) fn set_aside(&mut self, fate: Fate) {
        if self.core.earlier.len() >= MOST_INVITES {
            self.core.earlier.remove(0);
        }
        let mut invite = self.core.invite.clone();
        shorten(&mut invite);
        let hop = self.core.invite_hop.clone();
        self.core.earlier.push(Earlier { invite, hop, fate });
    }

    /// The same for an INVITE whose transaction is given up.
    pub(super) fn leave_invite(&mut self, fate: Fate) {
        self.out.push_back(Output::Abandon(Sent::by(&self.core.invite)));
        self.set_aside(fate);
    }

    /// The other INVITE has the answer: the current one is not wanted any more.
    pub(super) fn withdraw_current(&mut self) {
        match self.core.phase {
            Phase::Calling => self.leave_invite(Fate::Left),
            Phase::Proceeding => {
                let cancelled = self.core.cancel.as_ref().is_some_and(|cancel| cancel.sent);
                self.set_aside(Fate::Cancelled);
                if !cancelled {
                    self.cancel_earlier(self.core.earlier.len() - 1);
                }
            }
            Phase::Talking | Phase::Closing | Phase::Over | Phase::Done => {}
        }
    }

    /// The earlier INVITE of that branch.
    pub(super) fn earlier_of(&self, branch: &str) -> Option<usize> {
        self.core.earlier.iter().position(|earlier| earlier.invite.headers.branch() == Some(branch))
    }

    /// A response other than 2xx to an earlier INVITE.
    pub(super) fn on_earlier_response(&mut self, at: usize, response: &Response) {
        let earlier = &mut self.core.earlier[at];
        match (earlier.fate, response.is_provisional()) {
            (Fate::Left, true) => {
                earlier.fate = Fate::Withdrawn;
                self.tell_overlap(at);
                self.cancel_earlier(at);
            }
            // Nobody below acknowledges for a transaction that was given up.
            (Fate::Left | Fate::Withdrawn, false) => {
                let ack = ack_of_rejection(&earlier.invite, response);
                let hop = earlier.hop.clone();
                self.out.push_back(Output::Ack(ack, hop));
            }
            (Fate::Answered | Fate::Cancelled, _) | (Fate::Withdrawn, true) => {}
        }
    }

    /// A late 2xx to an earlier INVITE, before it is dealt with like any other.
    pub(super) fn on_late_success(&mut self, at: usize) {
        if self.core.earlier[at].fate == Fate::Left {
            self.core.earlier[at].fate = Fate::Withdrawn;
            self.tell_overlap(at);
        }
    }

    fn tell_overlap(&mut self, at: usize) {
        // After the end there is nobody to tell, and nothing that it overlaps with.
        if !self.is_over() {
            let on = self.core.earlier[at].hop.clone();
            self.emit(Event::Overlapped { on });
        }
    }

    fn cancel_earlier(&mut self, at: usize) {
        let Earlier { invite, hop, .. } = &self.core.earlier[at];
        let (request, hop) = (super::cancel::cancel_of(invite, None), hop.clone());
        self.send_request(request, hop, Purpose::Cancel);
    }
}

/// Whether a final response is a trouble of the way, so that another may take the call: 503 as RFC
/// 3263 section 4.3 has it, and by the practice of carriers 500, 502 and 504, unless a Q.850 cause
/// shows that a switch has passed its verdict on the number. A call that has rung is never sent
/// again, nor one answered by 408: what lies beyond that server may still be ringing.
pub(super) fn is_trouble_of_the_way(response: &Response) -> bool {
    match response.status {
        503 => true,
        500 | 502 | 504 => reason::q850(&reason::raw(&response.headers)).is_none(),
        _ => false,
    }
}

/// Seconds of Retry-After (RFC 3261 section 20.33), without its comment and parameters.
pub(super) fn retry_after(headers: &Headers) -> Option<u32> {
    let value = headers.first("Retry-After")?;
    value.split([';', '(', ' ']).next()?.trim().parse().ok()
}

/// The ACK of a final response other than 2xx (RFC 3261 section 17.1.1.3).
fn ack_of_rejection(invite: &Request, response: &Response) -> Request {
    let mut headers = Headers::default();
    for name in ["Via", "Max-Forwards", "Route", "From"] {
        for value in invite.headers.all(name) {
            headers.push(name, value);
        }
    }
    headers.push("To", response.headers.first("To").unwrap_or_default());
    headers.push("Call-ID", invite.headers.call_id().unwrap_or_default());
    let number = invite.headers.cseq().map_or(1, |(number, _)| number);
    headers.push("CSeq", format!("{number} ACK"));
    Request { method: Method::Ack, uri: invite.uri.clone(), headers, body: Vec::new() }
}
