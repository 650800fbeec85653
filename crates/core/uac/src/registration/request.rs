//! The REGISTER request and what its 200 says (RFC 3261 section 10).

use std::net::IpAddr;
use std::time::Duration;

use super::Registrar;
use crate::address::{split_outside, unquote, value_of};
use crate::line::{Hop, Line, Transport};
use crate::message::{Headers, Method, Request, Response};

/// The URI of our Contact.
pub(super) fn contact_uri(registrar: &Registrar, line: &Line) -> String {
    match line.transport {
        Transport::Udp => format!("sip:{}@{}", registrar.user, line.local),
        other => format!("sip:{}@{};transport={other}", registrar.user, line.local),
    }
}

/// A REGISTER that binds `contact` for `expires`; zero gives it back.
pub(super) struct Asked<'a> {
    pub registrar: &'a Registrar,
    pub line: &'a Line,
    pub hop: &'a Hop,
    pub branch: &'a str,
    pub tag: &'a str,
    pub call_id: &'a str,
    pub seq: u32,
    pub contact: &'a str,
    pub expires: Duration,
}

impl Asked<'_> {
    pub(super) fn request(&self) -> Request {
        let Registrar { host, user, domain, instance, .. } = self.registrar;
        let uri = match self.line.transport {
            Transport::Udp => format!("sip:{host}"),
            other => format!("sip:{host};transport={other}"),
        };
        let seconds = self.expires.as_secs();
        let mut headers = Headers::default();
        headers.push("Via", self.line.via(self.branch, self.hop));
        headers.push("Max-Forwards", "70");
        self.line.write_proxy(&mut headers);
        headers.push("From", format!("<sip:{user}@{domain}>;tag={}", self.tag));
        headers.push("To", format!("<sip:{user}@{domain}>"));
        headers.push("Call-ID", self.call_id);
        headers.push("CSeq", format!("{} REGISTER", self.seq));
        headers
            .push("Contact", format!("<{}>;+sip.instance=\"<{instance}>\";expires={seconds}", self.contact));
        headers.push("Expires", seconds.to_string());
        // A proxy on the way may add itself to the path of our calls (RFC 3327).
        headers.push("Supported", "path");
        headers.push("User-Agent", &self.line.user_agent);
        Request { method: Method::Register, uri, headers, body: Vec::new() }
    }
}

/// How long the binding of `contact` lives: what its Contact in the 200 says, else the Expires
/// header, else as asked; never longer than asked. Other bindings are other people's.
pub(super) fn granted(response: &Response, contact: &str, asked: Duration) -> Duration {
    let contacts = contacts(response);
    let ours = contacts.iter().find(|(uri, _)| same(uri, contact));
    // A registrar that rewrites the Contact of a client behind NAT tells one, and means us.
    let ours = ours.or_else(|| contacts.first().filter(|_| contacts.len() == 1));
    let header = || response.headers.first("Expires").and_then(|value| value.trim().parse().ok());
    let seconds = ours.and_then(|(_, expires)| *expires).or_else(header);
    seconds.map_or(asked, |seconds: u64| Duration::from_secs(seconds).min(asked))
}

/// Whether `contact` is bound according to the 200.
pub(super) fn is_bound(response: &Response, contact: &str) -> bool {
    contacts(response).iter().any(|(uri, _)| same(uri, contact))
}

fn contacts(response: &Response) -> Vec<(String, Option<u64>)> {
    let of = |value: &str| {
        let (inner, rest) = match value.split_once('<') {
            Some((_, rest)) => rest.split_once('>')?,
            None => value.split_once(';').unwrap_or((value, "")),
        };
        let expires = value_of(split_outside(rest, ';').map(str::trim), "expires");
        Some((inner.trim().to_owned(), expires.and_then(|text| unquote(text).parse().ok())))
    };
    response.headers.list("Contact").into_iter().filter_map(of).collect()
}

/// Whether two Contacts are one binding: user, host and port are; parameters that a registrar may
/// add are not looked at.
fn same(one: &str, other: &str) -> bool {
    let bare = |uri: &str| uri.split([';', '?']).next().unwrap_or_default().to_ascii_lowercase();
    bare(one) == bare(other)
}

/// Where the registrar saw our request come from: received and rport of our Via (RFC 3581).
pub(super) fn seen_from(response: &Response) -> Option<(IpAddr, Option<u16>)> {
    let via = *response.headers.list("Via").first()?;
    let param = |name| value_of(split_outside(via, ';').skip(1), name);
    let port = param("rport").and_then(|port| port.parse().ok());
    let sent_by = || Hop::parse(via.split(';').next()?.split_whitespace().last()?)?.host.parse().ok();
    let address = match param("received") {
        Some(received) => received.trim_matches(['[', ']']).parse().ok(),
        None => sent_by(),
    };
    Some((address?, port))
}
