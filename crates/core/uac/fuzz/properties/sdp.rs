//! Any text as an answer or an offer: understood or refused, never a panic. What we answer has as
//! many streams as the offer, and no line of its own beyond them.

use std::net::Ipv4Addr;

use uac::sdp::{self, Local};

pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = sdp::accept(&text);
    let local = Local { rtp: (Ipv4Addr::LOCALHOST, 30_000).into(), session_id: 1, version: 1 };
    if let Ok((answer, _)) = sdp::answer(&text, &local) {
        let streams = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
        assert_eq!(streams(&answer), streams(&text), "{answer}");
        assert!(answer.len() <= 2 * text.len() + 1_024);
        assert!(answer.split("\r\n").all(|line| !line.contains(['\r', '\n'])), "{answer:?}");
    }
}
