//! Answer and end of a call are told with when they were on the wire: the recording lies between the two, though its
//! orders come when more of the line has been heard already.

mod common;

use audio::{Dbm0, synth};
use common::{call, config};
use media::{Heard, MediaEngine, StagedRecording};
use std::time::Instant;

fn tone(millis: u32) -> Vec<i16> {
    synth::sines(&[1000.0], Dbm0(-10.0), millis)
}

fn closed(told: &[Heard]) -> &StagedRecording {
    match told.last() {
        Some(Heard::Closed(Some(recording))) => recording,
        other => panic!("no recording: {other:?}"),
    }
}

/// The customer's side of a recording that is as long as the call was.
fn left(recording: &StagedRecording, (answered, ended): (Instant, Instant)) -> Vec<i16> {
    let length = ended.duration_since(answered).as_millis() as u64;
    assert!((recording.samples / 8).abs_diff(length) <= 20, "{} ms of {length}", recording.samples / 8);
    let wav = hound::WavReader::open(&recording.path).unwrap();
    let left: Vec<i16> = wav.into_samples::<i16>().map(Result::unwrap).step_by(2).collect();
    assert_eq!(left.len() as u64, recording.samples);
    left
}

fn is_loud(sound: &[i16]) -> bool {
    sound.iter().any(|sample| sample.unsigned_abs() > 5000)
}

/// A call whose end is told so late; meanwhile the line is heard as before.
fn ends(late: u32) {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "late", true);
    leg.answered();
    let answered = Instant::now();
    peer.say(&tone(700));
    peer.press(5, 5, &[]);
    peer.say(&tone(100));
    let ended = Instant::now();
    peer.say(&tone(late - 100));
    peer.press(7, 5, &[]);
    leg.close_at(ended);

    let told = facts.rest();
    let recording = closed(&told);
    let left = left(recording, (answered, ended));
    assert!(is_loud(&left[left.len() - 60 * 8..]), "what was said up to the end is there");
    let keys: Vec<&str> = recording.cues.iter().map(|cue| cue.label.as_str()).collect();
    assert!(keys.contains(&"key 5") && !keys.contains(&"key 7"), "{keys:?}");
}

#[test]
fn an_end_that_is_told_200_ms_late_moves_nothing() {
    ends(200);
}

#[test]
fn what_was_written_behind_an_end_told_a_second_late_is_cut_off() {
    ends(1000);
}

#[test]
fn what_was_said_since_an_answer_that_is_told_late_is_in_the_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "late", true);
    peer.say(&tone(200));
    let answered = Instant::now();
    peer.say(&tone(200));
    peer.say(&synth::silence(100));
    leg.answered_at(answered);
    peer.say(&synth::silence(900));
    let ended = Instant::now();
    leg.close_at(ended);

    let told = facts.rest();
    let recording = closed(&told);
    let left = left(recording, (answered, ended));
    let loud = |sample: &i16| sample.unsigned_abs() > 5000;
    let (from, to) = (left.iter().position(loud).unwrap() / 8, left.iter().rposition(loud).unwrap() / 8);
    // On a busy machine the first packet may be late, and all that follows seems to be.
    assert!(from <= 5 && (100..500).contains(&to), "{from}–{to} ms");
}
