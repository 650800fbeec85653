//! Our requests other than INVITE: CANCEL, PRACK, UPDATE and BYE, with authentication where
//! challenged.

use std::net::IpAddr;
use std::time::Duration;

use super::event::Event;
use super::state::{Outgoing, Phase, Purpose};
use super::{Output, Sent, Uac};
use crate::digest::Answers;
use crate::line::Hop;
use crate::message::{Method, Request, Response};

impl Uac {
    pub(super) fn send_request(&mut self, request: Request, hop: Hop, purpose: Purpose) {
        self.core.outgoing.push(Outgoing { request: request.clone(), purpose, answers: Answers::default() });
        self.out.push_back(Output::Request(request, hop));
    }

    fn take_outgoing(&mut self, branch: &str, method: &Method) -> Option<Outgoing> {
        let at = self.core.outgoing.iter().position(|outgoing| {
            outgoing.request.method == *method && outgoing.request.headers.branch() == Some(branch)
        })?;
        Some(self.core.outgoing.swap_remove(at))
    }

    /// Whether the response belongs to this call.
    pub(super) fn on_other_response(
        &mut self,
        now: Duration,
        response: &Response,
        method: &Method,
        from: IpAddr,
    ) -> bool {
        let Some(branch) = response.headers.branch() else { return false };
        let Some(outgoing) = self.take_outgoing(branch, method) else { return false };
        if response.is_provisional() {
            self.core.outgoing.push(outgoing);
        } else if matches!(response.status, 401 | 407) && outgoing.purpose != Purpose::Cancel {
            self.on_request_challenged(now, outgoing, response, from);
        } else {
            self.on_request_done(now, outgoing.purpose, response);
        }
        true
    }

    /// A CANCEL and a PRACK need no more: the INVITE's own response decides, whatever became of
    /// them (RFC 3261 section 9.1, RFC 3262 section 4).
    fn on_request_done(&mut self, now: Duration, purpose: Purpose, response: &Response) {
        match purpose {
            // 481 says that the peer has no such call (any more), which is what BYE wants.
            Purpose::Bye if self.core.phase == Phase::Closing => {
                self.close(now, response.is_success() || response.status == 481);
            }
            Purpose::Refresh => self.on_refresh_answered(now, response, &Method::Update),
            Purpose::Bye | Purpose::StrayBye | Purpose::Cancel | Purpose::Prack => {}
        }
    }

    fn on_request_challenged(
        &mut self,
        now: Duration,
        mut outgoing: Outgoing,
        response: &Response,
        from: IpAddr,
    ) {
        let tag = outgoing.request.headers.to_tag().unwrap_or_default();
        let branch = self.core.seed.branch();
        let cnonce = self.core.seed.token();
        let (kept, strays, early) = (&mut self.core.dialog, &mut self.core.strays, &mut self.core.early);
        let mut dialogs = kept
            .iter_mut()
            .chain(strays)
            .map(|kept| &mut kept.dialog)
            .chain(early.iter_mut().map(|early| &mut early.dialog));
        let Some(dialog) = dialogs.find(|dialog| dialog.remote_tag == tag) else { return };
        let hop = dialog.hop();
        if outgoing.answers.challenged(&self.line, response, (from, &hop)).is_err() {
            return self.on_request_done(now, outgoing.purpose, response);
        }
        let mut request = dialog.repeated(&outgoing.request, &self.line, &branch);
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in outgoing.answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        outgoing.request = request.clone();
        self.core.outgoing.push(outgoing);
        self.out.push_back(Output::Request(request, hop));
    }

    /// A request of ours has left. The BYE of another fork ends nothing.
    pub(super) fn on_left(&mut self, sent: &Sent) {
        let is_bye =
            |outgoing: &Outgoing| outgoing.purpose == Purpose::Bye && Sent::by(&outgoing.request) == *sent;
        if self.core.phase == Phase::Closing && self.core.outgoing.iter().any(is_bye) {
            self.emit(Event::HungUp);
        }
    }

    /// A request of ours was never answered, or could not be sent.
    pub(super) fn on_other_lost(&mut self, now: Duration, sent: &Sent) {
        let Some(outgoing) = self.take_outgoing(&sent.branch, &sent.method) else { return };
        match outgoing.purpose {
            Purpose::Bye if self.core.phase == Phase::Closing => self.close(now, false),
            Purpose::Refresh => self.put_off_refresh(now, None),
            _ => {}
        }
    }

    /// Ends every transaction of that purpose.
    pub(super) fn abandon_all(&mut self, purpose: Purpose) {
        let (ended, kept) = self.core.outgoing.drain(..).partition(|outgoing| outgoing.purpose == purpose);
        self.core.outgoing = kept;
        let ended: Vec<Outgoing> = ended;
        self.out.extend(ended.iter().map(|outgoing| Output::Abandon(Sent::by(&outgoing.request))));
    }
}
