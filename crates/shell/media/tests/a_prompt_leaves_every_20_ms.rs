//! What a leg sends, captured on the wire.

mod common;

use audio::{Clip, Codec, Dbm0, FRAME, synth};
use common::{Facts, Peer, Received, call, config, leg};
use media::{Heard, MediaEngine};
use std::{sync::Arc, time::Duration};

fn clip(millis: u32) -> Arc<Clip> {
    Arc::new(Clip::from_pcm(&synth::sines(&[600.0], Dbm0(-12.0), millis)))
}

fn is_silence(received: &Received, codec: Codec) -> bool {
    received.payload.iter().all(|&octet| octet == codec.silence())
}

fn assert_one_stream(packets: &[Received]) {
    for pair in packets.windows(2) {
        let (one, next) = (&pair[0].header, &pair[1].header);
        assert_eq!(next.ssrc, one.ssrc);
        assert_eq!(next.sequence, one.sequence.wrapping_add(1));
        // A left-out tick of an overloaded machine advances the timestamp by whole frames.
        let step = next.timestamp.wrapping_sub(one.timestamp);
        assert!(step >= 160 && step.is_multiple_of(160), "{step}");
    }
}

#[test]
fn a_prompt_is_sent_frame_by_frame_between_silence() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, peer) = call(&engine, "prompt", false);
    let first = peer.receive();
    assert!(first.header.marker && is_silence(&first, Codec::Pcma));
    assert_eq!(first.header.payload_type, 8);

    let clip = clip(2000);
    leg.play(3, "prompt", Arc::clone(&clip));
    let packets: Vec<Received> = (0..115).map(|_| peer.receive()).collect();
    assert_one_stream(&packets);
    let start = packets.iter().position(|packet| !is_silence(packet, Codec::Pcma)).unwrap();
    for (n, packet) in packets[start..start + clip.frames()].iter().enumerate() {
        assert_eq!(packet.payload, clip.frame(Codec::Pcma, n).unwrap(), "frame {n}");
        assert_eq!(packet.header.marker, n == 0, "the marker begins the talk-spurt");
    }
    assert!(packets[start + clip.frames()..].iter().all(|packet| is_silence(packet, Codec::Pcma)));
    assert_eq!(facts.next(), Some(Heard::PromptDone { play: 3 }));
    assert_paced(&packets);
}

/// Against absolute deadlines, so that an error would add up; by medians, since the machine may be loaded.
fn assert_paced(packets: &[Received]) {
    let begin = packets[0].at;
    let off: Vec<i64> =
        (0..).zip(packets).map(|(n, packet)| (packet.at - begin).as_micros() as i64 - n * 20_000).collect();
    let median = |part: &[i64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part[part.len() / 2]
    };
    let third = off.len() / 3;
    let drift = median(&off[2 * third..]) - median(&off[..third]);
    let middle = median(&off);
    let spread: Vec<i64> = off.iter().map(|off| (off - middle).abs()).collect();
    assert!(drift.abs() < 10_000 && median(&spread) < 10_000, "{off:?}");
}

#[test]
fn a_new_answer_changes_codec_and_address_but_not_the_stream() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, _facts, early) = call(&engine, "reanswered", false);
    let before = early.receive();
    let answering = Peer::new(leg.local_port());
    leg.connect(answering.remote(Codec::Pcmu));
    let after = answering.receive();
    assert_eq!(after.header.payload_type, 0);
    assert!(is_silence(&after, Codec::Pcmu));
    assert_eq!(after.header.ssrc, before.header.ssrc);
    let packets = u32::from(after.header.sequence.wrapping_sub(before.header.sequence));
    let samples = after.header.timestamp.wrapping_sub(before.header.timestamp);
    assert!(packets >= 1 && samples >= packets * FRAME as u32, "{packets} packets, {samples} samples");
}

#[test]
fn a_stopped_prompt_is_silent_and_a_replaced_one_never_done() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, peer) = call(&engine, "replaced", false);
    leg.play(1, "prompt", clip(5000));
    while is_silence(&peer.receive(), Codec::Pcma) {}
    leg.play(2, "prompt", clip(5000));
    leg.stop_play();
    leg.play(3, "prompt", clip(100));
    assert_eq!(facts.next(), Some(Heard::PromptDone { play: 3 }));
    leg.play(4, "prompt", clip(5000));
    leg.stop_play();
    leg.close();
    assert_eq!(facts.rest(), [Heard::Closed(None)]);
}

#[test]
fn on_hold_nothing_is_sent_and_the_prompt_waits() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, peer) = call(&engine, "held", false);
    let before = peer.receive();
    leg.hold(true);
    leg.play(1, "prompt", clip(400));
    std::thread::sleep(Duration::from_millis(100));
    peer.drain();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(peer.drain(), 0, "packets on hold");
    leg.hold(false);
    let after = peer.receive();
    assert!(after.header.marker, "sending begins anew");
    let samples = after.header.timestamp.wrapping_sub(before.header.timestamp);
    assert!(samples >= 350 * 8, "the clock ran on: {samples}");
    assert_eq!(facts.next(), Some(Heard::PromptDone { play: 1 }));
}

#[test]
fn nothing_leaves_before_the_peer_is_known_and_nothing_after_the_close() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, facts) = engine.open(leg("quiet", false)).unwrap();
    let mut facts = Facts::new(facts);
    let peer = Peer::new(leg.local_port());
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(peer.drain(), 0);
    leg.connect(peer.remote(Codec::Pcma));
    peer.receive();
    assert_eq!(engine.legs(), 1);
    drop(leg);
    assert_eq!(facts.rest(), [Heard::Closed(None)]);
    peer.drain();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(peer.drain(), 0);
    assert_eq!(engine.legs(), 0);
}
