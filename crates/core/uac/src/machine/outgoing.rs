//! Our requests other than INVITE: CANCEL, PRACK and BYE, with authentication where challenged.

use std::net::IpAddr;
use std::time::Duration;

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
            self.on_request_done(now, outgoing.purpose, response.status);
        }
        true
    }

    fn on_request_done(&mut self, now: Duration, purpose: Purpose, status: u16) {
        if purpose == Purpose::Bye && self.core.phase == Phase::Closing {
            // 481 says that the peer has no such call (any more), which is what BYE wants.
            self.close(now, status < 300 || status == 481);
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
        let hop = dialog.hop(&self.line);
        if outgoing.answers.challenged(&self.line, response, (from, &hop)).is_err() {
            return self.on_request_done(now, outgoing.purpose, response.status);
        }
        let mut request = dialog.request(outgoing.request.method.clone(), &self.line, &branch);
        for name in ["Reason", "RAck"] {
            for value in outgoing.request.headers.all(name) {
                request.headers.push(name, value);
            }
        }
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in outgoing.answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        outgoing.request = request.clone();
        self.core.outgoing.push(outgoing);
        self.out.push_back(Output::Request(request, hop));
    }

    /// A request of ours was never answered, or could not be sent.
    pub(super) fn on_other_lost(&mut self, now: Duration, sent: &Sent) {
        let Some(outgoing) = self.take_outgoing(&sent.branch, &sent.method) else { return };
        if outgoing.purpose == Purpose::Bye && self.core.phase == Phase::Closing {
            self.close(now, false);
        }
    }
}
