//! No recording, no call: before the call leaves, and while it lasts.

mod common;

use audio::synth;
use common::{Facts, call, config, leg};
use media::{Heard, MediaEngine, MediaError};
use std::process::Command;

fn refusal(engine: &MediaEngine, id: &str) -> String {
    match engine.open(leg(id, true)) {
        Err(error @ MediaError::Recorder { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a leg opened"),
    }
}

#[test]
fn a_staging_directory_that_went_away_opens_no_leg() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(&staging.path().join("staged"))).unwrap();
    std::fs::remove_dir(staging.path().join("staged")).unwrap();
    let error = refusal(&engine, "gone");
    assert!(
        error.contains("gone.wav.part") && error.contains("check that the staging directory exists"),
        "{error}"
    );
    assert!(engine.open(leg("gone", false)).is_ok(), "what is not recorded needs no file");
}

#[test]
fn a_staging_path_that_is_a_file_starts_no_engine() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = MediaEngine::start(config(file.path())).err().unwrap().to_string();
    assert!(error.contains(&file.path().display().to_string()), "{error}");
}

#[test]
fn a_recording_is_never_written_over() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let kept = staging.path().join("kept.wav.part");
    std::fs::write(&kept, "another call").unwrap();
    refusal(&engine, "kept");
    assert_eq!(std::fs::read(&kept).unwrap(), b"another call");
}

#[test]
fn an_id_that_leads_out_of_the_directory_is_refused() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    for id in ["", "../x", "a/b", "a\0b", "a.b"] {
        assert!(refusal(&engine, id).contains("cannot name a recording"));
    }
}

#[test]
fn a_disk_that_cannot_hold_the_header_opens_no_leg_and_leaves_no_file() {
    if under_file_size_limit("a_disk_that_cannot_hold_the_header_opens_no_leg_and_leaves_no_file", 0) {
        let staging = tempfile::tempdir().unwrap();
        let engine = MediaEngine::start(config(staging.path())).unwrap();
        refusal(&engine, "full");
        assert_eq!(std::fs::read_dir(staging.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_disk_that_takes_no_more_is_told_at_once_and_claims_no_recording() {
    if under_file_size_limit("a_disk_that_takes_no_more_is_told_at_once_and_claims_no_recording", 40) {
        let staging = tempfile::tempdir().unwrap();
        let engine = MediaEngine::start(config(staging.path())).unwrap();
        let (leg, mut facts, mut peer) = call(&engine, "filling", true);
        leg.answered();
        peer.say(&synth::silence(2600));
        let error = facts.until(|heard| match heard {
            Heard::RecorderFailed { error } => Some(error.to_string()),
            _ => None,
        });
        assert!(error.contains("filling.wav.part") && error.contains("disk"), "{error}");
        leg.close();
        assert_eq!(facts.rest(), [Heard::Closed(None)]);
        let (_next, facts) = engine.open(common::leg("next", true)).unwrap();
        drop(Facts::new(facts));
    }
}

/// Runs the named test again in a process that can write no file longer than `kilobytes`, as on a full
/// disk; true in that process.
fn under_file_size_limit(test: &str, kilobytes: u32) -> bool {
    const MARK: &str = "MEDIA_TEST_FILE_SIZE_LIMIT";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    // bash counts kilobytes; the signal is ignored so that the write fails as ENOSPC does.
    let script = format!(r#"trap "" XFSZ; ulimit -f {kilobytes}; exec "$0" "$@""#);
    let output = Command::new("bash")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(MARK, "1")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}
