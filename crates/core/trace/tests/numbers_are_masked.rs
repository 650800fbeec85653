//! Wherever a telephone number stands, and however it is written, those who may not see it whole
//! do not; what the protocol needs stays.

mod scene;

use proptest::prelude::*;
use scene::{SDP, envelope, holds, invite, text};
use trace::{Direction, Ladder, Message};

const PLACES: usize = 30;

/// Every place that the tests put a number into; from 25 on, places where only a number that is
/// known from elsewhere can be told from an identifier.
fn with(place: usize, number: &str) -> Vec<u8> {
    let header = |text: &str| invite(&text.replace("{}", number), SDP);
    let start = |text: &str| {
        let rest = text_of(&invite("", SDP));
        let rest = rest.split_once("\r\n").unwrap().1.to_owned();
        format!("{}\r\n{rest}", text.replace("{}", number)).into_bytes()
    };
    let line = |text: &str| invite("", &format!("{SDP}{text}\r\n").replace("{}", number));
    match place {
        0 => start("INVITE sip:{}@203.0.113.9:5060 SIP/2.0"),
        1 => start("INVITE tel:{};phone-context=example.com SIP/2.0"),
        2 => start("SIP/2.0 404 {} is vacant"),
        3 => header("f: \"{}\" <sip:{}@h;user=phone>;tag=9\r\n"),
        4 => header("To: {} <sip:a@h>\r\n"),
        5 => header("P-Asserted-Identity: \"x\" <sip:{}@h>, <tel:{}>\r\n"),
        6 => header("P-Preferred-Identity: <sip:{}@h>\r\n"),
        7 => header("Remote-Party-ID: \"{}\" <sip:{}@h>;party=calling;screen=yes\r\n"),
        8 => header("Diversion: <sip:{}@h>;reason=unconditional;counter=1\r\n"),
        9 => header("History-Info: <sip:{}@h?Reason=SIP%3Bcause%3D302>;index=1.1\r\n"),
        10 => header("m: <sip:{}@203.0.113.5:5060;ob>\r\n"),
        11 => header("P-Called-Party-ID: <sip:{}@h>\r\n"),
        12 => header("P-Charging-Vector: icid-value={};orig-ioi=h\r\n"),
        13 => header("Authorization: Digest username=\"{}\", uri=\"sip:{}@h\", response=\"n\"\r\n"),
        14 => header("Reason: Q.850;cause=1;text=\"{} unallocated\"\r\n"),
        15 => header("Warning: 399 h \"{}\"\r\n"),
        16 => header("X-Original-Number: {}\r\n"),
        17 => header("Referred-By:\r\n <sip:{}@h>\r\n"),
        18 => header("Contact: <sip:{}>\r\n"),
        19 => header("{} stands in a line without a name\r\n"),
        20 => line("s={}"),
        21 => line("p={}"),
        22 => invite("", &SDP.replace("o=-", &format!("o={number}"))),
        23 => invite("Content-Type: text/plain\r\n", &format!("please call {number} back")),
        24 => line("a=X-caller:{}"),
        // Known from the From beside it.
        25 => header("From: <sip:{}@h>\r\nCall-ID: {}-99@h\r\n"),
        26 => header("From: <sip:{}@h>;tag={}\r\n"),
        27 => header("From: <sip:{}@h>\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{}\r\n"),
        28 => header("From: <sip:{}@h>\r\nUser-Agent: phone of {}\r\n"),
        _ => invite(&format!("From: <sip:{number}@h>\r\n"), &SDP.replace("2890844526", number)),
    }
}

fn text_of(bytes: &[u8]) -> String {
    text(bytes)
}

/// The digits written in one of the ways that carriers and people use.
fn written(digits: &str, way: usize, place: usize) -> String {
    let spread =
        |separator: &str| format!("{}{separator}{}{separator}{}", &digits[..3], &digits[3..7], &digits[7..]);
    let each = |write: fn(char) -> String| digits.chars().map(write).collect();
    match way {
        // Only the plain form can be known again in an identifier.
        _ if place >= 25 => digits.to_owned(),
        0 => digits.to_owned(),
        1 => format!("+86{digits}"),
        2 => format!("0086{digits}"),
        3 => spread("-"),
        4 => spread("."),
        5 => spread(" "),
        6 => format!("({}) {}", &digits[..3], &digits[3..]),
        7 => each(|c| format!("%3{c}")),
        _ => each(|c| char::from_u32(c as u32 - '0' as u32 + 0xff10).unwrap().to_string()),
    }
}

fn masked(wire: &[u8], known: &[&str]) -> Vec<u8> {
    let message = Message::new(envelope(Direction::Sent, 0, "203.0.113.9:5060"), wire.to_vec());
    let ladder = Ladder::of(vec![message], false).masked(known.iter().copied());
    ladder.rungs()[0].message.bytes().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_whole_number_is_shown(place in 0..PLACES, way in 0..9_usize, digits in "(1[3-9][0-9]{9}|0[1-9][0-9]{9,10}|400[0-9]{7})") {
        let number = written(&digits, way, place);
        let wire = with(place, &number);
        prop_assert!(holds(&wire, &number));
        let shown = masked(&wire, &[]);
        prop_assert!(!holds(&shown, &number), "place {place}: {}", text(&shown));
        prop_assert!(!holds(&shown, &digits), "place {place}: {}", text(&shown));
        // Nor the eight digits that lead to the subscriber.
        prop_assert!(!holds(&shown, &digits[digits.len() - 8..]), "place {place}: {}", text(&shown));
        prop_assert_eq!(shown.len(), wire.len());
        prop_assert_eq!(uac::wire::parse(&shown).is_ok(), uac::wire::parse(&wire).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_masked_without_changing_length(wire in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(masked(&wire, &["+8613800138000"]).len(), wire.len());
    }

    #[test]
    fn any_text_of_digits_is_masked_without_changing_length(words in proptest::collection::vec(
        prop_oneof![
            Just("1"), Just("38"), Just("00138000"), Just("."), Just("-"), Just(" "), Just("%3"), Just("%31"),
            Just("１"), Just("\u{ff}"), Just("sip:"), Just("@"), Just("\r\n"), Just(";tag="), Just("SIP/2.0 "),
            Just("o="), Just("a=fmtp:"), Just("127.0.0.1"), Just(":"), Just("\u{1}"),
        ], 0..60))
    {
        let wire = words.concat();
        let shown = masked(wire.as_bytes(), &["+8613800138000"]);
        prop_assert_eq!(shown.len(), wire.len());
        prop_assert!(!holds(&shown, "00138000"));
    }
}

#[test]
fn numbers_are_masked_as_everywhere_in_the_house() {
    let headers = "From: \"400 800 1234\" <sip:4008001234@203.0.113.5>;tag=1928301774\r\n\
        P-Asserted-Identity: <tel:+86-138-0013-8000>\r\nX-Short: 10086, 555 1234\r\n";
    let shown = text(&masked(&invite(headers, SDP), &[]));
    for stays in [
        "\"40* *** 1234\" <sip:40****1234@203.0.113.5>;tag=1928301774",
        "<tel:+86-138-****-8000>",
        "X-Short: 10086, *** *234",
        "Via: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK776asdhds;rport",
        "INVITE sip:x@203.0.113.9:5060 SIP/2.0",
        SDP,
    ] {
        assert!(shown.contains(stays), "{stays}\nis not in\n{shown}");
    }
}

#[test]
fn a_number_seen_in_one_message_is_masked_in_all() {
    let one = invite("From: <sip:13800138000@h>\r\n", "");
    let other = b"SIP/2.0 200 OK\r\nCall-ID: 13800138000-1@h\r\nCSeq: 1 BYE\r\n\r\n".to_vec();
    let message = |micros, wire| Message::new(envelope(Direction::Sent, micros, "203.0.113.9:5060"), wire);
    let ladder = Ladder::of(vec![message(0, other), message(1, one)], false).masked([]);
    assert!(ladder.rungs()[0].message.text().contains("Call-ID: 138****8000-1@h"));
}

#[test]
fn a_number_that_only_the_attempt_knows_is_masked_too() {
    let wire = b"BYE sip:x@h SIP/2.0\r\nCall-ID: 13800138000-1@h\r\nCSeq: 1 BYE\r\n\r\n";
    assert!(text(&masked(wire, &["+8613800138000"])).contains("138****8000-1@h"));
}

#[test]
fn bodies_that_are_no_text_are_not_shown() {
    let isup = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: application/isup\r\n\r\n\
        \u{1}\u{11}1380\u{8}\r\n--b--\r\n";
    let shown = text(&masked(&invite("Content-Type: multipart/mixed;boundary=b\r\n", isup), &[]));
    assert!(
        !shown.contains("1380") && shown.contains("v=0") && shown.contains("application/isup"),
        "{shown}"
    );
}
