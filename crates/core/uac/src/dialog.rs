//! One dialog (RFC 3261 section 12): who, in which order, by which way.

use serde::{Deserialize, Serialize};

use crate::address::{NameAddr, hop_of};
use crate::line::{Hop, Line};
use crate::message::{Headers, Method, Request, Response};

/// An early or confirmed dialog, whichever side sent the INVITE that created it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialog {
    /// Our From, with its tag.
    from: String,
    /// The peer's To, with its tag.
    to: String,
    call_id: String,
    /// The peer's tag; empty for a peer of RFC 2543's time that sets none.
    pub remote_tag: String,
    /// Number of our last request.
    pub local_seq: u32,
    /// Number of the peer's last request.
    pub remote_seq: Option<u32>,
    /// Route headers in the order they are sent.
    route_set: Vec<String>,
    /// Remote target: the Request-URI of requests in the dialog.
    pub target: String,
}

impl Dialog {
    /// The dialog that `response` to our `invite` creates. A response without Contact breaks
    /// RFC 3261 section 12.1.1; the INVITE's own target then stands in, so that it can be ended.
    pub fn of(invite: &Request, response: &Response) -> Self {
        let value = |headers: &Headers, name| headers.first(name).unwrap_or_default().to_owned();
        let mut dialog = Self {
            from: value(&invite.headers, "From"),
            to: value(&response.headers, "To"),
            call_id: value(&invite.headers, "Call-ID"),
            remote_tag: response.headers.to_tag().unwrap_or_default(),
            local_seq: invite.headers.cseq().map_or(1, |(number, _)| number),
            remote_seq: None,
            route_set: Vec::new(),
            target: invite.uri.clone(),
        };
        dialog.refresh_route(response);
        dialog
    }

    /// The dialog that our 2xx to the peer's `invite` creates, `local_tag` being the tag of our To:
    /// the route set in the order it was recorded (RFC 3261 section 12.1.1).
    pub fn answering(invite: &Request, local_tag: &str) -> Self {
        let value = |name| invite.headers.first(name).unwrap_or_default().to_owned();
        Self {
            from: format!("{};tag={local_tag}", value("To")),
            to: value("From"),
            call_id: value("Call-ID"),
            remote_tag: invite.headers.from_tag().unwrap_or_default(),
            local_seq: 0,
            remote_seq: invite.headers.cseq().map(|(number, _)| number),
            route_set: invite.headers.list("Record-Route").into_iter().map(str::to_owned).collect(),
            target: invite.headers.contact().unwrap_or_default(),
        }
    }

    /// Route set and target as a later response to the same INVITE gives them: the 2xx
    /// recomputes the route set of an early dialog (RFC 3261 section 13.2.2.4).
    pub fn refresh_route(&mut self, response: &Response) {
        let recorded = response.headers.list("Record-Route");
        self.route_set = recorded.into_iter().rev().map(str::to_owned).collect();
        if let Some(contact) = response.headers.contact() {
            self.target = contact;
        }
    }

    /// The next hop: the first route, else the target (RFC 3261 section 12.2.1.1), else what the
    /// initial INVITE took, when the peer's Contact names no host we can read.
    pub fn hop(&self, line: &Line) -> Hop {
        let route = self.route_set.first().and_then(|route| NameAddr::parse(route));
        let uri = route.map_or_else(|| self.target.clone(), |route| route.uri);
        hop_of(&uri).unwrap_or_else(|| line.first_hop().clone())
    }

    /// A request with the next sequence number.
    pub fn request(&mut self, method: Method, line: &Line, branch: &str) -> Request {
        self.local_seq += 1;
        self.numbered(method, self.local_seq, line, branch)
    }

    /// The ACK of a 2xx: it takes the number of its INVITE and a branch of its own
    /// (RFC 3261 section 13.2.2.4).
    pub fn ack(&self, invite_seq: u32, line: &Line, branch: &str) -> Request {
        self.numbered(Method::Ack, invite_seq, line, branch)
    }

    fn numbered(&self, method: Method, seq: u32, line: &Line, branch: &str) -> Request {
        let mut headers = Headers::default();
        headers.push("Via", line.via(branch, &self.hop(line)));
        headers.push("Max-Forwards", "70");
        for route in &self.route_set {
            headers.push("Route", route);
        }
        headers.push("From", &self.from);
        headers.push("To", &self.to);
        headers.push("Call-ID", &self.call_id);
        headers.push("CSeq", format!("{seq} {method}"));
        headers.push("User-Agent", &line.user_agent);
        Request { method, uri: self.target.clone(), headers, body: Vec::new() }
    }
}
