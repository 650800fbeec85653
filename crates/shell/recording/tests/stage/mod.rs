//! A vault in a temporary directory, and recordings as a recorder leaves them.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses a part of it"
)]

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use recording::{Staged, Vault, VaultConfig};
use tempfile::TempDir;

pub const ATTEMPT: &str = "0193a5e0-7b1c-7e3a-9f00-000000000001";

pub struct Stage {
    pub directory: TempDir,
    pub vault: Vault,
}

impl Stage {
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let vault = Vault::open(VaultConfig {
            staging: directory.path().join("staging"),
            vault: directory.path().join("vault"),
            minimum_free: 1,
        })
        .unwrap();
        Self { directory, vault }
    }

    pub fn staging(&self) -> PathBuf {
        self.directory.path().join("staging")
    }

    pub fn sealed(&self, relative: &str) -> PathBuf {
        self.directory.path().join("vault").join(relative)
    }

    /// Writes a stereo recording of so many frames under an attempt's staging name.
    pub fn record(&self, attempt: &str, frames: u32) -> PathBuf {
        let path = self.vault.staging_path(attempt).unwrap();
        write_wav(&path, frames);
        path
    }
}

pub fn staged(attempt: &str, path: &Path) -> Staged {
    Staged {
        path: path.to_owned(),
        attempt: attempt.to_owned(),
        plan: "satisfaction-2026".to_owned(),
        date: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
    }
}

pub fn write_wav(path: &Path, frames: u32) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..frames {
        writer.write_sample((frame % 2000) as i16).unwrap();
        writer.write_sample(-((frame % 2000) as i16)).unwrap();
    }
    writer.finalize().unwrap();
}
