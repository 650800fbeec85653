//! Reading one whole message.

use super::head::{Head, is_token};
use super::{Limits, Malformed};
use crate::address::{NameAddr, is_sound_uri, split_outside};
use crate::message::{Headers, Message, Method, Request, Response, Via};

/// Reads one message within the default limits.
pub fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
    parse_within(bytes, &Limits::default())
}

/// Reads one message: a datagram, or what a stream's Content-Length cuts out.
pub fn parse_within(bytes: &[u8], limits: &Limits) -> Result<Message, Malformed> {
    if bytes.len() > limits.message {
        return Err(Malformed::TooLarge);
    }
    let head = Head::of(bytes).ok_or(Malformed::StartLine)?;
    let start = String::from_utf8_lossy(head.start);
    let start = StartLine::parse(&start, limits)?;
    if !head.finished {
        return Err(Malformed::Unfinished);
    }
    let mut headers = head.headers(limits)?;
    check_mandatory(&headers)?;
    check_hops(&headers, limits)?;
    let body = cut_body(&headers, head.body, limits)?;
    headers.remove("Content-Length");
    start.complete(headers, body)
}

enum StartLine<'a> {
    Request { method: &'a str, uri: &'a str },
    Response { status: u16, phrase: &'a str },
}

impl<'a> StartLine<'a> {
    fn parse(line: &'a str, limits: &Limits) -> Result<Self, Malformed> {
        if line.contains('\r') {
            return Err(Malformed::StartLine);
        }
        let mut words = line.splitn(3, ' ');
        let first = words.next().unwrap_or_default();
        let second = words.next().ok_or(Malformed::StartLine)?;
        let third = words.next();
        if is_version(first) {
            check_version(first)?;
            let three_digits = second.len() == 3 && second.bytes().all(|b| b.is_ascii_digit());
            let status = second.parse().ok().filter(|status| three_digits && (100..700).contains(status));
            let phrase = third.unwrap_or_default().trim();
            return Ok(Self::Response { status: status.ok_or(Malformed::StartLine)?, phrase });
        }
        let version = third.ok_or(Malformed::StartLine)?.trim_end();
        if !is_version(version) || second.is_empty() || !is_token(first) {
            return Err(Malformed::StartLine);
        }
        check_version(version)?;
        if second.len() > limits.uri {
            return Err(Malformed::UriTooLong);
        }
        if is_sound_uri(second) {
            Ok(Self::Request { method: first, uri: second })
        } else {
            Err(Malformed::Uri)
        }
    }

    fn complete(self, headers: Headers, body: Vec<u8>) -> Result<Message, Malformed> {
        match self {
            Self::Response { status, phrase } => {
                if headers.branch().is_none() || headers.from_tag().is_none() {
                    return Err(Malformed::Mandatory);
                }
                Ok(Message::Response(Response { status, phrase: phrase.to_owned(), headers, body }))
            }
            Self::Request { method, uri } => {
                let method = Method::from(method);
                if headers.cseq().is_none_or(|(_, named)| named != method) {
                    return Err(Malformed::Method);
                }
                check_request(&headers)?;
                Ok(Message::Request(Request { method, uri: uri.to_owned(), headers, body }))
            }
        }
    }
}

/// `SIP/`, digits, a dot, digits.
fn is_version(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    word.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"))
        && word[4..].split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
}

fn check_version(version: &str) -> Result<(), Malformed> {
    if version[4..] == *"2.0" { Ok(()) } else { Err(Malformed::Version) }
}

fn check_mandatory(headers: &Headers) -> Result<(), Malformed> {
    let once = |name: &str| headers.all(name).count() == 1;
    let whole = ["From", "To", "Call-ID", "CSeq"].iter().all(|name| once(name));
    let addresses = ["From", "To"].iter().all(|name| headers.first(name).and_then(NameAddr::parse).is_some());
    if !whole || !addresses || headers.cseq().is_none() {
        return Err(Malformed::Mandatory);
    }
    headers.top_via().filter(Via::is_sound).map(drop).ok_or(Malformed::Via)
}

/// A branch of the cookie alone identifies nothing (RFC 4475 section 3.2.1). No branch and no From
/// tag at all are RFC 2543's, and clear.
fn check_request(headers: &Headers) -> Result<(), Malformed> {
    if headers.branch().is_some_and(|branch| branch.eq_ignore_ascii_case("z9hG4bK")) {
        return Err(Malformed::Via);
    }
    let ambiguous = |contact: &str| !contact.contains('<') && contact.contains('?');
    if headers.entries("Contact").any(ambiguous) { Err(Malformed::Contact) } else { Ok(()) }
}

fn check_hops(headers: &Headers, limits: &Limits) -> Result<(), Malformed> {
    for name in ["Via", "Route", "Record-Route", "Contact"] {
        let entries = headers.all(name).flat_map(|line| split_outside(line, ','));
        if entries.take(limits.hops + 1).count() > limits.hops {
            return Err(Malformed::TooLarge);
        }
    }
    Ok(())
}

/// Octets beyond Content-Length are noise; without one the message ends the body
/// (RFC 3261 section 18.3). Two of them leave open which holds.
fn cut_body(headers: &Headers, body: &[u8], limits: &Limits) -> Result<Vec<u8>, Malformed> {
    let mut lengths = headers.all("Content-Length");
    let length = match (lengths.next(), lengths.next()) {
        (Some(text), None) if text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().map_err(|_| Malformed::Length)?
        }
        (None, None) => body.len(),
        _ => return Err(Malformed::Length),
    };
    let body = body.get(..length).ok_or(Malformed::Length)?;
    if body.len() > limits.body { Err(Malformed::BodyTooLarge) } else { Ok(body.to_vec()) }
}
