//! The session timer in virtual time: glare, failing refreshes, and strict routers on the way.

mod common;

use std::time::Duration;

use common::{Call, PEER};
use uac::{Event, Failure, FailureKind, Input};

/// An answered call whose session is ours to refresh within 1800 s.
fn ours(allow: &str) -> Call {
    let mut call = Call::start();
    call.answer("INVITE", 200, "a", &[("Session-Expires", "1800;refresher=uac"), ("Allow", allow)]);
    call
}

#[test]
fn after_a_491_the_owner_of_the_call_id_waits_two_to_four_seconds() {
    let mut call = ours("INVITE");
    call.tick();
    assert_eq!((call.now, call.count("INVITE")), (Duration::from_secs(900), 2));
    call.ask(1, "INVITE", 1, "a", PEER, "v=0");
    assert_eq!(call.responses[0].1.status, 491, "ours is open");
    call.answer("INVITE", 491, "a", &[]);
    call.tick();
    let waited = call.now.saturating_sub(Duration::from_secs(900));
    assert!((2100..=4000).contains(&waited.as_millis()), "{waited:?}");
    assert_eq!((waited.as_millis() % 10, call.count("INVITE")), (0, 3));
}

#[test]
fn our_refresh_waits_while_the_peers_offer_is_open() {
    let mut call = ours("INVITE");
    call.now = Duration::from_secs(899);
    call.ask(1, "INVITE", 1, "a", PEER, "v=0");
    call.now = Duration::from_secs(900);
    call.feed(Input::Tick);
    assert_eq!(call.count("INVITE"), 1);
    call.feed(Input::AnswerOffer(Some("v=0".to_owned())));
    call.ask(2, "ACK", 1, "a", PEER, "");
    call.tick_until(|call| call.count("INVITE") == 2);
    assert_eq!(call.sent("INVITE").body, b"v=0", "what we last described");
}

#[test]
fn a_peer_that_refuses_update_is_refreshed_by_reinvite() {
    for status in [405, 501] {
        let mut call = ours("INVITE, UPDATE");
        call.tick();
        assert_eq!((call.count("UPDATE"), call.count("INVITE")), (1, 1));
        call.answer("UPDATE", status, "a", &[]);
        assert_eq!((call.count("UPDATE"), call.count("INVITE")), (1, 2));
    }
}

#[test]
fn a_refresh_refused_in_passing_is_tried_again_until_the_session_ends() {
    let mut call = ours("UPDATE");
    while call.count("BYE") == 0 {
        call.tick();
        if call.count("BYE") == 0 {
            call.answer("UPDATE", 500, "a", &[("Retry-After", "10")]);
        }
    }
    assert_eq!(call.now, Duration::from_secs(1768), "half a minute before it expires");
    assert!((2..10).contains(&call.count("UPDATE")), "{}", call.count("UPDATE"));
    call.answer("BYE", 200, "a", &[]);
    let [Event::Failed(Failure { kind: FailureKind::Timeout, .. })] = call.terminal()[..] else {
        panic!("{:?}", call.events)
    };
}

#[test]
fn a_refresh_met_by_422_is_repeated_with_the_interval_it_asks_for() {
    // Half an hour was asked for: also what lies below that is longer than what was agreed.
    for (least, repeated) in [("120", true), ("3600", true), ("90", false)] {
        let mut call = Call::start();
        call.answer("INVITE", 200, "a", &[("Session-Expires", "90;refresher=uac"), ("Allow", "UPDATE")]);
        call.tick();
        call.answer("UPDATE", 422, "a", &[("Min-SE", least)]);
        assert_eq!(call.count("UPDATE") == 2, repeated, "{least}");
        if repeated {
            let second = call.sent("UPDATE").headers;
            assert_eq!(second.first("Session-Expires"), Some(format!("{least};refresher=uac").as_str()));
            assert_eq!(second.first("Min-SE"), Some(least));
        }
    }
}

#[test]
fn a_silent_refresh_ends_the_call_and_a_challenged_one_is_repeated() {
    let mut silent = ours("UPDATE");
    silent.tick_until(|call| call.count("BYE") == 1);
    assert_eq!((silent.now, silent.abandoned), (Duration::from_secs(932), 1));
    for allow in ["UPDATE", "INVITE"] {
        let mut call = ours(allow);
        call.tick();
        let method = if allow == "UPDATE" { "UPDATE" } else { "INVITE" };
        let first = call.sent(method);
        call.answer(method, 401, "a", &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")]);
        let second = call.sent(method);
        assert!(second.headers.first("Authorization").is_some(), "{method}");
        for name in ["Session-Expires", "Contact", "Min-SE"] {
            assert_eq!(first.headers.first(name), second.headers.first(name), "{method} {name}");
        }
        assert_eq!(first.body, second.body);
    }
}

#[test]
fn a_2xx_without_session_expires_sets_no_timer() {
    let mut call = Call::answered();
    call.tick();
    assert_eq!((call.now, call.count("BYE")), (Duration::from_secs(4 * 3600), 1), "only the longest call");
}

#[test]
fn a_strict_router_takes_the_request_uri_for_itself() {
    let mut call = Call::start();
    let routes = "<sip:loose.example;lr>, <sip:strict.example;method=INVITE>";
    call.answer("INVITE", 200, "a", &[("Record-Route", routes)]);
    let ack = &call.acks[0];
    assert_eq!(ack.uri, "sip:strict.example");
    let routes: Vec<_> = ack.headers.all("Route").collect();
    assert_eq!(routes, ["<sip:loose.example;lr>", "<sip:peer@192.0.2.9:5062>"]);
    assert_eq!(call.ack_hops[0].host, "strict.example");
}

#[test]
fn a_2xx_that_makes_no_dialog_is_acknowledged_and_ended() {
    let mut call = Call::start();
    let mut bare = common::response(&call.sent("INVITE"), 200, "a", &[]);
    bare.headers.remove("Contact");
    call.feed(Input::Response(bare, PEER));
    let mut other = Call::start();
    let mut misnumbered = common::response(&other.sent("INVITE"), 200, "a", &[]);
    misnumbered.headers.set("CSeq", "7 INVITE");
    other.feed(Input::Response(misnumbered, PEER));
    for mut call in [call, other] {
        assert_eq!((call.acks.len(), call.count("BYE")), (1, 1));
        assert_eq!(call.acks[0].headers.first("CSeq"), Some("1 ACK"));
        call.answer("BYE", 200, "a", &[]);
        let [Event::Failed(Failure { kind: FailureKind::Protocol, .. })] = call.terminal()[..] else {
            panic!("{:?}", call.events)
        };
    }
    // Where an early response told the Contact, the 2xx can do without.
    let mut told = Call::start();
    told.answer("INVITE", 180, "a", &[]);
    let mut bare = common::response(&told.sent("INVITE"), 200, "a", &[]);
    bare.headers.remove("Contact");
    told.feed(Input::Response(bare, PEER));
    assert!(matches!(told.events.last(), Some(Event::Answered { .. })));
}
