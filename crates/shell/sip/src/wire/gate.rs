//! What a datagram must pass before rsipstack sees it: our own parser, in canonical form.
//! rsipstack loses headers after a line that is not UTF-8, and the body when Content-Length is
//! missing; it never learns of either.

use std::net::SocketAddr;
use std::sync::Arc;

use uac::machine::out_of_dialog;
use uac::{Input, Message, Method, Request, Response, Sent, wire};

use super::client::Ongoing;
use crate::router::Router;

/// What to do with a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Hand this canonical form on.
    Pass(Vec<u8>),
    /// Answer the sender with this, and nothing more.
    Reply(Vec<u8>),
    /// Nothing: it has been handed to its call.
    Taken,
    /// Nothing.
    Drop,
}

/// The gate of one socket.
#[derive(Debug)]
pub(super) struct Gate {
    router: Arc<Router>,
    ongoing: Arc<Ongoing>,
    /// To tag of the refusals that the gate writes.
    tag: String,
}

impl Gate {
    pub(super) fn new(router: Arc<Router>, ongoing: Arc<Ongoing>) -> Self {
        Self { router, ongoing, tag: super::random_seed().token() }
    }

    pub(super) fn admit(&self, datagram: &[u8], from: SocketAddr) -> Verdict {
        // CRLF keep-alives (RFC 5626) and stray blanks are no messages.
        if datagram.iter().all(u8::is_ascii_whitespace) {
            return Verdict::Drop;
        }
        match wire::parse(datagram) {
            Ok(Message::Request(request)) => self.admit_request(&request),
            Ok(Message::Response(response)) => self.admit_response(response, from),
            Err(error) => {
                tracing::debug!(%from, %error, "datagram dropped");
                Verdict::Drop
            }
        }
    }

    /// rsipstack knows no other methods than its own and would leave the sender without answer.
    fn admit_request(&self, request: &Request) -> Verdict {
        if !matches!(request.method, Method::Other(_)) {
            return Verdict::Pass(wire::request_bytes(request));
        }
        match out_of_dialog(request, &self.tag) {
            Some(response) => Verdict::Reply(wire::response_bytes(&response)),
            None => Verdict::Drop,
        }
    }

    /// The first 2xx to an INVITE takes the way of every response, behind those that came before
    /// it. It ends the transaction, so all further ones (of other forks, or repeated because our
    /// ACK was lost) go straight to the call.
    fn admit_response(&self, response: Response, from: SocketAddr) -> Verdict {
        // With a Via below ours the response is not for us (RFC 3261 section 8.1.3.3).
        if response.headers.list("Via").len() != 1 {
            return Verdict::Drop;
        }
        let method = response.headers.cseq().map(|(_, method)| method);
        let branch = response.headers.branch().unwrap_or_default().to_owned();
        let sent = Sent { branch, method: Method::Invite };
        let is_of_invite = method == Some(Method::Invite);
        let is_answer = is_of_invite && response.is_success();
        if is_answer && !self.ongoing.is_first_answer(&sent) {
            return if self.tell(response, from) { Verdict::Taken } else { Verdict::Drop };
        }
        let bytes = wire::response_bytes(&response);
        // An INVITE given up without any response may yet come to life: the call must know.
        if is_of_invite && !is_answer && !self.ongoing.knows(&sent) {
            self.tell(response, from);
        }
        Verdict::Pass(bytes)
    }

    /// Whether there is a call to tell of the response. A full mailbox loses it; the peer sends it
    /// again until it is acknowledged.
    fn tell(&self, response: Response, from: SocketAddr) -> bool {
        let call = response.headers.call_id().and_then(|call_id| self.router.find(call_id));
        let Some(call) = call else { return false };
        let _ = call.try_send(Input::Response(response, from.ip()));
        true
    }
}
