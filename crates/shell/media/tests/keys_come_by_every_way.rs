//! Events, tones and INFO, sent over a real socket in real time: each press is told once, with its way.

mod common;

use audio::{Codec, Dbm0, Way, synth};
use common::{Facts, Peer, call, config};
use media::{Heard, InBand, KeyPolicy, MediaConfig, MediaEngine, MediaLeg, Remote};

/// The keys told, with their ways.
fn keys(told: &[Heard]) -> Vec<(char, Way)> {
    let key = |heard: &Heard| if let Heard::Key { digit, way } = heard { Some((*digit, *way)) } else { None };
    told.iter().filter_map(key).collect()
}

/// A leg whose peer has agreed to no telephone events, under a policy, on a recorded call.
struct Toned {
    leg: MediaLeg,
    facts: Facts,
    peer: Peer,
    _engine: MediaEngine,
    _staging: tempfile::TempDir,
}

fn without_events(keys: KeyPolicy) -> Toned {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(MediaConfig { keys, ..config(staging.path()) }).unwrap();
    let (leg, facts, peer) = call(&engine, "toned", true);
    leg.connect(Remote { telephone_events: [Some(common::EVENT), None], ..peer.remote(Codec::Pcma) });
    leg.answered();
    Toned { leg, facts, peer, _engine: engine, _staging: staging }
}

fn tone(digit: char) -> Vec<i16> {
    [synth::key(digit, Dbm0(-10.0), 80).unwrap(), synth::silence(60)].concat()
}

#[test]
fn tones_are_heard_where_no_events_were_agreed_on() {
    let mut toned = without_events(KeyPolicy::default());
    toned.peer.say(&synth::silence(100));
    for digit in "1590*#1".chars() {
        toned.peer.say(&tone(digit));
    }
    toned.leg.close();
    let told = toned.facts.rest();
    assert_eq!(keys(&told), "1590*#1".chars().map(|digit| (digit, Way::Tone)).collect::<Vec<_>>());
    let held = told.iter().filter_map(|heard| match heard {
        Heard::KeyReleased { digit: '5', held_ms } => Some(*held_ms),
        _ => None,
    });
    let held: Vec<u32> = held.collect();
    assert!(held.len() == 1 && held[0].abs_diff(80) <= 12, "{held:?}");
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    let labels: Vec<&str> = recording.cues.iter().map(|cue| cue.label.as_str()).collect();
    assert_eq!(labels[..2], ["key 1 by tone", "key 5 by tone"]);
    let apart = recording.cues[1].at.saturating_sub(recording.cues[0].at);
    assert!(apart.as_millis().abs_diff(140) <= 10, "{apart:?} apart");
}

#[test]
fn tones_are_sound_like_any_other_where_events_were_agreed_on() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, facts, mut peer) = call(&engine, "agreed", false);
    let mut facts = facts;
    leg.answered();
    peer.say(&tone('5'));
    leg.close();
    assert_eq!(keys(&facts.rest()), []);
}

#[test]
fn the_policy_may_listen_always_or_never() {
    for (in_band, events_agreed, heard) in [(InBand::Always, true, 1), (InBand::Never, false, 0)] {
        let mut toned = without_events(KeyPolicy { in_band, ..KeyPolicy::default() });
        if events_agreed {
            toned.leg.connect(toned.peer.remote(Codec::Pcma));
        }
        toned.peer.say(&[synth::silence(60), tone('5')].concat());
        toned.leg.close();
        assert_eq!(keys(&toned.facts.rest()).len(), heard, "{in_band:?}");
    }
}

#[test]
fn a_press_by_tones_and_events_and_info_at_once_is_one_key() {
    let mut toned = without_events(KeyPolicy::default());
    toned.peer.say(&synth::silence(60));
    // The gateway lets the tone through before its events begin, and tells the signalling as well.
    toned.peer.say(&synth::key('5', Dbm0(-10.0), 60).unwrap());
    toned.facts.until(|heard| (*heard == Heard::Key { digit: '5', way: Way::Tone }).then_some(()));
    toned.peer.press(5, 5, &[]);
    toned.leg.pressed_by_info('5');
    toned.peer.say(&synth::silence(200));
    // Pressed again, it comes first by INFO.
    toned.leg.pressed_by_info('5');
    toned.facts.until(|heard| (*heard == Heard::Key { digit: '5', way: Way::Info }).then_some(()));
    toned.peer.press(5, 5, &[]);
    toned.peer.say(&[synth::silence(60), tone('7')].concat());
    toned.leg.close();
    let told = toned.facts.rest();
    assert_eq!(keys(&told), [('7', Way::Tone)]);
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    let labels: Vec<&str> = recording.cues.iter().map(|cue| cue.label.as_str()).collect();
    assert_eq!(labels, ["key 5 by tone", "key 5 by info", "key 7 by tone"]);
}

#[test]
fn events_on_a_type_nobody_agreed_on_are_heard_if_the_policy_has_it() {
    for (unagreed_events, heard) in [(true, vec![('5', Way::Event), ('6', Way::Event)]), (false, vec![])] {
        let mut toned = without_events(KeyPolicy { unagreed_events, ..KeyPolicy::default() });
        for code in [5, 6] {
            toned.peer.say(&synth::silence(60));
            toned.peer.press_as(97, code, 5, &[]);
        }
        toned.peer.say(&synth::silence(60));
        toned.leg.close();
        assert_eq!(keys(&toned.facts.rest()), heard);
    }
}

#[test]
fn a_press_whose_end_packets_are_all_lost_is_released_in_time() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "endless", false);
    leg.answered();
    peer.press(8, 5, &[5, 6, 7]);
    let held = facts.until(|heard| match heard {
        Heard::KeyReleased { digit: '8', held_ms } => Some(*held_ms),
        _ => None,
    });
    assert_eq!(held, 100);
}
