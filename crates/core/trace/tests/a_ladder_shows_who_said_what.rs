//! Messages in the order of time, the peers in the order of their first message, and as text.

mod scene;

use chrono::FixedOffset;
use scene::{SDP, envelope, invite};
use trace::{Direction, Ladder, Message, call_id, method};

const ONE: &str = "203.0.113.9:5060";
const OTHER: &str = "[2001:db8::9]:5061";

fn response(status: &str, cseq: &str) -> Vec<u8> {
    format!("SIP/2.0 {status}\r\ni: c@h\r\nCSeq: {cseq}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn message(direction: Direction, micros: i64, peer: &str, wire: Vec<u8>) -> Message {
    Message::new(envelope(direction, micros, peer), wire)
}

fn ladder() -> Ladder {
    let (sent, received) = (Direction::Sent, Direction::Received);
    let bye = b"BYE sip:x@h SIP/2.0\r\nCall-ID: c@h\r\nCSeq: 2 BYE\r\n\r\n".to_vec();
    Ladder::of(
        vec![
            message(received, 600_250, OTHER, response("100 Trying", "1 INVITE")),
            message(sent, 0, ONE, invite("", SDP)),
            message(sent, 500_000, ONE, invite("", SDP)),
            message(sent, 600_000, OTHER, invite("", SDP)),
            message(received, 2_000_000, OTHER, bye),
            message(sent, 2_000_100, OTHER, response("200 OK", "2 BYE")),
        ],
        true,
    )
}

#[test]
fn rungs_come_in_order_with_their_peer_and_offset() {
    let ladder = ladder();
    let rungs: Vec<_> =
        ladder.rungs().iter().map(|rung| (rung.label(), rung.peer, rung.again, rung.seconds())).collect();
    let label = str::to_owned;
    assert_eq!(
        rungs,
        [
            (label("INVITE (SDP)"), 0, false, 0.0),
            (label("INVITE (SDP)"), 0, true, 0.5),
            (label("INVITE (SDP)"), 1, false, 0.6),
            (label("100 Trying"), 1, false, 0.600_25),
            (label("BYE"), 1, false, 2.0),
            (label("200 OK to BYE"), 1, false, 2.000_1),
        ]
    );
    assert_eq!(ladder.peers(), [ONE.parse().unwrap(), OTHER.parse().unwrap()]);
}

#[test]
fn the_text_names_every_message_with_time_and_addresses() {
    let zone = FixedOffset::east_opt(8 * 3600).unwrap();
    let text = ladder().to_text("Signalling of a call", &zone);
    for part in [
        "Signalling of a call\n\n  0.000000  203.0.113.5:5060 --> udp 203.0.113.9:5060  INVITE (SDP)\n",
        "  0.500000  203.0.113.5:5060 --> udp 203.0.113.9:5060  INVITE (SDP) (again)\n",
        "  0.600250  203.0.113.5:5060 <-- udp [2001:db8::9]:5061  100 Trying\n",
        "later messages were not kept",
        "received by 203.0.113.5:5060 from [2001:db8::9]:5061 over udp\nSIP/2.0 100 Trying\n",
        "a=rtpmap:101 telephone-event/8000\n\n===",
        ".600250+08:00 received",
    ] {
        assert!(text.contains(part), "{part:?}\nis not in\n{text}");
    }
    assert!(!text.contains('\r'));
}

#[test]
fn a_message_is_known_by_call_id_and_method() {
    let wire = response("100 Trying", "1  INVITE");
    assert_eq!((call_id(&wire).as_deref(), method(&wire).as_deref()), (Some("c@h"), Some("INVITE")));
    for nothing in [&b""[..], b"\r\n\r\n", b"CRLF", b"OPTIONS sip:h SIP/2.0\r\nCall-ID:\r\n\r\n"] {
        assert_eq!(call_id(nothing), None);
    }
}

#[test]
fn a_call_of_which_nothing_was_kept_is_an_empty_ladder() {
    let ladder = Ladder::of(Vec::new(), false);
    assert!(ladder.rungs().is_empty() && ladder.peers().is_empty() && !ladder.cut());
    assert_eq!(ladder.to_text("t", &chrono::Utc), "t\n\n");
}
