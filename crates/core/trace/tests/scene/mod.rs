//! Messages as carriers write them.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::SocketAddr;

use chrono::DateTime;
use trace::{Direction, Envelope, Message};
use uac::Transport;

pub(crate) const HEAD: &str = "INVITE sip:x@203.0.113.9:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK776asdhds;rport\r\n\
    Max-Forwards: 70\r\nFrom: <sip:y@203.0.113.5>;tag=1928301774\r\nTo: <sip:x@203.0.113.9>\r\n\
    Call-ID: 019aa000-7d04-7c6b-9f3e-7f0e3a1b2c3d\r\nCSeq: 1 INVITE\r\n";

pub(crate) const SDP: &str = "v=0\r\no=- 2890844526 2890844527 IN IP4 203.0.113.5\r\ns=-\r\n\
    c=IN IP4 203.0.113.5\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

/// An INVITE with these lines between its own headers and its body.
pub(crate) fn invite(headers: &str, body: &str) -> Vec<u8> {
    request(HEAD, headers, body)
}

pub(crate) fn request(head: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("{head}{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub(crate) fn envelope(direction: Direction, micros: i64, peer: &str) -> Envelope {
    Envelope {
        at: DateTime::from_timestamp_micros(1_795_000_000_000_000 + micros).unwrap(),
        direction,
        transport: Transport::Udp,
        local: "203.0.113.5:5060".parse().unwrap(),
        peer: peer.parse::<SocketAddr>().unwrap(),
    }
}

/// What is kept of a message.
pub(crate) fn kept(wire: &[u8]) -> Vec<u8> {
    let envelope = envelope(Direction::Sent, 0, "203.0.113.9:5060");
    Message::new(envelope, wire.to_vec()).bytes().to_vec()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}
