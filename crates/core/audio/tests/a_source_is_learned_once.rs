//! Source locking: who is the peer, who is a stranger, and when the peer may move.

use audio::{Plausible, SourceLock, SourcePolicy};
use std::net::SocketAddr;

const FINE: Plausible = Plausible { agreed: true, continues: false };
const GOES_ON: Plausible = Plausible { agreed: true, continues: true };
const ODD: Plausible = Plausible { agreed: false, continues: false };
const SECOND: i64 = 8000;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn lock(policy: SourcePolicy) -> SourceLock {
    let mut lock = SourceLock::new(policy);
    lock.agree(at("192.0.2.1:4000"));
    lock
}

#[test]
fn each_policy_has_its_limit() {
    let sources = ["192.0.2.1:4000", "192.0.2.1:5000", "198.51.100.9:4000"];
    let table = [
        (SourcePolicy::Named, [true, false, false]),
        (SourcePolicy::Host, [true, true, false]),
        (SourcePolicy::Any, [true, true, true]),
    ];
    for (policy, takes) in table {
        for (source, takes) in sources.into_iter().zip(takes) {
            assert_eq!(lock(policy).takes(at(source), 0, || FINE), takes, "{policy:?} {source}");
        }
    }
}

#[test]
fn who_was_first_stays_and_others_are_strangers() {
    let mut lock = lock(SourcePolicy::Any);
    assert!(lock.takes(at("198.51.100.9:4000"), 0, || FINE));
    assert!(!lock.takes(at("198.51.100.8:4000"), 100, || GOES_ON));
    assert!(lock.takes(at("198.51.100.9:4000"), 200, || unreachable!("the peer is not looked at again")));
}

#[test]
fn a_payload_type_that_nobody_agreed_on_proves_nobody() {
    let mut lock = lock(SourcePolicy::Any);
    assert!(!lock.takes(at("192.0.2.1:4000"), 0, || ODD));
    assert_eq!(lock.source(), None);
}

#[test]
fn whoever_is_nearer_to_the_named_address_takes_over_and_never_gives_way() {
    let mut lock = lock(SourcePolicy::Any);
    for (now, source) in (0..).zip(["198.51.100.9:4000", "192.0.2.1:5000", "192.0.2.1:4000"]) {
        assert!(lock.takes(at(source), now, || FINE), "{source}");
    }
    for source in ["198.51.100.9:4000", "192.0.2.1:5000"] {
        assert!(!lock.takes(at(source), 10, || GOES_ON), "{source}");
    }
}

#[test]
fn behind_a_silence_the_stream_may_go_on_from_elsewhere() {
    let named = "192.0.2.1:4000";
    let table = [
        ("192.0.2.1:5000", SECOND / 10, GOES_ON, false),
        ("192.0.2.1:5000", SECOND, FINE, false),
        ("192.0.2.1:5000", 2 * SECOND, FINE, true),
        ("198.51.100.9:4000", 2 * SECOND, FINE, false),
        ("198.51.100.9:4000", SECOND / 5, GOES_ON, true),
        ("198.51.100.9:4000", 2 * SECOND, ODD, false),
    ];
    for (source, now, seen, takes) in table {
        let mut lock = lock(SourcePolicy::Any);
        assert!(lock.takes(at(named), 0, || FINE));
        assert_eq!(lock.takes(at(source), now, || seen), takes, "{source} at {now}, {seen:?}");
    }
}

#[test]
fn a_reoffer_with_another_address_is_learned_anew_and_one_with_the_same_is_not() {
    let mut lock = lock(SourcePolicy::Any);
    assert!(lock.takes(at("192.0.2.1:4000"), 0, || FINE));
    lock.agree(at("192.0.2.1:4000"));
    assert!(!lock.takes(at("203.0.113.5:6000"), 10, || FINE));
    lock.agree(at("203.0.113.5:6000"));
    assert!(lock.takes(at("192.0.2.1:4000"), 20, || FINE), "what was still on its way");
    assert!(lock.takes(at("203.0.113.5:6000"), 30, || FINE));
    assert!(!lock.takes(at("192.0.2.1:4000"), 40, || FINE));
}
