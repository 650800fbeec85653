//! Any text as an answer or an offer, on a trunk in the clear and on one that requires SRTP: understood
//! or refused, never a panic. What we answer has as many streams as the offer, and no line of its own
//! beyond them; keys are agreed on where they are required and nowhere else.

use std::net::Ipv4Addr;

use uac::sdp::{KEY_RANDOMNESS, Local, Session, Suite};

pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for suites in [&[][..], &Suite::ALL] {
        let rtp = (Ipv4Addr::LOCALHOST, 30_000).into();
        let session = || Session::new(Local { rtp, session_id: 1, srtp: suites.to_vec() });
        let mut random = || [7; KEY_RANDOMNESS];
        let mut caller = session();
        caller.offer(&mut random);
        if let Ok(agreed) = caller.answered(&text) {
            assert_eq!(agreed.srtp.is_some(), !suites.is_empty());
        }
        if let Ok(answer) = session().answer(&text, &mut random) {
            is_fit(&text, &answer.sdp);
            assert_eq!(answer.negotiated.srtp.is_some(), !suites.is_empty());
        }
    }
}

fn is_fit(offer: &str, answer: &str) {
    let streams = |text: &str| text.split(['\r', '\n']).filter(|line| line.trim().starts_with("m=")).count();
    assert_eq!(streams(answer), streams(offer), "{answer}");
    assert!(answer.len() <= 2 * offer.len() + 1_024);
    assert!(answer.split("\r\n").all(|line| !line.contains(['\r', '\n'])), "{answer:?}");
}
