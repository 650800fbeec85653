//! Responses to our INVITE (RFC 3261 section 13.2.2), over any number of forks.

use std::net::IpAddr;
use std::time::Duration;

use super::event::{Event, Failure, FailureKind};
use super::state::{Farewell, Kept, MOST_FORKS, Phase, Purpose};
use super::timer::Timer;
use super::{Output, Sent, Uac};
use crate::dialog::Dialog;
use crate::message::{Method, Response};

impl Uac {
    /// Whether the response belongs to this call.
    pub(super) fn on_invite_response(&mut self, now: Duration, response: &Response, from: IpAddr) -> bool {
        let Some(branch) = response.headers.branch() else { return false };
        let is_current = branch == self.core.branch();
        // A 2xx stands even if it answers an INVITE that was challenged before.
        let is_earlier = self.core.branches.iter().any(|earlier| earlier == branch);
        if !is_current && (!is_earlier || !response.is_success()) {
            return false;
        }
        if response.is_success() {
            self.on_success(now, response);
        } else if !matches!(self.core.phase, Phase::Calling | Phase::Proceeding) {
            return true;
        } else if response.is_provisional() {
            self.on_provisional(now, response);
        } else {
            self.on_rejection(now, response, from);
        }
        true
    }

    fn on_provisional(&mut self, now: Duration, response: &Response) {
        if self.core.phase == Phase::Calling {
            self.core.phase = Phase::Proceeding;
            self.core.timers.stop(Timer::InviteUnanswered);
            if !self.core.is_cancelled() {
                self.core.timers.set(Timer::RingLimit, now + self.timing.ring_limit);
            }
            if response.status == 100 {
                self.emit(Event::Trying);
            }
        }
        self.send_cancel(now);
        if response.status > 100 {
            self.on_progress(response);
        }
    }

    fn on_progress(&mut self, response: &Response) {
        if !self.is_new_provisional(response) || self.core.is_cancelled() {
            return;
        }
        let told = (response.status, response.sdp());
        let Some(early) = self.core.early_of(response) else { return };
        if early.told.as_ref() != Some(&told) {
            early.told = Some(told.clone());
            self.emit(Event::Provisional { status: told.0, sdp: told.1 });
        }
    }

    /// A reliable provisional response is taken once and in order, and acknowledged by PRACK
    /// (RFC 3262 section 4). An unreliable one is always new.
    fn is_new_provisional(&mut self, response: &Response) -> bool {
        let reliable = response.headers.lists("Require", "100rel");
        let number = response.headers.first("RSeq").and_then(|rseq| rseq.trim().parse::<u32>().ok());
        let (true, Some(number)) = (reliable, number) else { return true };
        let invite_seq = response.headers.cseq().map_or(1, |(seq, _)| seq);
        let has_sdp = response.sdp().is_some();
        let branch = self.core.seed.branch();
        let Some(early) = self.core.early_of(response) else { return false };
        if early.rseq.is_some_and(|last| number != last.wrapping_add(1)) {
            return false;
        }
        early.rseq = Some(number);
        early.settled |= has_sdp;
        early.dialog.refresh_route(response);
        let mut prack = early.dialog.request(Method::Prack, &self.line, &branch);
        prack.headers.push("RAck", format!("{number} {invite_seq} INVITE"));
        let hop = early.dialog.hop(&self.line);
        self.send_request(prack, hop, Purpose::Prack);
        true
    }

    fn on_success(&mut self, now: Duration, response: &Response) {
        let tag = response.headers.to_tag().unwrap_or_default();
        let known =
            self.core.dialog.iter().chain(&self.core.strays).find(|kept| kept.dialog.remote_tag == tag);
        if let Some(kept) = known {
            // Our ACK was lost: the same again (RFC 3261 section 13.2.2.4).
            self.out.push_back(Output::Ack(kept.ack.clone(), kept.hop.clone()));
            return;
        }
        let kept = self.acknowledge(response);
        match self.core.phase {
            Phase::Calling | Phase::Proceeding => self.keep(now, kept, response),
            _ => self.turn_away(kept),
        }
    }

    fn acknowledge(&mut self, response: &Response) -> Kept {
        let tag = response.headers.to_tag().unwrap_or_default();
        let early = self.core.early.iter().find(|early| early.dialog.remote_tag == tag);
        let mut dialog =
            early.map_or_else(|| Dialog::of(&self.core.invite, response), |early| early.dialog.clone());
        dialog.refresh_route(response);
        let seq = response.headers.cseq().map_or(1, |(seq, _)| seq);
        let mut ack = dialog.ack(seq, &self.line, &self.core.seed.branch());
        for name in ["Authorization", "Proxy-Authorization"] {
            for value in self.core.invite.headers.all(name) {
                ack.headers.push(name, value);
            }
        }
        let hop = dialog.hop(&self.line);
        // The peer speaks in the dialog from where it wants to be spoken to.
        if let Ok(address) = hop.host.parse() {
            self.core.learn_source(address);
        }
        self.out.push_back(Output::Ack(ack.clone(), hop.clone()));
        Kept { dialog, ack, hop }
    }

    fn keep(&mut self, now: Duration, kept: Kept, response: &Response) {
        self.core.timers.clear();
        self.core.dialog = Some(kept);
        match self.core.cancel.take() {
            None => {
                self.core.phase = Phase::Talking;
                self.emit(Event::Answered { sdp: response.sdp() });
            }
            Some(cancel) => self.say_bye(now, Farewell::LateAnswered, cancel.reason),
        }
    }

    /// One call is enough: any further 2xx is acknowledged and ended.
    fn turn_away(&mut self, mut kept: Kept) {
        if self.core.strays.len() >= MOST_FORKS {
            return;
        }
        let branch = self.core.seed.branch();
        let bye = kept.dialog.request(Method::Bye, &self.line, &branch);
        self.send_request(bye, kept.hop.clone(), Purpose::StrayBye);
        self.core.strays.push(kept);
    }

    fn on_rejection(&mut self, now: Duration, response: &Response, from: IpAddr) {
        let challenge = matches!(response.status, 401 | 407);
        match &self.core.cancel {
            // A challenge met by a CANCEL is simply not answered.
            Some(_) if challenge => self.finish(now, Event::Ended { confirmed: true }),
            None if challenge => self.on_challenge(now, response, from),
            _ => self.finish(now, Event::Failed(Failure::rejected(response))),
        }
    }

    fn on_challenge(&mut self, now: Duration, response: &Response, from: IpAddr) {
        match self.core.answers.challenged(&self.line, response, (from, &self.core.invite_hop)) {
            Ok(()) => self.repeat_invite(now),
            Err(refused) => self.finish(now, Event::Failed(Failure::auth(response, &refused))),
        }
    }

    pub(super) fn on_invite_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        if sent.branch == self.core.branch() && self.core.phase == Phase::Calling {
            let hop = &self.core.invite_hop;
            let detail =
                format!("{hop} cannot be reached ({why}): check the trunk's peer address and the network");
            self.finish(now, Event::Failed(Failure::silent(FailureKind::Transport, detail)));
        }
    }

    pub(super) fn on_invite_unanswered(&mut self, now: Duration) {
        self.abandon_invite();
        let hop = &self.core.invite_hop;
        let detail =
            format!("{hop} did not answer at all: check that the carrier's peer is up and knows our address");
        self.finish(now, Event::Failed(Failure::silent(FailureKind::Timeout, detail)));
    }

    pub(super) fn abandon_invite(&mut self) {
        let sent = Sent { branch: self.core.branch().to_owned(), method: Method::Invite };
        self.out.push_back(Output::Abandon(sent));
    }
}
