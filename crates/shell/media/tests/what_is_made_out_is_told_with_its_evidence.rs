//! What is made out by ear on a real socket in real time, and the evidence that is kept of it.

mod common;

use audio::{Dbm0, Tone, synth};
use common::{call, config};
use hearing::{Answered, Bench, FaxTone, Library, What};
use media::{Found, Heard, MediaConfig, MediaEngine, StagedRecording};
use std::sync::Arc;

fn found(told: &[Heard]) -> Vec<Found> {
    told.iter()
        .filter_map(|heard| if let Heard::Found(found) = heard { Some(**found) } else { None })
        .collect()
}

fn recording(told: &[Heard]) -> &StagedRecording {
    let Some(Heard::Closed(Some(recording))) = told.last() else { panic!("{told:?}") };
    recording
}

fn labels(recording: &StagedRecording) -> Vec<&str> {
    recording.cues.iter().map(|cue| cue.label.as_str()).collect()
}

#[test]
fn a_known_announcement_before_the_answer_is_told_and_kept_as_evidence() {
    let staging = tempfile::tempdir().unwrap();
    let clip = synth::babble(11, Dbm0(-16.0), 4600);
    let mut library = Library::default();
    library.add("powered_off-2", 3, &clip, &mut Bench::default()).unwrap();
    let config = MediaConfig { announcements: Arc::new(library), ..config(staging.path()) };
    let engine = MediaEngine::start(config).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "announced", true);
    peer.say(&synth::silence(1000));
    peer.say(&clip);
    leg.close();
    let told = facts.rest();
    let found = found(&told);
    let [.., last] = found[..] else { panic!("{told:?}") };
    assert_eq!((last.what, last.confidence, last.answered), (What::Announcement(0), 95, false));
    assert!((500..2000).contains(&last.from.as_millis()), "{found:?}");
    let recording = recording(&told);
    assert_eq!(labels(recording)[0], "heard: announcement powered_off-2");
    assert!((300..700).contains(&recording.cues[0].at.as_millis()), "{:?}", recording.cues);
    let pairs: Vec<i16> =
        hound::WavReader::open(&recording.path).unwrap().into_samples().map(Result::unwrap).collect();
    assert_eq!(pairs.len() as u64, recording.samples * 2);
    assert!((4 * 8000..=6 * 8000).contains(&recording.samples), "{}", recording.samples);
    assert!(pairs.iter().step_by(2).any(|sample| sample.abs() > 3000), "the announcement is heard");
    assert!(pairs.iter().skip(1).step_by(2).all(|sample| sample.abs() <= 8), "we said nothing");
}

#[test]
fn the_busy_tone_of_an_unanswered_call_is_kept_and_an_unclear_sound_is_not() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "busy", true);
    peer.say(&synth::call_progress(Tone::Busy, 450.0, Dbm0(-15.0), 1600));
    leg.close();
    assert_eq!(labels(recording(&facts.rest())), ["heard: busy tone"]);
    let (leg, mut facts, mut peer) = call(&engine, "murmur", true);
    peer.say(&synth::babble(3, Dbm0(-15.0), 1200));
    leg.close();
    assert_eq!(facts.rest(), [Heard::FirstPacket, Heard::EarlySound, Heard::Closed(None)]);
    assert_eq!(std::fs::read_dir(staging.path()).unwrap().count(), 1, "of the second nothing is left");
}

#[test]
fn a_fax_that_answers_is_told_and_marked_in_the_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "fax", true);
    leg.answered();
    peer.say(&synth::silence(300));
    peer.say(&synth::sines(&[2100.0], Dbm0(-12.0), 1500));
    let fax = facts.until(|heard| if let Heard::Found(found) = heard { Some(**found) } else { None });
    assert_eq!((fax.what, fax.confidence, fax.answered), (What::Fax(FaxTone::Answering), 95, true));
    assert!((200..600).contains(&fax.from.as_millis()), "{fax:?}");
    leg.close();
    let told = facts.rest();
    assert_eq!(labels(recording(&told)), ["heard: fax CED"]);
}

#[test]
fn a_key_proves_a_person_and_ends_the_listening() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "person", false);
    leg.answered();
    peer.say(&synth::silence(200));
    peer.press(1, 5, &[]);
    peer.say(&synth::sines(&[2100.0], Dbm0(-12.0), 1400));
    leg.close();
    let found: Vec<_> = found(&facts.rest()).iter().map(|found| (found.what, found.confidence)).collect();
    assert_eq!(found, [(What::Answered(Answered::Human), 100)]);
}

#[test]
fn what_was_kept_before_the_answer_is_no_part_of_the_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "answered", true);
    peer.say(&synth::call_progress(Tone::Busy, 450.0, Dbm0(-15.0), 1400));
    leg.answered();
    peer.say(&synth::silence(600));
    leg.close();
    let told = facts.rest();
    let recording = recording(&told);
    assert_eq!(labels(recording), [""; 0]);
    assert!(recording.samples < 8000, "{}", recording.samples);
}
