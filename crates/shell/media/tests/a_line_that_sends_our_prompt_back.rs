//! A called party whose telephone returns what it hears 100 ms later, over a real socket.

mod common;

use audio::{Clip, Codec, Dbm0, FRAME, Way, synth};
use common::{EVENT, Peer, call, config};
use hearing::{Answered, What};
use media::{Heard, MediaEngine, MediaLeg, Remote};
use std::{collections::VecDeque, ops::Range, sync::Arc, time::Duration};

/// Packets between what is heard and what is returned.
const LATER: usize = 5;
const SIX_DECIBELS: f32 = 0.5;
const FIFTEEN_DECIBELS: f32 = 0.178;

/// A key pressed while packets are returned: as an event in their place, or as tones added to them.
struct Press {
    packets: Range<u16>,
    digit: char,
    way: Way,
}

/// Returns as many packets as it is asked to.
fn return_what_comes(peer: &mut Peer, packets: u16, gain: f32, press: &Press) {
    let mut on_their_way: VecDeque<[i16; FRAME]> = [[0; FRAME]; LATER].into();
    let tone = synth::key(press.digit, Dbm0(-10.0), 200).unwrap();
    for n in 0..packets {
        on_their_way.push_back(quieter(&peer.receive().payload, gain));
        let echo = on_their_way.pop_front().unwrap();
        let nth = usize::from(n.wrapping_sub(press.packets.start));
        match press.way {
            Way::Event if press.packets.contains(&n) => {
                let last = n + 1 == press.packets.end;
                send_event(peer, press.digit, nth as u16 + 1, last);
                peer.pass(if last { press.packets.len() as u16 * FRAME as u16 } else { 0 });
                continue;
            }
            Way::Tone if press.packets.contains(&n) => speak(peer, &mixed(&echo, &tone[nth * FRAME..])),
            _ => speak(peer, &echo),
        }
        peer.pass(FRAME as u16);
    }
}

fn quieter(payload: &[u8], gain: f32) -> [i16; FRAME] {
    let mut samples = [0; FRAME];
    Codec::Pcma.decode(payload, &mut samples);
    samples.map(|sample| (f32::from(sample) * gain) as i16)
}

fn mixed(one: &[i16; FRAME], other: &[i16]) -> [i16; FRAME] {
    std::array::from_fn(|at| one[at].saturating_add(other[at]))
}

fn speak(peer: &mut Peer, sound: &[i16; FRAME]) {
    peer.send(8, false, &sound.map(|sample| Codec::Pcma.encode(sample)));
}

fn send_event(peer: &mut Peer, digit: char, packets: u16, last: bool) {
    let code = digit.to_digit(10).unwrap() as u8;
    let [high, low] = (packets * FRAME as u16).to_be_bytes();
    peer.send(EVENT, packets == 1, &[code, if last { 0x8A } else { 0x0A }, high, low]);
}

fn play(leg: &MediaLeg, sound: &[i16]) {
    leg.play(1, "greeting", Arc::new(Clip::from_pcm(sound)));
}

fn who(told: &[Heard]) -> Vec<Answered> {
    let found = |heard: &Heard| if let Heard::Found(found) = heard { Some(found.what) } else { None };
    let who = |what| if let What::Answered(who) = what { Some(who) } else { None };
    told.iter().filter_map(found).filter_map(who).collect()
}

fn keys(told: &[Heard]) -> Vec<(char, Way)> {
    let key = |heard: &Heard| if let Heard::Key { digit, way } = heard { Some((*digit, *way)) } else { None };
    told.iter().filter_map(key).collect()
}

#[test]
fn is_no_machine_and_no_speech_and_the_key_pressed_meanwhile_is_heard() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "returned", false);
    let minute = Duration::from_secs(60);
    leg.answered();
    leg.listen_span(1, "why", minute, minute);
    play(&leg, &synth::babble(4, Dbm0(-14.0), 5000));
    let press = Press { packets: 215..221, digit: '7', way: Way::Event };
    return_what_comes(&mut peer, 240, FIFTEEN_DECIBELS, &press);
    leg.close();
    let told = facts.rest();
    assert_eq!(who(&told), [Answered::Human], "by the key alone: {told:?}");
    assert_eq!(keys(&told), [('7', Way::Event)]);
    assert!(!told.contains(&Heard::SpeechStarted { span: 1 }), "{told:?}");
}

#[test]
fn presses_no_key_whose_tones_stand_in_the_prompt_and_hides_none_that_is_pressed() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "toned", false);
    leg.connect(Remote { telephone_events: [Some(EVENT), None], ..peer.remote(Codec::Pcma) });
    leg.answered();
    let key = |digit| synth::key(digit, Dbm0(-10.0), 120).unwrap();
    let (words, pause) = (synth::babble(4, Dbm0(-14.0), 600), synth::silence(200));
    play(&leg, &[&words[..], &key('5'), &pause, &key('6'), &pause, &words, &words].concat());
    let press = Press { packets: 85..95, digit: '5', way: Way::Tone };
    return_what_comes(&mut peer, 110, SIX_DECIBELS, &press);
    leg.close();
    assert_eq!(keys(&facts.rest()), [('5', Way::Tone)]);
}
