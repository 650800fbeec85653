//! SRTP on a real socket, against the `webrtc-srtp` crate: what it seals is heard, what we seal it opens, and
//! nothing else is heard or sent.

mod common;
#[path = "common/secret.rs"]
mod secret;

use audio::{Clip, Codec, FRAME, HEADER_LEN};
use common::{EVENT, Facts, config, leg};
use media::{Heard, LegStats, MediaEngine, MediaLeg, Remote, SrtpKeys, StagedRecording, Suite, Way};
use secret::{LIMIT, SUITES, SecretPeer, context, keys};
use std::{sync::Arc, time::Duration};

fn secret_call(engine: &MediaEngine, keys: &SrtpKeys) -> (MediaLeg, Facts, SecretPeer) {
    let (leg, facts) = engine.open(leg("secret", true)).unwrap();
    leg.require_srtp();
    let peer = SecretPeer::new(leg.local_port(), keys);
    leg.connect(peer.remote(keys));
    (leg, Facts::new(facts), peer)
}

fn is_key(wanted: char) -> impl Fn(&Heard) -> Option<()> {
    move |heard| matches!(heard, Heard::Key { digit, .. } if *digit == wanted).then_some(())
}

/// Closes the leg; what was recorded, and what was told until then.
fn closed(leg: MediaLeg, mut facts: Facts) -> (StagedRecording, Vec<Heard>) {
    drop(leg);
    let mut told = facts.rest();
    match told.pop() {
        Some(Heard::Closed(Some(recording))) => (*recording, told),
        other => panic!("{other:?}"),
    }
}

fn stats(leg: MediaLeg, facts: Facts) -> LegStats {
    closed(leg, facts).0.stats
}

#[test]
fn both_directions_are_sealed_in_every_suite() {
    for (suite, _, tag) in SUITES {
        let staging = tempfile::tempdir().unwrap();
        let engine = MediaEngine::start(config(staging.path())).unwrap();
        let keys = keys(suite, 1);
        let (leg, mut facts, mut peer) = secret_call(&engine, &keys);
        leg.answered();
        let tone: Vec<i16> = (0..8 * FRAME).map(|n| ((n as f64 * 0.5).sin() * 9000.0) as i16).collect();
        leg.play(1, "prompt", Arc::new(Clip::from_pcm(&tone)));
        let clip = Clip::from_pcm(&tone);
        let mut said = Vec::new();
        while said.len() < 8 {
            let (length, received) = peer.receive();
            assert_eq!(length, HEADER_LEN + FRAME + tag);
            if received.payload != [0xD5; FRAME] {
                said.push(received.payload);
            }
            // It speaks at our pace.
            let loud = peer.sealed(8, &[0x2A; FRAME]);
            peer.send(&loud);
        }
        let expected: Vec<&[u8]> = (0..8).filter_map(|n| clip.frame(Codec::Pcma, n)).collect();
        assert_eq!(said, expected, "{suite:?}");

        peer.press(5);
        facts.until(is_key('5'));
        for _ in 0..5 {
            peer.receive();
        }
        let (recording, _) = closed(leg, facts);
        assert!(recording.stats.received > 8 && recording.stats.forged == 0, "{:?}", recording.stats);
        let mut sound = hound::WavReader::open(&recording.path).unwrap();
        let samples: Vec<i16> = sound.samples().map(Result::unwrap).collect();
        let mut loud = [0];
        Codec::Pcma.decode(&[0x2A], &mut loud);
        let heard = samples.iter().step_by(2).filter(|sample| **sample == loud[0]).count();
        assert!(heard > 6 * FRAME, "the recording holds the peer's sound in the clear, not {heard} samples");
        let ours = samples.iter().skip(1).step_by(2).filter(|sample| **sample != 0).count();
        assert!(ours > 7 * FRAME, "and ours: {ours} samples");
    }
}

#[test]
fn what_is_not_authentic_is_counted_and_never_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AesCm128HmacSha1Tag80, 1);
    let (leg, mut facts, mut peer) = secret_call(&engine, &keys);
    leg.answered();
    let clear = peer.packet(EVENT, &[1, 0x8A, 3, 0x20]);
    let mut forged = peer.sealed(EVENT, &[2, 0x8A, 3, 0x20]);
    forged[14] ^= 1;
    let replayed = peer.sealed(EVENT, &[3, 0x8A, 3, 0x20]);
    let torn_extension = [0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0xBE, 0xDE, 0, 1, 0x1F, 0, 0, 0];
    for datagram in [&clear[..], &forged, &replayed, &replayed, &replayed, &torn_extension, b"\x80\x08", b""]
    {
        peer.send(datagram);
    }
    peer.press(4);
    facts.until(is_key('4'));
    let (recording, told) = closed(leg, facts);
    let stats = recording.stats;
    assert!(!told.iter().any(|heard| matches!(heard, Heard::Key { .. })), "{told:?}");
    assert_eq!((stats.received, stats.duplicates), (2, 2));
    assert_eq!(stats.forged, 3, "clear, changed, and torn");
    assert_eq!(stats.refused, 2, "shorter than any packet");
}

#[test]
fn a_forgery_is_told_once() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AeadAes128Gcm, 1);
    let (leg, mut facts, mut peer) = secret_call(&engine, &keys);
    for _ in 0..20 {
        let clear = peer.packet(8, &[0x2A; FRAME]);
        peer.send(&clear);
    }
    assert_eq!(facts.next(), Some(Heard::Forged));
    peer.press(4);
    assert_eq!(facts.next(), Some(Heard::FirstPacket), "none of the others was heard");
    drop(leg);
}

#[test]
fn the_counts_run_through_wraps_and_senders_change() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AesCm128HmacSha1Tag32, 1);
    let (leg, mut facts, mut peer) = secret_call(&engine, &keys);
    leg.answered();
    peer.sequence = 65_533;
    for code in 1..=6 {
        peer.press(code);
        facts.until(is_key(char::from(b'0' + code)));
    }
    peer.ssrc = 78;
    peer.press(7);
    facts.until(is_key('7'));
    peer.ssrc = 77;
    peer.press(8);
    facts.until(is_key('8'));
    assert_eq!(stats(leg, facts).forged, 0);
}

#[test]
fn keys_change_in_the_call() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let before = keys(Suite::AesCm128HmacSha1Tag80, 1);
    let (leg, mut facts, mut peer) = secret_call(&engine, &before);
    leg.answered();
    peer.press(1);
    facts.until(is_key('1'));
    peer.receive();

    let after = keys(Suite::AeadAes128Gcm, 11);
    leg.connect(peer.remote(&after));
    peer.press(2);
    facts.until(is_key('2'));
    let late = peer.sealed(EVENT, &[9, 0x8A, 3, 0x20]);
    (peer.seals, peer.opens) = (context(&after.receive), context(&after.send));
    // What was under way in our direction is of the key before.
    let mut octets = [0; 2048];
    let opened = std::iter::repeat_with(|| {
        let (length, _) = peer.socket.recv_from(&mut octets).unwrap();
        peer.opens.decrypt_rtp(&octets[..length]).is_ok()
    });
    assert!(opened.take(200).any(|opened| opened), "we seal under the new key");
    peer.press(3);
    facts.until(is_key('3'));
    peer.send(&late);
    peer.press(4);
    facts.until(is_key('4'));
    assert_eq!(stats(leg, facts).forged, 1, "the key before ends with the first packet of the new one");
}

#[test]
fn a_hold_keeps_the_counts_of_the_same_keys() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AesCm128HmacSha1Tag80, 1);
    let (leg, mut facts, mut peer) = secret_call(&engine, &keys);
    leg.answered();
    let recorded = peer.sealed(EVENT, &[1, 0x8A, 3, 0x20]);
    peer.send(&recorded);
    facts.until(is_key('1'));
    leg.connect(peer.remote(&keys));
    peer.press(2);
    facts.until(is_key('2'));
    peer.send(&recorded);
    peer.press(3);
    facts.until(is_key('3'));
    assert_eq!(stats(leg, facts).duplicates, 1, "a packet from before is a replay");
}

#[test]
fn before_there_are_keys_nothing_is_sent_or_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AesCm128HmacSha1Tag80, 1);
    let (leg, facts) = engine.open(leg("secret", true)).unwrap();
    let mut facts = Facts::new(facts);
    leg.require_srtp();
    let mut peer = SecretPeer::new(leg.local_port(), &keys);
    leg.connect(Remote { srtp: None, ..peer.remote(&keys) });
    leg.answered();
    let clear = peer.packet(EVENT, &[1, 0x8A, 3, 0x20]);
    peer.send(&clear);
    // No packet of ours, nor a fact, in what would have brought ten of them.
    peer.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(peer.socket.recv_from(&mut [0; 2048]).is_err());
    peer.socket.set_read_timeout(Some(LIMIT)).unwrap();
    leg.connect(peer.remote(&keys));
    assert_eq!(peer.receive().0, HEADER_LEN + FRAME + 10);
    peer.press(2);
    assert_eq!(facts.next(), Some(Heard::FirstPacket));
    assert_eq!(facts.next(), Some(Heard::Key { digit: '2', way: Way::Event }));
    assert_eq!(stats(leg, facts).refused, 1);
}
