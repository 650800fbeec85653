//! What a killed process leaves in the staging directory is made whole, or kept aside; never deleted.

mod stage;

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use audio::{Cue, cue_chunks};
use stage::{ATTEMPT, Stage};

/// Sets the header back to what it is before the first flush, and cuts the file at `bytes`.
fn kill(path: &Path, sizes: u32, bytes: u64) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    for at in [4, 40] {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&sizes.to_le_bytes()).unwrap();
    }
    file.set_len(bytes).unwrap();
}

/// What sox and ffprobe make of a file: samples a channel, and seconds.
fn judged(path: &Path) -> (u64, f64) {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).arg(path).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && complaint.trim().is_empty(), "{program}: {complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let samples = run("soxi", &["-V2", "-s"]).parse().unwrap();
    let seconds = run("ffprobe", &["-v", "warning", "-show_entries", "format=duration", "-of", "csv=p=0"]);
    (samples, seconds.parse().unwrap())
}

#[tokio::test]
async fn a_header_never_finished_is_finished() {
    for (sizes, cut) in [(0, 44 + 40_000), (u32::MAX, 44 + 40_001), (36 + 8000, 44 + 40_003)] {
        let stage = Stage::new();
        let path = stage.record(ATTEMPT, 16_000);
        kill(&path, sizes, cut);
        let found = stage.vault.repair().await.unwrap();
        let repaired = &found.repaired[0];
        assert_eq!((repaired.attempt.as_str(), repaired.header_fixed), (ATTEMPT, true));
        assert_eq!(repaired.seconds, 10_000.0 / 8000.0);
        assert_eq!(judged(&path), (10_000, 1.25), "sizes {sizes}");
        let sealed = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
        assert_eq!(judged(&stage.sealed(&sealed.relative_path)), (10_000, 1.25));
    }
}

#[tokio::test]
async fn sealing_alone_also_finishes_the_header() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 16_000);
    kill(&path, 0, 44 + 32_000);
    let sealed = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    assert_eq!(sealed.seconds, 1.0);
}

#[tokio::test]
async fn a_crash_among_the_markers_keeps_all_the_sound() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 8000);
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"cue \x1c\0\0\0\x01\0").unwrap();
    let found = stage.vault.repair().await.unwrap();
    assert_eq!(found.repaired[0].seconds, 1.0);
    assert_eq!(judged(&path), (8000, 1.0));
}

/// As the recorder leaves a file that grows: samples, the cue points so far, and a header of `known` samples.
fn growing(path: &Path, samples: usize, known: u32, torn: usize) {
    let cue = |ms, label: &str| Cue { at: Duration::from_millis(ms), label: label.into() };
    let chunks = cue_chunks(&[cue(0, "at stability"), cue(1500, "key 5"), cue(90_000, "behind the end")]);
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(44 + 4 * samples as u64).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(&chunks[..chunks.len() - torn]).unwrap();
    file.write_all_at(&(36 + 4 * known + chunks.len() as u32).to_le_bytes(), 4).unwrap();
    file.write_all_at(&(4 * known).to_le_bytes(), 40).unwrap();
}

#[tokio::test]
async fn the_markers_behind_the_last_piece_stand_whether_its_header_was_written_or_not() {
    for (known, torn, kept) in [(16_000, 0, 3), (12_000, 0, 2), (0, 0, 2), (12_000, 20, 2), (16_000, 20, 2)] {
        let stage = Stage::new();
        let path = stage.record(ATTEMPT, 16_000);
        growing(&path, 16_000, known, torn);
        let found = stage.vault.repair().await.unwrap();
        let repaired = &found.repaired[0];
        assert_eq!((repaired.seconds, repaired.cues), (2.0, kept), "header of {known}, {torn} octets torn");
        assert_eq!(judged(&path), (16_000, 2.0));
        let again = stage.vault.repair().await.unwrap();
        assert_eq!((again.repaired[0].header_fixed, again.repaired[0].cues), (false, kept));
        let sealed = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
        let cues: Vec<_> = sealed.cues.iter().map(|cue| (cue.at.as_millis(), cue.label.as_str())).collect();
        // The labels stand last: a torn end takes them, and leaves the places.
        let labels = if torn == 0 { ["at stability", "key 5"] } else { ["", ""] };
        assert_eq!(cues[..2], [(0, labels[0]), (1500, labels[1])]);
    }
}

#[tokio::test]
async fn a_recorder_killed_with_signal_9_loses_nothing_that_was_written() {
    let stage = Stage::new();
    let path = stage.vault.staging_path(ATTEMPT).unwrap();
    let mut recorder = Command::new("sox")
        .args(["-n", "-r", "8000", "-c", "2", "-b", "16", "-t", "wav", "-", "synth", "3600", "sine", "450"])
        .stdout(fs::File::create(&path).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while fs::metadata(&path).unwrap().len() < 200_000 {
        std::thread::yield_now();
    }
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    let written = (fs::metadata(&path).unwrap().len() - 44) / 4;
    let found = stage.vault.repair().await.unwrap();
    assert!(found.quarantined.is_empty(), "{found:?}");
    assert_eq!(judged(&path).0, written);
}

#[tokio::test]
async fn what_is_whole_is_left_as_it_is() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 8000);
    let before = fs::read(&path).unwrap();
    let found = stage.vault.repair().await.unwrap();
    assert!(!found.repaired[0].header_fixed);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn what_cannot_be_made_whole_is_kept_aside_with_the_reason() {
    let stage = Stage::new();
    let remains: [(&str, &[u8], &str); 4] = [
        ("empty", b"", "inside its header"),
        ("header", b"RIFF\0\0\0\0WAVEfmt ", "inside its header"),
        ("noise", &[7; 5000], "not a WAV file"),
        ("odd name!", b"RIFF", "cannot name a recording"),
    ];
    for (name, contents, _) in remains {
        fs::write(stage.staging().join(format!("{name}.wav.part")), contents).unwrap();
    }
    let silent = stage.record("silent", 100);
    kill(&silent, 0, 44);
    let found = stage.vault.repair().await.unwrap();
    assert!(found.repaired.is_empty());
    assert_eq!(found.quarantined.len(), 5);
    for (name, contents, reason) in remains {
        let kept =
            found.quarantined.iter().find(|kept| kept.path.ends_with(format!("{name}.wav.part"))).unwrap();
        assert!(kept.reason.contains(reason), "{}", kept.reason);
        assert_eq!(fs::read(&kept.path).unwrap(), contents);
        let note = fs::read_to_string(format!("{}.reason.txt", kept.path.display())).unwrap();
        assert!(note.contains(reason));
    }
    assert!(stage.vault.repair().await.unwrap().quarantined.is_empty(), "once is enough");
}

#[tokio::test]
async fn the_same_name_kept_aside_twice_is_kept_twice() {
    let stage = Stage::new();
    for contents in ["one", "two"] {
        fs::write(stage.staging().join("same.wav.part"), contents).unwrap();
        stage.vault.repair().await.unwrap();
    }
    let kept = stage.staging().join("quarantine");
    assert_eq!(fs::read_to_string(kept.join("same.wav.part")).unwrap(), "one");
    assert_eq!(fs::read_to_string(kept.join("1-same.wav.part")).unwrap(), "two");
}
