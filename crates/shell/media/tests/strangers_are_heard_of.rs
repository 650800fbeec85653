//! A leg that has a socket for its proven peer still counts what strangers send to its port, and still hears the peer
//! from another address once it is silent at the first one.

mod common;

use common::{Peer, call, config};
use media::{Heard, MediaEngine};

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
    let Some(Heard::Closed(Some(recording))) = heard.last() else { panic!("no recording: {heard:?}") };
    assert_eq!((recording.stats.received, recording.stats.refused), (95, 7), "{:?}", recording.stats);
}

#[test]
fn a_proven_peer_that_goes_on_from_another_address_is_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "moved", false);
    leg.answered();
    peer.say(&vec![0; 160 * 75]);
    let mut moved = Peer::new(leg.local_port()).with_ssrc(78);
    moved.say(&vec![0; 160 * 20]);
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
