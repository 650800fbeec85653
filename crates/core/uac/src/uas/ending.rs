//! Our own requests: BYE, and the UPDATE that refreshes a session.

use std::net::IpAddr;
use std::time::Duration;

use super::{Outgoing, Phase, Timer, Uas};
use crate::digest::Answers;
use crate::machine::{Event, Failure, FailureKind, Output, Sent};
use crate::message::{Method, Response};

impl Uas {
    /// Ends the dialog by BYE; `failure` is told once it is through, where it is no plain hang-up.
    pub(super) fn say_bye(&mut self, now: Duration, failure: Option<Failure>, reason: Option<String>) {
        let refresh = self.outgoing.take().map(|outgoing| Sent::by(&outgoing.request));
        self.out.extend(refresh.map(Output::Abandon));
        self.refuse_open_offer(487, "Request Terminated");
        self.phase = Phase::Closing;
        self.farewell = failure;
        self.timers.clear();
        self.timers.set(Timer::ByeUnanswered, now + self.timing.transaction_life());
        self.send(Method::Bye, Answers::default(), reason.map(|reason| ("Reason", reason)));
    }

    /// Our BYE is through, or given up.
    pub(super) fn close(&mut self, now: Duration, confirmed: bool) {
        let event = self.farewell.take().map_or(Event::Ended { confirmed }, Event::Failed);
        self.finish(now, event);
    }

    /// Runs the session's timers anew.
    pub(super) fn restart_session(&mut self, now: Duration) {
        self.timers.stop(Timer::Refresh);
        self.timers.stop(Timer::SessionExpired);
        let Some(session) = &self.session else { return };
        self.timers.set(Timer::SessionExpired, now + session.ends_after());
        if session.ours {
            self.timers.set(Timer::Refresh, now + session.refresh_after());
        }
    }

    pub(super) fn refresh_session(&mut self, now: Duration) {
        let Some(session) = self.session.filter(|_| self.phase == Phase::Talking) else { return };
        if self.outgoing.is_some() {
            return;
        }
        let interval = format!("{};refresher=uac", session.interval.as_secs());
        self.send(Method::Update, Answers::default(), Some(("Session-Expires", interval)));
        // A refresh that is refused for the moment is tried again while there is time.
        self.timers.set(Timer::Refresh, now + self.timing.transaction_life());
    }

    pub(super) fn on_session_expired(&mut self, now: Duration) {
        if self.phase == Phase::Talking {
            let detail = "the session was not refreshed in its time (RFC 4028): the caller's side is gone";
            let failure = Failure::silent(FailureKind::Protocol, detail);
            self.say_bye(now, Some(failure), None);
        }
    }

    pub(super) fn on_response(&mut self, now: Duration, response: &Response, from: IpAddr) {
        let answers = |outgoing: &mut Outgoing| {
            outgoing.request.headers.branch() == response.headers.branch()
                && response.headers.cseq().is_some_and(|(_, method)| method == outgoing.request.method)
        };
        if response.is_provisional() {
            return;
        }
        let Some(outgoing) = self.outgoing.take_if(answers) else { return };
        if matches!(response.status, 401 | 407) {
            return self.challenged(now, outgoing, response, from);
        }
        self.answered(now, &outgoing.request.method, response.status);
    }

    fn challenged(&mut self, now: Duration, mut outgoing: Outgoing, response: &Response, from: IpAddr) {
        let hop = self.dialog.hop();
        if outgoing.answers.challenged(&self.line, response, (from, &hop)).is_err() {
            return self.answered(now, &outgoing.request.method, response.status);
        }
        let kept = ["Reason", "Session-Expires"]
            .into_iter()
            .find_map(|name| Some((name, outgoing.request.headers.first(name)?.to_owned())));
        self.send(outgoing.request.method, outgoing.answers, kept);
    }

    /// 408 and 481 say that the peer has no such call (any more): RFC 3261 section 12.2.1.2.
    fn answered(&mut self, now: Duration, method: &Method, status: u16) {
        let gone = matches!(status, 408 | 481);
        match method {
            Method::Bye => self.close(now, status < 300 || gone),
            _ if gone => self.on_session_expired(now),
            _ if status < 300 => self.restart_session(now),
            _ => {}
        }
    }

    /// A request of ours has left.
    pub(super) fn on_left(&mut self, sent: &Sent) {
        let is_bye = |outgoing: &Outgoing| {
            outgoing.request.method == Method::Bye && Sent::by(&outgoing.request) == *sent
        };
        if self.outgoing.as_ref().is_some_and(is_bye) {
            self.emit(Event::HungUp);
        }
    }

    /// A request of ours was never answered, or could not be sent.
    pub(super) fn on_lost(&mut self, now: Duration, sent: &Sent) {
        let lost = self.outgoing.take_if(|outgoing| Sent::by(&outgoing.request) == *sent);
        if lost.is_some_and(|lost| lost.request.method == Method::Bye) {
            self.close(now, false);
        }
    }

    fn send(&mut self, method: Method, mut answers: Answers, header: Option<(&str, String)>) {
        let branch = self.seed.branch();
        let cnonce = self.seed.token();
        let mut request = self.dialog.request(method, &self.line, &branch);
        if let Some((name, value)) = header {
            request.headers.push(name, value);
        }
        if request.method == Method::Update {
            request.headers.push("Contact", self.line.contact());
            request.headers.push("Supported", "timer");
        }
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        let hop = self.dialog.hop();
        self.outgoing = Some(Outgoing { request: request.clone(), answers });
        self.out.push_back(Output::Request(request, hop));
    }
}
