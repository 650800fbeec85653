//! Our own re-INVITE (RFC 3261 section 14.1): the same description again, to refresh the session.

use std::net::IpAddr;
use std::time::Duration;

use super::event::Event;
use super::state::{Phase, Reinvite};
use super::{Output, Sent, Uac};
use crate::digest::Answers;
use crate::line::Hop;
use crate::message::{Method, Request, Response};

impl Uac {
    /// Whether a re-INVITE of ours waits for its final response.
    pub(super) fn is_reinviting(&self) -> bool {
        self.core.reinvite.as_ref().is_some_and(|reinvite| reinvite.open)
    }

    /// Whether that is a response to our last re-INVITE.
    pub(super) fn is_of_reinvite(&self, response: &Response) -> bool {
        self.core
            .reinvite
            .as_ref()
            .is_some_and(|reinvite| response.headers.branch() == reinvite.request.headers.branch())
    }

    pub(super) fn send_reinvite(&mut self, seconds: u32) {
        let branch = self.core.seed.branch();
        let Some(kept) = self.core.dialog.as_mut() else { return };
        let mut request = kept.dialog.request(Method::Invite, &self.line, &branch);
        let hop = kept.dialog.hop();
        self.write_refresh(&mut request.headers, seconds);
        request.headers.push("Content-Type", "application/sdp");
        request.body = self.core.described.clone().into_bytes();
        self.open_reinvite(request, hop, Answers::default());
    }

    fn open_reinvite(&mut self, request: Request, hop: Hop, answers: Answers) {
        self.out.push_back(Output::Request(request.clone(), hop.clone()));
        self.core.reinvite = Some(Box::new(Reinvite { request, hop, answers, ack: None, open: true }));
    }

    /// Always `true`: the response belongs to this call.
    pub(super) fn on_reinvite_response(&mut self, now: Duration, response: &Response, from: IpAddr) -> bool {
        let Some(reinvite) = self.core.reinvite.as_mut() else { return true };
        if response.is_provisional() {
            return true;
        }
        let was_open = std::mem::take(&mut reinvite.open);
        if response.is_success() {
            self.acknowledge_reinvite(response);
        }
        if was_open && self.core.phase == Phase::Talking {
            self.on_reinvite_answered(now, response, from);
        }
        true
    }

    fn on_reinvite_answered(&mut self, now: Duration, response: &Response, from: IpAddr) {
        if matches!(response.status, 401 | 407) && self.repeat_reinvite(response, from) {
            return;
        }
        if let Some(sdp) = response.sdp().filter(|_| response.is_success()) {
            self.emit(Event::Reanswer { sdp });
        }
        self.on_refresh_answered(now, response, &Method::Invite);
    }

    /// Every 2xx gets an ACK, each repetition the same, whatever became of the call meanwhile.
    fn acknowledge_reinvite(&mut self, response: &Response) {
        let Some(reinvite) = self.core.reinvite.as_ref() else { return };
        let (ack, hop) = match (&reinvite.ack, self.core.dialog.as_mut()) {
            (Some(ack), _) => (ack.clone(), reinvite.hop.clone()),
            (None, None) => return,
            (None, Some(kept)) => {
                kept.dialog.refresh_target(&response.headers);
                let seq = reinvite.request.headers.cseq().map_or(1, |(seq, _)| seq);
                let mut ack = kept.dialog.ack(seq, &self.line, &self.core.seed.branch());
                ack.headers.copy_credentials(&reinvite.request.headers);
                (ack, kept.dialog.hop())
            }
        };
        if let Some(reinvite) = self.core.reinvite.as_mut() {
            reinvite.ack = Some(ack.clone());
            reinvite.hop = hop.clone();
        }
        self.out.push_back(Output::Ack(ack, hop));
    }

    /// Whether a challenge is answered.
    fn repeat_reinvite(&mut self, response: &Response, from: IpAddr) -> bool {
        let (branch, cnonce) = (self.core.seed.branch(), self.core.seed.token());
        let (Some(reinvite), Some(kept)) = (self.core.reinvite.as_mut(), self.core.dialog.as_mut()) else {
            return false;
        };
        let mut answers = std::mem::take(&mut reinvite.answers);
        if answers.challenged(&self.line, response, (from, &reinvite.hop)).is_err() {
            return false;
        }
        let mut request = kept.dialog.repeated(&reinvite.request, &self.line, &branch);
        let hop = kept.dialog.hop();
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        self.open_reinvite(request, hop, answers);
        true
    }

    /// The transport lost our re-INVITE; whether it was that.
    pub(super) fn is_reinvite_lost(&mut self, now: Duration, sent: &Sent) -> bool {
        let lost = self.core.reinvite.as_mut().filter(|reinvite| Sent::by(&reinvite.request) == *sent);
        let Some(reinvite) = lost else { return false };
        if std::mem::take(&mut reinvite.open) {
            self.put_off_refresh(now, None);
        }
        true
    }

    pub(super) fn abandon_reinvite(&mut self) {
        if let Some(reinvite) = self.core.reinvite.as_mut().filter(|reinvite| reinvite.open) {
            reinvite.open = false;
            self.out.push_back(Output::Abandon(Sent::by(&reinvite.request)));
        }
    }
}
