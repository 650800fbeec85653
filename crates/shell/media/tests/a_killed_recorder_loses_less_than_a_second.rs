//! The engine in a process of its own, killed with signal 9 in a call: what was said up to less than a second before
//! is in the file, and so are its markers.

mod common;

use audio::{Clip, Dbm0, cues_in, synth};
use common::{call, config};
use media::{Marker, MediaEngine};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Where the child records; set, this process is the child.
const STAGING: &str = "HUIFANG_TEST_STAGING";
/// Lines that the child writes.
const ANSWERED: &str = "answered";
/// A piece of 0.75 s and the 0.2 s in which late packets still find their place, a tick, and what a loaded machine
/// takes to write.
const MOST_LOST: Duration = Duration::from_millis(1000);

fn record_until_killed(staging: &Path) {
    let engine = MediaEngine::start(config(staging)).unwrap();
    let (leg, _facts, mut peer) = call(&engine, "killed", true);
    leg.answered();
    println!("{ANSWERED}");
    leg.mark(Marker::At { place: "stability".into() });
    leg.play(1, "stability", Arc::new(Clip::from_pcm(&synth::sines(&[600.0], Dbm0(-10.0), 1000))));
    peer.press(5, 10, &[]);
    peer.say(&synth::sines(&[800.0], Dbm0(-10.0), 60_000));
}

#[test]
fn what_was_said_a_second_before_is_kept_with_its_markers() {
    if let Some(staging) = env::var_os(STAGING) {
        record_until_killed(&PathBuf::from(staging));
        return;
    }
    let staging = tempfile::tempdir().unwrap();
    let name = "what_was_said_a_second_before_is_kept_with_its_markers";
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(STAGING, staging.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answered = lines.map_while(Result::ok).find(|line| line.contains(ANSWERED)).map(|_| Instant::now());
    let answered = answered.expect("the child answers");
    // Any moment will do: this is no wait for an event, but the call's length.
    thread::sleep(Duration::from_millis(3870));
    child.kill().unwrap();
    let lasted = answered.elapsed();
    child.wait().unwrap();

    let file = fs::read(staging.path().join("killed.wav.part")).unwrap();
    let sound = u32::from_le_bytes(file[40..44].try_into().unwrap()) as usize;
    let kept = Duration::from_micros(sound as u64 / 4 * 125);
    let lost = lasted.saturating_sub(kept);
    println!("killed after {lasted:?}: {kept:?} kept, {lost:?} lost");
    assert!(lost <= MOST_LOST, "{lost:?} lost of {lasted:?}");
    assert!(kept <= lasted + Duration::from_millis(20));
    let mut labels: Vec<String> = cues_in(&file[44 + sound..]).into_iter().map(|cue| cue.label).collect();
    // The key and the beginning are at the same moment, give or take a tick.
    labels.sort();
    assert_eq!(labels, ["at stability", "key 5", "prompt begins: stability", "prompt ends: stability"]);
}
