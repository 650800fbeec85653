//! A staged recording, measured by sox and ffprobe as well as by its samples.

mod common;

use audio::{Clip, Dbm0, PIECE, cues_in, synth};
use common::{call, config};
use media::{Heard, Marker, MediaConfig, MediaEngine, StagedRecording};
use std::{
    path::Path,
    process::Command,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

fn closed(told: &[Heard]) -> &StagedRecording {
    match told.last() {
        Some(Heard::Closed(Some(recording))) => recording,
        other => panic!("no recording: {other:?}"),
    }
}

/// Left and right.
fn channels(path: &Path) -> (Vec<i16>, Vec<i16>) {
    let samples: Vec<i16> =
        hound::WavReader::open(path).unwrap().into_samples::<i16>().map(Result::unwrap).collect();
    samples.chunks(2).map(|pair| (pair[0], pair[1])).unzip()
}

/// The first and last sample louder than the noise of coding, in milliseconds.
fn sounding(samples: &[i16]) -> (usize, usize) {
    let loud = |sample: &i16| sample.unsigned_abs() > 500;
    (samples.iter().position(loud).unwrap() / 8, samples.iter().rposition(loud).unwrap() / 8)
}

/// Milliseconds from one moment to another.
fn between(from: Instant, to: Instant) -> usize {
    to.duration_since(from).as_millis() as usize
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("sox and ffmpeg are installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn soxi(field: &str, path: &Path) -> String {
    output(Command::new("sox").args(["--info", field]).arg(path)).trim().to_owned()
}

/// The frequency that `sox stat` finds strongest, or nearly so, in one channel's sounding part.
fn rough_frequency(path: &Path, channel: &str) -> f64 {
    let stat = Command::new("sox")
        .args(["-t", "wav"])
        .arg(path)
        .args(["-n", "remix", channel, "silence", "1", "0.01", "2%", "trim", "0", "1", "stat"])
        .output()
        .unwrap();
    let text = String::from_utf8(stat.stderr).unwrap();
    let line = text.lines().find(|line| line.starts_with("Rough")).expect("sox stat names a frequency");
    line.split_whitespace().last().unwrap().parse().unwrap()
}

#[test]
fn the_customer_is_left_and_we_are_right_each_where_it_was_said() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "0190-both_sides", true);
    let began = Instant::now();
    peer.say(&synth::sines(&[800.0], Dbm0(-10.0), 300));
    let answered = Instant::now();
    leg.answered_at(answered);
    leg.mark(Marker::At { place: "问题 stability".into() });
    let marked = Instant::now();
    leg.play(1, "greeting", Arc::new(Clip::from_pcm(&synth::sines(&[600.0], Dbm0(-10.0), 1000))));
    peer.say(&synth::silence(1200));
    peer.press(5, 15, &[3]);
    peer.say(&synth::sines(&[1000.0], Dbm0(-10.0), 1000));
    peer.say(&synth::silence(500));
    let ended = Instant::now();
    leg.close_at(ended);

    let told = facts.rest();
    let recording = closed(&told);
    let path = staging.path().join("0190-both_sides.wav.part");
    assert_eq!(recording.path, path);
    let (millis, length) = (recording.samples as usize / 8, between(answered, ended));
    assert!(millis.abs_diff(length) <= 20, "{millis} ms of {length}");
    let (left, right) = channels(&path);
    assert_eq!(left.len() as u64, recording.samples);
    // Pressed 1500 ms, and spoken 1800 ms, behind the first packet by the customer's clock; the tick and the network take
    // up to 40 ms, and some more on a busy machine.
    let (pressed, spoken) = (1500 - between(began, answered), 1800 - between(began, answered));
    let (from, to) = sounding(&left[400 * 8..]);
    assert!((from + 400).abs_diff(spoken) <= 100 && (to - from).abs_diff(1000) <= 100, "{from}–{to}");
    let (from, to) = sounding(&right);
    // Ticks that a busy machine leaves out lengthen a prompt.
    assert!(from <= 200 && (950..1400).contains(&(to - from)), "{from}–{to}");
    assert!((rough_frequency(&path, "2") - 600.0).abs() < 30.0);

    // The tone may pass for a beep.
    let cues: Vec<_> = recording.cues.iter().filter(|cue| !cue.label.starts_with("heard: ")).collect();
    let labels: Vec<&str> = cues.iter().map(|cue| cue.label.as_str()).collect();
    assert_eq!(labels, ["at 问题 stability", "prompt begins: greeting", "prompt ends: greeting", "key 5"]);
    assert!(cues[0].at <= marked - answered + Duration::from_millis(1), "a moment is cut to its sample");
    assert!((cues[3].at.as_millis() as usize).abs_diff(pressed) <= 100, "{:?}", recording.cues);
    assert!(recording.stats.received >= 150 && recording.stats.lost == 1, "{:?}", recording.stats);
}

#[test]
fn sox_and_ffprobe_take_the_file_with_its_cue_points() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "measured", true);
    leg.answered();
    leg.mark(Marker::Transfer);
    peer.say(&synth::babble(1, Dbm0(-15.0), 1500));
    leg.mark(Marker::At { place: "even".into() });
    leg.close();
    let told = facts.rest();
    let recording = closed(&told);
    let path = &recording.path;
    assert_eq!(soxi("-t", path), "wav");
    assert_eq!(soxi("-c", path), "2");
    assert_eq!(soxi("-r", path), "8000");
    assert_eq!(soxi("-b", path), "16");
    assert_eq!(soxi("-s", path), recording.samples.to_string());
    let entries = "stream=codec_name,channels,duration_ts";
    let probed = output(
        Command::new("ffprobe").args(["-v", "warning", "-of", "csv=p=0", "-show_entries", entries]).arg(path),
    );
    assert_eq!(probed.trim(), format!("pcm_s16le,2,{}", recording.samples));

    let file = std::fs::read(path).unwrap();
    let riff = u32::from_le_bytes(file[4..8].try_into().unwrap());
    assert_eq!(riff as usize + 8, file.len());
    let behind = &file[44 + recording.samples as usize * 4..];
    assert_eq!(&behind[..4], b"cue ");
    assert_eq!(behind[8..12], (recording.cues.len() as u32).to_le_bytes());
    assert_eq!(cues_in(behind), recording.cues);
    // Who answered is marked as well, once that is made out.
    let labels = recording.cues.iter().map(|cue| cue.label.as_str());
    let labels: Vec<&str> = labels.filter(|label| !label.starts_with("heard: ")).collect();
    assert_eq!(labels, ["transfer", "at even"]);
}

#[test]
fn a_hold_is_marked_where_it_begins_and_ends_however_often_it_is_told() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "held", true);
    leg.hold(false);
    let answered = Instant::now();
    leg.answered_at(answered);
    peer.say(&synth::silence(300));
    let paused = Instant::now();
    leg.hold(true);
    peer.say(&synth::silence(200));
    leg.hold(true);
    peer.say(&synth::silence(200));
    let resumed = Instant::now();
    leg.hold(false);
    peer.say(&synth::silence(200));
    leg.hold(false);
    let ended = Instant::now();
    leg.close();
    let told = facts.rest();
    let cues = &closed(&told).cues;
    let marks: Vec<_> = cues.iter().map(|cue| (cue.label.as_str(), cue.at.as_millis() as usize)).collect();
    let [("hold", hold), ("resume", resume)] = marks[..] else { panic!("{marks:?}") };
    let [paused, resumed, ended] = [paused, resumed, ended].map(|at| between(answered, at));
    // Each was ordered before the next 200 ms of sound began; a moment is cut to its sample.
    assert!(
        (paused - 1..=resumed - 400).contains(&hold) && (resumed - 1..=ended - 200).contains(&resume),
        "{marks:?}"
    );
}

#[test]
fn after_an_objection_nothing_more_is_kept() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "objects", true);
    let answered = Instant::now();
    leg.answered_at(answered);
    peer.say(&synth::silence(300));
    let objects = Instant::now();
    leg.stop_recording();
    let stopped = Instant::now();
    peer.say(&synth::sines(&[1000.0], Dbm0(-10.0), 1500));
    leg.mark(Marker::At { place: "too late".into() });
    leg.close();
    let told = facts.rest();
    let recording = closed(&told);
    let length = between(answered, objects) - 1..=between(answered, stopped);
    assert!(length.contains(&(recording.samples as usize / 8)), "{length:?}: {recording:?}");
    assert!(recording.cues.is_empty());
    let (left, _) = channels(&recording.path);
    assert!(left.iter().all(|sample| sample.unsigned_abs() < 100), "the voice after the objection");
}

#[test]
fn while_it_grows_the_file_can_be_read_up_to_the_last_second() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, _facts, mut peer) = call(&engine, "growing", true);
    leg.answered();
    peer.say(&synth::silence(2600));
    let limit = Instant::now() + Duration::from_secs(10);
    let path = staging.path().join("growing.wav.part");
    let read = || hound::WavReader::open(&path).map_or(0, |wav| wav.duration());
    while read() < 16_000 && Instant::now() < limit {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(read() >= 16_000 && (read() as usize).is_multiple_of(PIECE), "{} samples", read());
}

#[test]
fn a_call_never_answered_leaves_no_file() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "unanswered", true);
    assert!(staging.path().join("unanswered.wav.part").exists(), "it is there before the call leaves");
    peer.say(&synth::babble(1, Dbm0(-15.0), 200));
    leg.close();
    assert_eq!(facts.rest().last(), Some(&Heard::Closed(None)));
    assert_eq!(std::fs::read_dir(staging.path()).unwrap().count(), 0);
}

#[test]
fn the_engines_end_finishes_every_recording() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(MediaConfig { threads: 2, ..config(staging.path()) }).unwrap();
    let mut calls: Vec<_> = (0..5).map(|n| call(&engine, &format!("call-{n}"), true)).collect();
    for (leg, _, _) in &calls {
        leg.answered();
    }
    calls[0].2.say(&synth::silence(1500));
    engine.shutdown();
    for (_leg, facts, _) in &mut calls {
        let told = facts.rest();
        let recording = closed(&told);
        assert!(recording.samples >= 1400 * 8, "{recording:?}");
        assert_eq!(soxi("-s", &recording.path), recording.samples.to_string());
    }
}
