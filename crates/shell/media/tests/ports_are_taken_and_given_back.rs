//! Two ports a leg, an even one and the next, and a clear word when there are none.

mod common;

use common::{Facts, config, leg};
use media::{Heard, MediaConfig, MediaEngine, MediaError};
use std::net::{Ipv4Addr, UdpSocket};

/// A free pair of ports, held until dropped.
fn pair() -> ([UdpSocket; 2], u16) {
    std::iter::repeat_with(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .find_map(|first| {
            let port = first.local_addr().unwrap().port();
            let second = UdpSocket::bind((Ipv4Addr::LOCALHOST, port.checked_add(1)?)).ok()?;
            port.is_multiple_of(2).then_some(([first, second], port))
        })
        .unwrap()
}

fn engine_on(first: u16, last: u16) -> (MediaEngine, tempfile::TempDir) {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(MediaConfig { ports: first..=last, ..config(staging.path()) }).unwrap();
    (engine, staging)
}

#[test]
fn a_range_in_use_is_told_with_its_ports_and_the_remedy() {
    let (_held, port) = pair();
    let (engine, staging) = engine_on(port, port + 1);
    let error = engine.open(leg("none", true)).err().unwrap();
    assert!(matches!(error, MediaError::NoPortFree { .. }));
    let text = error.to_string();
    assert!(text.contains(&port.to_string()) && text.contains("widen media.ports"), "{text}");
    assert_eq!(std::fs::read_dir(staging.path()).unwrap().count(), 0, "no file without a port");
}

#[test]
fn a_port_whose_neighbour_is_taken_is_none() {
    let ([first, _second], port) = pair();
    drop(first);
    let (engine, _staging) = engine_on(port, port + 1);
    assert!(matches!(engine.open(leg("halved", false)), Err(MediaError::NoPortFree { .. })));
}

#[test]
fn a_range_without_a_pair_has_none() {
    for (first, last) in [(20_001, 20_001), (20_002, 20_002), (20_001, 20_002)] {
        let (engine, _staging) = engine_on(first, last);
        assert!(matches!(engine.open(leg("odd", false)), Err(MediaError::NoPortFree { .. })));
    }
}

#[test]
fn a_closed_legs_port_serves_the_next_one() {
    let (held, port) = pair();
    let (engine, _staging) = engine_on(port, port + 1);
    drop(held);
    for turn in 0..3 {
        let (leg, facts) = engine.open(leg(&format!("turn-{turn}"), false)).unwrap();
        assert_eq!(leg.local_port(), port);
        assert!(matches!(engine.open(common::leg("too-many", false)), Err(MediaError::NoPortFree { .. })));
        leg.close();
        assert_eq!(Facts::new(facts).rest(), [Heard::Closed(None)]);
    }
}

#[test]
fn an_address_of_another_machine_is_told() {
    let staging = tempfile::tempdir().unwrap();
    let config = MediaConfig { bind: Ipv4Addr::new(192, 0, 2, 1).into(), ..config(staging.path()) };
    let error = MediaEngine::start(config).unwrap().open(leg("elsewhere", false)).err().unwrap();
    assert!(error.to_string().contains("set media.bind to an address of this machine"), "{error}");
}
