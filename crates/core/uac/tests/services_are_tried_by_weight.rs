//! The order of service records (RFC 2782).

use std::net::SocketAddr;

use proptest::prelude::*;
use uac::srv::{Target, order};
use uac::{Hop, Seed, Transport};

fn place(number: u16) -> SocketAddr {
    ([192, 0, 2, 1], number).into()
}

fn target(priority: u32, weight: u16, port: u16) -> Target {
    Target { priority, weight, addresses: vec![place(port)] }
}

fn ports(targets: &[Target], seed: u64) -> Vec<u16> {
    let mut root = [0; 16];
    root[..8].copy_from_slice(&seed.to_be_bytes());
    let ways = order(targets, Transport::Tcp, &mut Seed::new(root));
    ways.iter().map(|way| way.port.unwrap()).collect()
}

#[test]
fn lower_priorities_always_go_first() {
    let targets = [target(20, 100, 3), target(10, 1, 1), target(30, 65_535, 4), target(11, 0, 2)];
    for seed in 0..100 {
        assert_eq!(ports(&targets, seed), [1, 2, 3, 4]);
    }
}

#[test]
fn weights_share_the_first_place() {
    const DRAWS: u64 = 20_000;
    let targets = [target(1, 60, 1), target(1, 30, 2), target(1, 10, 3), target(1, 0, 4)];
    let mut firsts = [0_u64; 5];
    for seed in 0..DRAWS {
        firsts[usize::from(ports(&targets, seed)[0])] += 1;
    }
    // 0 to 100 inclusive are 101 numbers; the one of weight 0 has a single one of them.
    for (port, numbers) in [(1, 60), (2, 30), (3, 10), (4, 1)] {
        let share = firsts[port] as f64 / DRAWS as f64;
        let expected = f64::from(numbers) / 101.0;
        assert!((share - expected).abs() < 0.012, "target {port}: {share} instead of {expected}");
    }
}

#[test]
fn the_second_place_is_drawn_among_the_rest() {
    const DRAWS: u64 = 20_000;
    let targets = [target(1, 80, 1), target(1, 15, 2), target(1, 5, 3)];
    let after_first = (0..DRAWS).map(|seed| ports(&targets, seed)).filter(|order| order[0] == 1);
    let (mut all, mut heavier) = (0_u64, 0_u64);
    for order in after_first {
        all += 1;
        heavier += u64::from(order[1] == 2);
    }
    let share = heavier as f64 / all as f64;
    assert!((share - 0.75).abs() < 0.05, "{share}");
}

#[test]
fn a_target_keeps_the_order_of_its_addresses() {
    let two =
        Target { priority: 1, weight: 5, addresses: vec![place(9), "[2001:db8::1]:9".parse().unwrap()] };
    let mut seed = Seed::new([7; 16]);
    let ways = order(&[two], Transport::Tls, &mut seed);
    assert_eq!(ways[0], Hop::resolved(place(9), Transport::Tls));
    assert_eq!(ways[1].host, "2001:db8::1");
}

proptest! {
    #[test]
    fn every_place_comes_exactly_once(
        records in prop::collection::vec((0_u32..4, any::<u16>(), 1_u16..20), 0..12),
        seed: u64,
    ) {
        let targets: Vec<Target> = records.iter().map(|(p, w, port)| target(*p, *w, *port)).collect();
        let mut expected: Vec<u16> = records.iter().map(|(_, _, port)| *port).collect();
        expected.sort_unstable();
        expected.dedup();
        let mut seen = ports(&targets, seed);
        seen.sort_unstable();
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn one_seed_gives_one_order(weights in prop::collection::vec(any::<u16>(), 1..8), seed: u64) {
        let targets: Vec<Target> =
            weights.iter().enumerate().map(|(at, weight)| target(1, *weight, at as u16 + 1)).collect();
        prop_assert_eq!(ports(&targets, seed), ports(&targets, seed));
    }
}
