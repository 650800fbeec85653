//! One dialog (RFC 3261 section 12): who, in which order, by which way.

use serde::{Deserialize, Serialize};

use crate::address::{NameAddr, hop_of};
use crate::line::{Hop, Line};
use crate::message::{Headers, Method, Request, Response};

/// What a repeated request does not take over: the dialog writes it anew, or it was its credentials.
const REWRITTEN: [&str; 10] = [
    "Via",
    "Max-Forwards",
    "Route",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "User-Agent",
    "Authorization",
    "Proxy-Authorization",
];

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
    /// The way of the INVITE, or of the trunk where the peer sent it.
    way: Hop,
}

impl Dialog {
    /// The dialog that `response` to our `invite`, sent by `way`, creates. A response without Contact breaks
    /// RFC 3261 section 12.1.1; the INVITE's own target then stands in, so that it can be ended.
    pub fn of(invite: &Request, response: &Response, way: &Hop) -> Self {
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
            way: way.clone(),
        };
        dialog.refresh_route(response);
        dialog
    }

    /// The dialog that our 2xx to the peer's `invite` creates, `local_tag` being the tag of our To:
    /// the route set in the order it was recorded (RFC 3261 section 12.1.1). Where its Contact names no host we can read, requests
    /// take `way`.
    pub fn answering(invite: &Request, local_tag: &str, way: &Hop) -> Self {
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
            way: way.clone(),
        }
    }

    /// Route set and target as a later response to the same INVITE gives them: the 2xx
    /// recomputes the route set of an early dialog (RFC 3261 section 13.2.2.4).
    pub fn refresh_route(&mut self, response: &Response) {
        let recorded = response.headers.list("Record-Route");
        self.route_set = recorded.into_iter().rev().map(str::to_owned).collect();
        self.refresh_target(&response.headers);
    }

    /// The remote target as a 2xx, a re-INVITE or an UPDATE gives it (RFC 3261 section 12.2).
    pub fn refresh_target(&mut self, headers: &Headers) {
        if let Some(contact) = headers.contact() {
            self.target = contact;
        }
    }

    /// The next hop: the first route, else the target (RFC 3261 section 12.2.1.1), else the way of
    /// the INVITE, when the peer's Contact names no host we can read.
    pub fn hop(&self) -> Hop {
        let route = self.route_set.first().and_then(|route| NameAddr::parse(route));
        let uri = route.map_or_else(|| self.target.clone(), |route| route.uri);
        hop_of(&uri).unwrap_or_else(|| self.way.clone())
    }

    /// Request-URI and Route headers. A first route without `lr` is a strict router, which takes
    /// the Request-URI for itself and finds the target at the end (RFC 3261 section 12.2.1.1).
    fn path(&self) -> (String, Vec<String>) {
        match self.route_set.split_first() {
            Some((first, rest)) if !is_loose(first) => {
                let uri = NameAddr::parse(first).map_or_else(|| first.clone(), |first| first.uri);
                let routes = rest.iter().cloned().chain([format!("<{}>", self.target)]);
                (as_request_uri(&uri), routes.collect())
            }
            _ => (self.target.clone(), self.route_set.clone()),
        }
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

    /// `request` once more with the next number, for a challenge or another peculiarity of its
    /// rejection: what it carries of its own is kept, the credentials are not.
    pub fn repeated(&mut self, request: &Request, line: &Line, branch: &str) -> Request {
        let mut again = self.request(request.method.clone(), line, branch);
        for header in request.headers.iter().filter(|header| !REWRITTEN.iter().any(|name| header.is(name))) {
            again.headers.push(&header.name, &header.value);
        }
        again.body.clone_from(&request.body);
        again
    }

    fn numbered(&self, method: Method, seq: u32, line: &Line, branch: &str) -> Request {
        let (uri, routes) = self.path();
        let mut headers = Headers::default();
        headers.push("Via", line.via(branch, &self.hop()));
        headers.push("Max-Forwards", "70");
        for route in routes {
            headers.push("Route", route);
        }
        headers.push("From", &self.from);
        headers.push("To", &self.to);
        headers.push("Call-ID", &self.call_id);
        headers.push("CSeq", format!("{seq} {method}"));
        headers.push("User-Agent", &line.user_agent);
        Request { method, uri, headers, body: Vec::new() }
    }
}

fn is_loose(route: &str) -> bool {
    let uri = NameAddr::parse(route).map_or_else(|| route.to_owned(), |route| route.uri);
    let mut params = uri.split('?').next().unwrap_or_default().split(';').skip(1);
    params.any(|param| param.split('=').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("lr")))
}

/// Without what a Request-URI may not have: headers and the method parameter (RFC 3261 section
/// 19.1.1).
fn as_request_uri(uri: &str) -> String {
    let uri = uri.split('?').next().unwrap_or_default();
    let is_method = |part: &&str| part.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("method="));
    uri.split(';').filter(|part| !is_method(part)).collect::<Vec<_>>().join(";")
}
