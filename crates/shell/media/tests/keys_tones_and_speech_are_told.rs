//! What a leg hears, sent over a real socket in real time.

mod common;

use audio::{Dbm0, FRAME_TIME, Tone, synth};
use common::{EVENT, Peer, call, config};
use media::{Heard, MediaConfig, MediaEngine};
use std::time::Duration;

#[test]
fn each_key_is_told_once_whatever_part_of_it_arrives() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "keys", false);
    leg.answered();
    let lost: [&[u16]; 4] = [&[], &[0], &[4, 5, 6, 7], &[0, 1, 2, 3, 4, 5]];
    for (code, lost) in (1..).zip(lost) {
        peer.say(&synth::silence(60));
        peer.press(code, 5, lost);
    }
    peer.say(&synth::silence(100));
    leg.close();
    let told = facts.rest();
    let digits: String = told
        .iter()
        .filter_map(|heard| if let Heard::Key { digit, .. } = heard { Some(*digit) } else { None })
        .collect();
    assert_eq!(digits, "1234");
    assert_eq!(told[0], Heard::FirstPacket);
    assert!(told.contains(&Heard::KeyReleased { digit: '1', held_ms: 100 }));
    assert_eq!(told.last(), Some(&Heard::Closed(None)));
}

#[test]
fn tones_and_announcements_are_told_in_early_media() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "early", false);
    peer.say(&synth::call_progress(Tone::Busy, 450.0, Dbm0(-15.0), 1600));
    peer.say(&synth::babble(3, Dbm0(-15.0), 1000));
    leg.close();
    assert_eq!(
        facts.rest(),
        [Heard::FirstPacket, Heard::Tone(Tone::Busy), Heard::EarlySound, Heard::Closed(None)]
    );
}

#[test]
fn a_spoken_answer_is_told_with_its_place_in_the_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "spoken", true);
    leg.answered();
    peer.say(&synth::silence(500));
    leg.listen_span(7, "why", Duration::from_secs(30), Duration::from_millis(800));
    peer.say(&synth::silence(500));
    peer.say(&synth::babble(2, Dbm0(-15.0), 1500));
    facts.until(|heard| (*heard == Heard::SpeechStarted { span: 7 }).then_some(()));
    peer.say(&synth::silence(1500));
    let (from, to) = facts.until(|heard| match heard {
        Heard::SpeechEnded { span: 7, from_ms, to_ms, spoke: true } => Some((*from_ms, *to_ms)),
        _ => None,
    });
    assert!(from.abs_diff(1000) < 200, "from {from} ms");
    assert!(to.abs_diff(2500) < 400, "to {to} ms");
    leg.close();
    let told = facts.rest();
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    // Who answered is marked as well, once that is made out.
    let spoken: Vec<_> = recording.cues.iter().filter(|cue| cue.label.starts_with("speech ")).collect();
    let labels: Vec<&str> = spoken.iter().map(|cue| cue.label.as_str()).collect();
    assert_eq!(labels, ["speech begins: why", "speech ends: why"]);
    assert_eq!(spoken[0].at.as_millis(), u128::from(from));
}

#[test]
fn a_span_in_which_nothing_is_said_ends_by_itself_or_when_stopped() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, _peer) = call(&engine, "speechless", false);
    leg.answered();
    leg.listen_span(1, "why", Duration::from_millis(300), Duration::from_millis(100));
    let ended = |heard: &Heard| match heard {
        Heard::SpeechEnded { span, from_ms, to_ms, spoke: false } => Some((*span, to_ms - from_ms)),
        _ => None,
    };
    assert_eq!(facts.until(ended), (1, 300));
    leg.listen_span(2, "why", Duration::from_secs(60), Duration::from_secs(1));
    leg.stop_span(1);
    leg.stop_span(2);
    assert_eq!(facts.until(ended).0, 2);
    leg.listen_span(3, "why", Duration::from_secs(60), Duration::from_secs(1));
    leg.close();
    assert_eq!(facts.until(ended).0, 3, "a span open at the end is told before it");
}

#[test]
fn missing_media_is_told_after_the_answer_only_and_not_on_hold() {
    let staging = tempfile::tempdir().unwrap();
    let patience = Duration::from_millis(600);
    let config = MediaConfig { no_media_after: patience, ..config(staging.path()) };
    let engine = MediaEngine::start(config).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "missing", false);
    std::thread::sleep(patience * 2);
    leg.hold(true);
    leg.answered();
    std::thread::sleep(patience * 2);
    leg.hold(false);
    peer.say(&synth::silence(100));
    assert_eq!(facts.next(), Some(Heard::FirstPacket), "no media was missed before");
    assert_eq!(facts.next(), Some(Heard::NoMedia));
}

#[test]
fn another_source_is_not_heard_while_the_peer_speaks() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "locked", true);
    leg.answered();
    let mut stranger = Peer::new(leg.local_port());
    for _ in 0..15 {
        peer.send(8, false, &[0xD5; 160]);
        stranger.send(EVENT, true, &[9, 0x80, 0, 160]);
        std::thread::sleep(FRAME_TIME);
    }
    leg.close();
    let told = facts.rest();
    assert!(!told.iter().any(|heard| matches!(heard, Heard::Key { .. })), "{told:?}");
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    assert_eq!(recording.stats.received, 15);
    assert_eq!(recording.stats.strangers, 15);
}
