//! Before each call the vault says whether it could be recorded.

mod stage;

use std::path::Path;
use std::process::Command;

use recording::{RecordingError, Vault, VaultConfig};
use stage::Stage;
use tempfile::TempDir;

fn config(root: &Path, minimum_free: u64) -> VaultConfig {
    VaultConfig { staging: root.join("staging"), vault: root.join("vault"), minimum_free }
}

#[tokio::test]
async fn with_room_it_tells_how_much() {
    assert!(Stage::new().vault.ready().await.unwrap() > 1);
}

#[tokio::test]
async fn too_little_room_is_refused_with_the_figures() {
    let root = TempDir::new().unwrap();
    let vault = Vault::open(config(root.path(), u64::MAX)).unwrap();
    let error = vault.ready().await.unwrap_err();
    assert!(matches!(error, RecordingError::DiskFull { minimum: u64::MAX, .. }), "{error}");
    assert!(error.to_string().contains("minimum_free"), "{error}");
}

/// A file system of its own, unmounted at the end.
struct Mounted(TempDir);

impl Mounted {
    fn new(options: &str) -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(directory.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(directory))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_disk_that_fills_up_stops_calling_and_loses_nothing() {
    let Some(disk) = Mounted::new("size=1m") else {
        eprintln!("no file system can be mounted here: the full disk was not tried");
        return;
    };
    let vault = Vault::open(config(disk.0.path(), 64 * 1024)).unwrap();
    vault.ready().await.unwrap();
    let staged = vault.staging_path("last").unwrap();
    stage::write_wav(&staged, 200_000);
    let full = std::fs::write(disk.0.path().join("filler"), vec![0; 2 << 20]);
    assert!(full.is_err(), "the disk is full now");
    let error = vault.ready().await.unwrap_err();
    assert!(error.to_string().contains("free space"), "{error}");
    assert_eq!(vault.repair().await.unwrap().repaired.len(), 1, "the recording before is whole");
}

#[tokio::test]
async fn a_disk_that_takes_no_further_file_stops_calling() {
    let Some(disk) = Mounted::new("size=1m,nr_inodes=6") else {
        eprintln!("no file system can be mounted here: one without inodes was not tried");
        return;
    };
    let vault = Vault::open(config(disk.0.path(), 1)).unwrap();
    vault.ready().await.unwrap();
    std::fs::write(disk.0.path().join("last"), "").unwrap();
    let error = vault.ready().await.unwrap_err();
    assert!(error.to_string().contains("inodes"), "{error}");
}

#[tokio::test]
async fn two_file_systems_are_refused_at_start() {
    let Some(other) = Mounted::new("size=1m") else {
        eprintln!("no file system can be mounted here: two file systems were not tried");
        return;
    };
    let root = TempDir::new().unwrap();
    let config = VaultConfig { vault: other.0.path().join("vault"), ..config(root.path(), 1) };
    let error = Vault::open(config).unwrap_err();
    assert!(error.to_string().contains("same one"), "{error}");
}

#[tokio::test]
async fn a_vault_that_cannot_be_made_is_refused_at_start() {
    let root = TempDir::new().unwrap();
    std::fs::write(root.path().join("vault"), "a file in its place").unwrap();
    let error = Vault::open(config(root.path(), 1)).unwrap_err();
    assert!(error.to_string().contains("vault"), "{error}");
}
