//! Whose packets are heard: what strangers send to a leg's port is counted and not heard, whether or not its peer has a
//! socket of its own; the peer may move when it has been silent, when its stream goes on, or when it is agreed on.

mod common;

use common::{Peer, call, config};
use media::{Heard, MediaConfig, MediaEngine, SourcePolicy};
use std::time::Duration;

#[test]
fn what_a_stranger_sends_beside_a_proven_peer_is_counted_and_not_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "stranger", true);
    leg.answered();
    peer.say(&vec![1000; 160 * 75]);
    let mut stranger = Peer::new(leg.local_port());
    stranger.press(5, 4, &[]);
    peer.say(&vec![1000; 160 * 20]);
    leg.close();
    let heard = facts.rest();
    assert!(!heard.iter().any(|heard| matches!(heard, Heard::Key { .. })), "{heard:?}");
    let stats = facts.stats();
    assert_eq!((stats.received, stats.strangers, stats.refused), (95, 7, 0), "{stats:?}");
}

#[test]
fn a_proven_peer_that_goes_on_from_another_address_is_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "moved", false);
    leg.answered();
    peer.say(&vec![0; 160 * 75]);
    // A stream that nobody knows may begin there only behind a long silence.
    let mut moved = Peer::new(leg.local_port()).with_ssrc(78);
    moved.say(&vec![0; 160 * 120]);
    moved.press(7, 5, &[]);
    let digit = facts.until(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None });
    assert_eq!(digit, '7');
    peer.drain();
    let next = peer.receive();
    assert_eq!(next.payload.len(), 160, "where we send to was agreed on, and stays");
}

#[test]
fn a_new_agreement_moves_the_stream_to_its_address() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut first) = call(&engine, "again", false);
    leg.answered();
    first.say(&vec![0; 160 * 75]);
    let before = first.receive();
    let mut second = Peer::new(leg.local_port()).with_ssrc(79);
    leg.connect(second.remote(media::Codec::Pcma));
    let after = second.receive();
    assert_eq!(before.header.ssrc, after.header.ssrc);
    second.say(&vec![0; 160 * 75]);
    second.press(3, 5, &[]);
    let digit = facts.until(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None });
    assert_eq!(digit, '3');
}

#[test]
fn the_same_stream_from_another_port_is_heard_at_once() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "rebound", false);
    leg.answered();
    peer.say(&vec![0; 160 * 20]);
    std::thread::sleep(Duration::from_millis(250));
    let mut rebound = peer.at_another_port();
    rebound.press(4, 5, &[]);
    let digit = facts.until(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None });
    assert_eq!(digit, '4');
}

#[test]
fn where_only_the_named_address_may_send_nobody_else_is_heard() {
    let staging = tempfile::tempdir().unwrap();
    let named = MediaConfig { source: SourcePolicy::Named, ..config(staging.path()) };
    let engine = MediaEngine::start(named).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "named", false);
    leg.answered();
    let mut stranger = Peer::new(leg.local_port());
    stranger.say(&vec![0; 160 * 10]);
    peer.say(&vec![0; 160 * 10]);
    leg.close();
    let stats = facts.stats();
    assert_eq!((stats.received, stats.strangers), (10, 10), "{stats:?}");
}

/// A stranger is first, and the peer takes over with its first packet: it sends from where it said it would.
#[test]
fn the_named_address_takes_over_from_whoever_was_first() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "raced", false);
    leg.answered();
    let mut stranger = Peer::new(leg.local_port()).with_ssrc(99);
    stranger.say(&vec![0; 160 * 5]);
    peer.say(&vec![0; 160 * 10]);
    stranger.press(9, 3, &[]);
    peer.press(1, 3, &[]);
    leg.close();
    let heard = facts.rest();
    let keys: Vec<char> = heard
        .iter()
        .filter_map(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None })
        .collect();
    assert_eq!(keys, ['1']);
    assert_eq!(facts.stats().strangers, 6);
}
