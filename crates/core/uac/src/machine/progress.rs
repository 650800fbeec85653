//! Provisional responses to our INVITE, reliable ones (RFC 3262) with their PRACK.

use std::time::Duration;

use super::Uac;
use super::event::Event;
use super::state::{Phase, Purpose};
use super::timer::Timer;
use crate::message::{Method, Response};

/// Most PRACKs that may wait for their answer: a peer that sends ever more provisional responses
/// without answering them is not followed.
const MOST_PRACKS: usize = 16;

impl Uac {
    pub(super) fn on_provisional(&mut self, now: Duration, response: &Response) {
        if self.core.phase == Phase::Calling {
            self.core.phase = Phase::Proceeding;
            for timer in [Timer::InviteUnanswered, Timer::NothingHeard, Timer::SilenceLimit] {
                self.core.timers.stop(timer);
            }
            // One limit for the whole setup: neither a repeated provisional response (RFC 3261
            // section 13.3.1.1) nor another way prolongs it.
            if !self.core.is_cancelled() && !self.core.timers.is_set(Timer::RingLimit) {
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
        self.core.session.note_allow(&response.headers);
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
        let waiting = self.core.outgoing.iter().filter(|outgoing| outgoing.purpose == Purpose::Prack);
        if waiting.count() >= MOST_PRACKS {
            return false;
        }
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
        prack.headers.push("Contact", self.line.contact());
        let hop = early.dialog.hop();
        self.send_request(prack, hop, Purpose::Prack);
        true
    }
}
