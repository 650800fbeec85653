//! A player asks for ranges; an auditor asks whether the file is still the one that was sealed.

mod stage;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use recording::{Integrity, RecordingError, Sealed};
use stage::{ATTEMPT, Stage};
use tokio::io::AsyncReadExt as _;

async fn sealed(stage: &Stage) -> Sealed {
    let path = stage.record(ATTEMPT, 8000);
    stage.vault.seal(stage::staged(ATTEMPT, &path)).await.unwrap()
}

#[tokio::test]
async fn a_range_yields_exactly_its_bytes() {
    let stage = Stage::new();
    let sealed = sealed(&stage).await;
    let whole = fs::read(stage.sealed(&sealed.relative_path)).unwrap();
    let total = whole.len() as u64;
    for (start, end, expected) in [
        (0, None, &whole[..]),
        (44, Some(100), &whole[44..100]),
        (total - 1, None, &whole[whole.len() - 1..]),
        (10, Some(total + 999), &whole[10..]),
    ] {
        let mut part = stage.vault.open_range(&sealed.relative_path, start, end).await.unwrap();
        let mut read = Vec::new();
        part.reader.read_to_end(&mut read).await.unwrap();
        assert_eq!((read.as_slice(), part.total), (expected, total));
        assert_eq!(part.end - part.start, expected.len() as u64);
    }
}

#[tokio::test]
async fn a_range_behind_the_end_tells_the_size() {
    let stage = Stage::new();
    let sealed = sealed(&stage).await;
    let error = stage.vault.open_range(&sealed.relative_path, sealed.bytes, None).await.unwrap_err();
    assert!(matches!(error, RecordingError::Range { total } if total == sealed.bytes), "{error}");
}

#[tokio::test]
async fn nothing_outside_the_vault_can_be_opened() {
    let stage = Stage::new();
    fs::write(stage.directory.path().join("secret.wav"), "secret").unwrap();
    for path in
        ["../secret.wav", "/etc/passwd", "2026-11-21/../../secret.wav", "2026-11-21/p/../../../secret.wav"]
    {
        let error = stage.vault.open_range(path, 0, None).await.unwrap_err();
        assert!(matches!(error, RecordingError::Path { .. }), "{path}: {error}");
        assert!(stage.vault.verify(path, "").await.is_err(), "{path}");
    }
    let absent = stage.vault.open_range("2026-11-21/plan/absent.wav", 0, None).await.unwrap_err();
    assert!(matches!(absent, RecordingError::Missing { .. }), "{absent}");
}

#[tokio::test]
async fn one_changed_bit_is_noticed() {
    let stage = Stage::new();
    let sealed = sealed(&stage).await;
    let file = stage.sealed(&sealed.relative_path);
    let verify = || stage.vault.verify(&sealed.relative_path, &sealed.sha256);
    assert_eq!(verify().await.unwrap(), Integrity::Intact);
    let mut bytes = fs::read(&file).unwrap();
    bytes[5000] ^= 1;
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, bytes).unwrap();
    assert!(matches!(verify().await.unwrap(), Integrity::Altered { .. }));
    fs::remove_file(&file).unwrap();
    assert_eq!(verify().await.unwrap(), Integrity::Missing);
}
