//! Final responses to our INVITE (RFC 3261 section 13.2.2), over any number of forks and ways.

use std::net::IpAddr;
use std::time::Duration;

use super::event::{Cause, Event, Failure, FailureKind};
use super::state::{Farewell, Fate, Kept, MOST_FORKS, Phase, Purpose};
use super::timer::Timer;
use super::ways::{is_trouble_of_the_way, retry_after};
use super::{Output, Uac};
use crate::dialog::Dialog;
use crate::message::{Method, Response};
use crate::session_timer::SessionTimer;

impl Uac {
    /// Whether the response belongs to this call.
    pub(super) fn on_invite_response(&mut self, now: Duration, response: &Response, from: IpAddr) -> bool {
        let Some(branch) = response.headers.branch() else { return false };
        let earlier = self.earlier_of(branch);
        if earlier.is_none() && branch != self.core.branch() {
            return false;
        }
        match earlier {
            _ if response.is_success() => self.on_success(now, response, earlier),
            Some(at) => self.on_earlier_response(at, response),
            None if !matches!(self.core.phase, Phase::Calling | Phase::Proceeding) => {}
            None if response.is_provisional() => self.on_provisional(now, response),
            None => self.on_rejection(now, response, from),
        }
        true
    }

    fn on_success(&mut self, now: Duration, response: &Response, earlier: Option<usize>) {
        let tag = response.headers.to_tag().unwrap_or_default();
        let known =
            self.core.dialog.iter().chain(&self.core.strays).find(|kept| kept.dialog.remote_tag == tag);
        if let Some(kept) = known {
            // Our ACK was lost: the same again (RFC 3261 section 13.2.2.4).
            self.out.push_back(Output::Ack(kept.ack.clone(), kept.hop.clone()));
            return;
        }
        if let Some(at) = earlier {
            self.on_late_success(at);
        }
        let fault = self.fault_of(response, earlier);
        let kept = self.acknowledge(response, earlier);
        match self.core.phase {
            Phase::Calling | Phase::Proceeding => {
                if earlier.is_some() {
                    self.withdraw_current();
                }
                self.keep(now, kept, response, fault);
            }
            _ => self.turn_away(kept),
        }
    }

    /// Why a 2xx makes no dialog that can be worked with. Where the peer has told its Contact in a
    /// provisional response of the same fork, that one stands in.
    fn fault_of(&self, response: &Response, earlier: Option<usize>) -> Option<&'static str> {
        let tag = response.headers.to_tag().unwrap_or_default();
        let invite = earlier.map_or(&self.core.invite, |at| &self.core.earlier[at].invite);
        let known = self.core.early.iter().any(|early| early.dialog.remote_tag == tag && early.has_target);
        if response.headers.contact().is_none() && !known {
            return Some(
                "the peer's 2xx has no Contact (RFC 3261 section 12.1.1): have the carrier correct it",
            );
        }
        if response.headers.cseq().map(|(number, _)| number)
            != invite.headers.cseq().map(|(number, _)| number)
        {
            return Some("the peer's 2xx has another CSeq than the INVITE: have the carrier correct it");
        }
        None
    }

    fn acknowledge(&mut self, response: &Response, earlier: Option<usize>) -> Kept {
        let tag = response.headers.to_tag().unwrap_or_default();
        let (invite, way) = match earlier {
            Some(at) => (&self.core.earlier[at].invite, &self.core.earlier[at].hop),
            None => (&self.core.invite, &self.core.invite_hop),
        };
        let early = self.core.early.iter().find(|early| early.dialog.remote_tag == tag);
        let mut dialog =
            early.map_or_else(|| Dialog::of(invite, response, way), |early| early.dialog.clone());
        dialog.refresh_route(response);
        dialog.local_seq = dialog.local_seq.max(self.core.spent_seq);
        let seq = invite.headers.cseq().map_or(1, |(seq, _)| seq);
        let mut ack = dialog.ack(seq, &self.line, &self.core.seed.branch());
        ack.headers.copy_credentials(&invite.headers);
        let hop = dialog.hop();
        self.learn_target(&hop);
        self.out.push_back(Output::Ack(ack.clone(), hop.clone()));
        Kept { dialog, ack, hop }
    }

    fn keep(&mut self, now: Duration, kept: Kept, response: &Response, fault: Option<&'static str>) {
        self.core.timers.clear();
        self.core.dialog = Some(kept);
        self.core.settle();
        let cancel = self.core.cancel.take();
        match (cancel, fault) {
            (Some(cancel), _) => self.say_bye(now, Farewell::LateAnswered, cancel.reason),
            (None, Some(fault)) => {
                let failure = Failure { detail: Some(fault.to_owned()), ..Failure::rejected(response) };
                let failure = Failure { kind: FailureKind::Protocol, ..failure };
                self.say_bye(now, Farewell::Failed(failure), None);
            }
            (None, None) => {
                self.core.phase = Phase::Talking;
                self.core.timers.set(Timer::CallLimit, now + self.timing.call_limit);
                self.core.session.note_allow(&response.headers);
                self.start_session(now, SessionTimer::answered(response));
                self.emit(Event::Answered { sdp: response.sdp() });
            }
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
        if self.core.is_cancelled() {
            // A challenge met by a CANCEL is simply not answered.
            let rejected = || Event::Failed(Failure::rejected(response));
            let event = if challenge { Event::Ended { confirmed: true } } else { rejected() };
            return self.finish(now, event);
        }
        if challenge {
            return self.on_challenge(now, response, from);
        }
        let rung = !self.core.early.is_empty();
        let goes_on = (response.status == 422 && self.asks_longer_session(now, response))
            || (!rung && is_trouble_of_the_way(response) && self.fail_over(now, cause_of(response)))
            || self.is_redirected(now, response);
        if !goes_on {
            self.finish(now, Event::Failed(Failure::rejected(response)));
        }
    }

    fn on_challenge(&mut self, now: Duration, response: &Response, from: IpAddr) {
        match self.core.answers.challenged(&self.line, response, (from, &self.core.invite_hop)) {
            Ok(()) => self.repeat_invite(now),
            Err(refused) => self.finish(now, Event::Failed(Failure::auth(response, &refused))),
        }
    }

    pub(super) fn on_invite_unanswered(&mut self, now: Duration) {
        self.leave_invite(Fate::Left);
        let hop = &self.core.invite_hop;
        let detail =
            format!("{hop} did not answer at all: check that the carrier's peer is up and knows our address");
        self.finish(now, Event::Failed(Failure::silent(FailureKind::Timeout, detail)));
    }
}

fn cause_of(response: &Response) -> Cause {
    Cause::Rejected { status: response.status, retry_after: retry_after(&response.headers) }
}
