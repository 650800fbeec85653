//! Sealing is durable, repeatable, and never replaces what is in the vault.

mod stage;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use recording::{Integrity, RecordingError};
use sha2::{Digest, Sha256};
use stage::{ATTEMPT, Stage};

#[tokio::test]
async fn it_moves_under_date_plan_and_attempt_with_the_hash_of_its_bytes() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 16_000);
    let bytes = fs::read(&path).unwrap();
    let sealed = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    assert_eq!(sealed.relative_path, format!("2026-11-21/satisfaction-2026/{ATTEMPT}.wav"));
    assert_eq!(sealed.sha256, hex::encode(Sha256::digest(&bytes)));
    assert_eq!((sealed.bytes, sealed.seconds), (bytes.len() as u64, 2.0));
    let file = stage.sealed(&sealed.relative_path);
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o222, 0, "nobody may write to it");
    assert!(!path.exists());
}

#[tokio::test]
async fn sealing_again_gives_the_same_answer() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 8000);
    let first = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    let again = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    assert_eq!(first, again);
    // As after a crash between linking and removing the staged file.
    stage.record(ATTEMPT, 8000);
    let once_more = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    assert_eq!(first, once_more);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_sealed_recording_is_found_again_by_its_attempt() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 8000);
    let staged = stage::staged(ATTEMPT, &path);
    let find = || stage.vault.find(staged.date, &staged.plan, ATTEMPT);
    assert_eq!(find().await.unwrap(), None);
    let sealed = stage.vault.seal(staged.clone()).await.unwrap();
    assert_eq!(find().await.unwrap(), Some(sealed));
}

#[tokio::test]
async fn other_contents_under_the_same_name_are_refused_and_kept() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 8000);
    let first = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap();
    stage.record(ATTEMPT, 4000);
    let error = stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap_err();
    assert!(matches!(error, RecordingError::AlreadySealed { .. }), "{error}");
    assert!(path.exists(), "the second recording is not lost");
    let found = stage.vault.verify(&first.relative_path, &first.sha256).await.unwrap();
    assert_eq!(found, Integrity::Intact);
}

#[tokio::test]
async fn many_seals_at_once_all_arrive() {
    let stage = Stage::new();
    let mut seals = Vec::new();
    for number in 0..30 {
        let attempt = format!("attempt-{number}");
        let path = stage.record(&attempt, 800);
        let (vault, staged) = (stage.vault.clone(), stage::staged(&attempt, &path));
        seals.push(tokio::spawn(async move { vault.seal(staged).await.unwrap() }));
    }
    for seal in seals {
        let sealed = seal.await.unwrap();
        assert!(stage.sealed(&sealed.relative_path).exists());
    }
    let parts = fs::read_dir(stage.staging()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(parts.filter(|path| path.extension().is_some_and(|end| end == "part")).count(), 0);
}

#[tokio::test]
async fn what_is_no_recording_is_not_sealed() {
    let stage = Stage::new();
    let text = stage.vault.staging_path("text").unwrap();
    fs::write(&text, "hello, this is no sound at all, only words").unwrap();
    let error = stage.vault.seal(stage::staged("text", &text)).await.unwrap_err();
    assert!(error.to_string().contains("not a WAV file"), "{error}");
    assert!(text.exists());
    let missing = stage.vault.staging_path("missing").unwrap();
    let error = stage.vault.seal(stage::staged("missing", &missing)).await.unwrap_err();
    assert!(error.to_string().contains("missing.wav.part"), "{error}");
}

#[tokio::test]
async fn names_that_would_leave_the_vault_are_refused() {
    let stage = Stage::new();
    let path = stage.record(ATTEMPT, 800);
    for evil in ["../x", "a/b", "..", "", "a\0b", ".hidden", "-rf"] {
        let mut staged = stage::staged(ATTEMPT, &path);
        evil.clone_into(&mut staged.plan);
        assert!(matches!(stage.vault.seal(staged).await, Err(RecordingError::Name { .. })), "{evil:?}");
        assert!(stage.vault.staging_path(evil).is_err(), "{evil:?}");
    }
    let outside = stage.directory.path().join("elsewhere.wav.part");
    stage::write_wav(&outside, 800);
    let error = stage.vault.seal(stage::staged(ATTEMPT, &outside)).await.unwrap_err();
    assert!(matches!(error, RecordingError::NotStaged { .. }), "{error}");
}
