//! What a request is told for its form alone, before anybody asks what it wants
//! (RFC 3261 section 8.2, in its order).

use crate::machine::ALLOW;
use crate::message::{Method, Request, Response};
use crate::wire::{Malformed, salvage};

/// Extensions that a peer may require of us.
pub const EXTENSIONS: [&str; 2] = ["100rel", "timer"];

/// Methods that we know and take no part in; any other is unknown to us.
const KNOWN: [&str; 5] = ["MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER"];

/// The refusal of bytes that cannot be worked on, or `None` where nobody can or may be told.
/// `to_tag` makes the response's To unique.
pub fn refusal(bytes: &[u8], why: Malformed, to_tag: &str) -> Option<Response> {
    let request = salvage(bytes)?;
    // Whatever else is wrong: a method that does not exist is told so (RFC 4475 section 3.1.2.18).
    if why == Malformed::Method && !is_known(&request.method) {
        return Some(without_method(&request, to_tag));
    }
    let (status, phrase) = why.answer();
    Some(Response::to(&request, status, phrase, to_tag))
}

/// Why a well-formed request outside any call is refused whatever it wants; `None` if there is no
/// reason to. An ACK is never answered; a CANCEL is answered by its transaction.
pub fn objection(request: &Request, to_tag: &str) -> Option<Response> {
    if matches!(request.method, Method::Ack | Method::Cancel) {
        return None;
    }
    if matches!(request.method, Method::Other(_) | Method::Register) {
        return Some(without_method(request, to_tag));
    }
    let refuse = |status, phrase| Response::to(request, status, phrase, to_tag);
    if !is_callable(&request.uri) {
        return Some(refuse(416, "Unsupported URI Scheme"));
    }
    let unsupported = unsupported(request);
    if !unsupported.is_empty() {
        let mut response = refuse(420, "Bad Extension");
        response.headers.push("Unsupported", unsupported.join(", "));
        return Some(response);
    }
    if let Some((name, value)) = unreadable_body(request) {
        let mut response = refuse(415, "Unsupported Media Type");
        response.headers.push(name, value);
        return Some(response);
    }
    if request.method == Method::Invite && !takes_sdp(request) {
        let mut response = refuse(406, "Not Acceptable");
        response.headers.push("Warning", "399 huifang \"the answer to an INVITE is application/sdp\"");
        return Some(response);
    }
    None
}

fn is_known(method: &Method) -> bool {
    match method {
        Method::Other(name) => KNOWN.contains(&name.as_str()),
        _ => true,
    }
}

/// 405 for a method that we know, 501 for any other (RFC 3261 sections 8.2.1 and 21.5.2).
fn without_method(request: &Request, to_tag: &str) -> Response {
    let (status, phrase) =
        if is_known(&request.method) { (405, "Method Not Allowed") } else { (501, "Not Implemented") };
    let mut response = Response::to(request, status, phrase, to_tag);
    response.headers.push("Allow", ALLOW);
    response
}

/// Carriers write numbers as SIP URIs or as tel URIs.
fn is_callable(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default();
    ["sip", "sips", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Proxy-Require is for proxies, which we are not.
fn unsupported(request: &Request) -> Vec<&str> {
    let known = |wanted: &str| EXTENSIONS.iter().any(|ours| ours.eq_ignore_ascii_case(wanted));
    request.headers.entries("Require").filter(|wanted| !known(wanted)).collect()
}

/// A body that must be understood and is not: the header that says what would be.
fn unreadable_body(request: &Request) -> Option<(&'static str, &'static str)> {
    let carries_offer = matches!(request.method, Method::Invite | Method::Update | Method::Prack);
    let disposition = request.headers.first("Content-Disposition").unwrap_or_default();
    if !carries_offer
        || request.body.is_empty()
        || disposition.to_ascii_lowercase().contains("handling=optional")
    {
        return None;
    }
    if request.headers.entries("Content-Encoding").any(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Some(("Accept-Encoding", "identity"));
    }
    if request.sdp().is_none() { Some(("Accept", "application/sdp")) } else { None }
}

/// Without Accept, SDP is meant (RFC 3261 section 20.1); `*/*` takes it too.
fn takes_sdp(request: &Request) -> bool {
    let sdp = |range: &str| {
        let kind = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "application/sdp" | "application/*" | "*/*")
    };
    request.headers.first("Accept").is_none() || request.headers.entries("Accept").any(sdp)
}
