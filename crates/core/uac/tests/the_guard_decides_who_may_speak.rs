//! Who is listened to and who is answered, in virtual time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use proptest::prelude::*;
use uac::guard::{Guard, Network, Policy, Rate, Standing, Strangers, Why, is_scanner};
use uac::{Message, Request, wire};

const TRUNK: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const START: Duration = Duration::from_secs(1_000);

fn guard(policy: Policy) -> Guard {
    let mut guard = Guard::new(policy, [7; 16]);
    guard.trust("main", vec![Network::single(TRUNK)]);
    guard
}

fn refusing() -> Policy {
    Policy { strangers: Strangers::Refuse, ..Policy::default() }
}

fn four(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(number))
}

#[test]
fn the_trunks_addresses_are_known_and_change_with_them() {
    let mut guard = guard(Policy { trusted: vec!["203.0.113.0/28".parse().unwrap()], ..Policy::default() });
    let standing = |guard: &Guard, text: &str| guard.standing(text.parse().unwrap());
    assert_eq!(standing(&guard, "192.0.2.9"), Standing::Trunk);
    assert_eq!(standing(&guard, "::ffff:192.0.2.9"), Standing::Trunk, "IPv4 in IPv6 is IPv4");
    assert_eq!(standing(&guard, "203.0.113.15"), Standing::Trunk, "named by the operator");
    assert_eq!(standing(&guard, "192.0.2.10"), Standing::Stranger);
    guard.trust("main", vec!["192.0.2.10".parse().unwrap()]);
    assert_eq!(standing(&guard, "192.0.2.10"), Standing::Trunk);
    assert_eq!(standing(&guard, "192.0.2.9"), Standing::Stranger, "it has moved");
}

#[test]
fn by_default_a_stranger_hears_nothing() {
    let mut guard = guard(Policy::default());
    assert_eq!(guard.hear(START, STRANGER, 400), Ok(Standing::Stranger));
    assert_eq!(guard.answer(START, STRANGER, false, 400, 300), Err(Why::Stranger));
    assert_eq!(guard.answer(START, STRANGER, true, 400, 300), Err(Why::Stranger));
    assert_eq!(guard.answer(START, TRUNK, false, 400, 9_000), Ok(()));
    assert_eq!(
        (guard.counts().dropped(Why::Stranger), guard.counts().answered, guard.counts().heard),
        (2, 1, 1)
    );
}

#[test]
fn no_answer_is_larger_than_what_an_unproven_source_sent() {
    let mut guard = guard(refusing());
    assert_eq!(guard.answer(START, STRANGER, false, 400, 400), Ok(()));
    assert_eq!(guard.answer(START, STRANGER, false, 400, 401), Err(Why::Amplifies));
    assert_eq!(guard.answer(START, STRANGER, true, 400, 401), Ok(()), "a connection proves its source");
}

#[test]
fn strangers_answers_are_capped_by_source_by_neighbourhood_and_over_all() {
    let policy = refusing();
    let answered = |sources: &mut dyn Iterator<Item = IpAddr>| {
        let mut guard = guard(refusing());
        sources.filter(|from| guard.answer(START, *from, false, 9, 9).is_ok()).count() as u32
    };
    assert_eq!(answered(&mut std::iter::repeat_n(STRANGER, 1_000)), policy.source_answers.burst);
    let neighbours = answered(&mut (0..250).map(|host| four(0xC633_6400 + host)));
    assert_eq!(neighbours, policy.network_answers.burst);
    assert_eq!(answered(&mut (0..100_000).map(|network| four(network << 8))), policy.answers.burst);
    let one_party = (0..1_000).map(|host| IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) + host)));
    assert_eq!(answered(&mut one_party.into_iter()), policy.source_answers.burst, "an IPv6 /64 is one party");
}

#[test]
fn answers_come_back_with_time() {
    let mut guard = guard(refusing());
    while guard.answer(START, STRANGER, false, 9, 9).is_ok() {}
    let soon = START + Duration::from_millis(999);
    assert_eq!(guard.answer(soon, STRANGER, false, 9, 9), Err(Why::AnswersSpent));
    assert_eq!(guard.answer(START + Duration::from_secs(1), STRANGER, false, 9, 9), Ok(()));
}

#[test]
fn a_flood_of_strangers_takes_nothing_from_a_trunk() {
    let mut guard = guard(Policy::default());
    let read = (0..200_000).filter(|source| guard.hear(START, four(*source), 400).is_ok()).count() as u32;
    assert_eq!(read, Policy::default().strangers_rate.burst);
    assert_eq!(guard.hear(START, TRUNK, 400), Ok(Standing::Trunk));
    assert_eq!(guard.counts().dropped(Why::StrangerFlood), 200_000 - u64::from(read));
}

#[test]
fn one_stranger_cannot_use_up_what_all_have() {
    let mut guard = guard(Policy::default());
    let read = (0..100_000).filter(|_| guard.hear(START, STRANGER, 400).is_ok()).count() as u32;
    assert_eq!(read, Policy::default().stranger_rate.burst);
    assert_eq!(guard.hear(START, four(1), 400), Ok(Standing::Stranger));
}

#[test]
fn a_trunk_has_its_rate_too_and_each_address_its_own() {
    let rate = Rate { per_second: 100, burst: 10 };
    let mut guard = guard(Policy { trunk_rate: rate, ..Policy::default() });
    guard.trust("other", vec!["203.0.113.1".parse().unwrap()]);
    let read = (0..1_000).filter(|_| guard.hear(START, TRUNK, 400).is_ok()).count();
    assert_eq!(read, 10);
    assert_eq!(guard.hear(START, TRUNK, 400), Err(Why::TrunkFlood));
    assert_eq!(guard.hear(START, "203.0.113.1".parse().unwrap(), 400), Ok(Standing::Trunk));
    assert_eq!(guard.hear(START + Duration::from_millis(10), TRUNK, 400), Ok(Standing::Trunk));
}

#[test]
fn what_is_too_large_is_not_read() {
    let mut guard = guard(Policy::default());
    let most = guard.policy().limits.message;
    assert_eq!(guard.hear(START, TRUNK, most), Ok(Standing::Trunk));
    assert_eq!(guard.hear(START, TRUNK, most + 1), Err(Why::TooLarge));
}

#[test]
fn scanners_are_known_by_their_names() {
    let request = |header: &str, value: &str| {
        let text = format!(
            "OPTIONS sip:100@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n{header}: {value}\r\n\r\n"
        );
        let Ok(Message::Request(request)) = wire::parse(text.as_bytes()) else { panic!("{text}") };
        request
    };
    let named: [Request; 3] = [
        request("User-Agent", "friendly-scanner"),
        request("User-Agent", "SIPVicious/0.3"),
        request("Contact", "<sip:sundayddr@h>"),
    ];
    assert!(named.iter().all(is_scanner));
    assert!(!is_scanner(&request("User-Agent", "Huawei SoftX3000 V300R010")));
}

proptest! {
    /// In any window a rate gives no more than its burst and what has accrued since.
    #[test]
    fn no_order_of_messages_gets_more_than_the_rate(
        steps in prop::collection::vec((0..500_u64, 0..4_u32), 1..300),
        per_second in 1..50_u32,
        burst in 1..20_u32,
    ) {
        let rate = Rate { per_second, burst };
        let open = Rate::of(1_000_000);
        let policy = Policy { stranger_rate: rate, strangers_rate: open, ..Policy::default() };
        let mut guard = guard(policy);
        let (mut passed, mut read) = (Duration::ZERO, [0_u64; 4]);
        for (wait, source) in steps {
            passed += Duration::from_millis(wait);
            read[source as usize] += u64::from(guard.hear(START + passed, four(source), 1).is_ok());
            let accrued = passed.as_millis() as u64 * u64::from(per_second) / 1_000;
            prop_assert!(read[source as usize] <= u64::from(burst) + accrued);
        }
    }
}
