//! At start-up: what a crash left in the staging directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::names::Id;
use crate::vault::{VaultConfig, make_directory};
use crate::wav::Layout;
use crate::{RecordingError, Vault};

const STAGED: &str = ".wav.part";

/// What was found in the staging directory.
#[derive(Debug, Default, PartialEq)]
pub struct Repairs {
    /// Whole now, waiting to be sealed.
    pub repaired: Vec<Repaired>,
    /// Moved to `quarantine/`, with the reason beside it.
    pub quarantined: Vec<Quarantined>,
}

/// A staged recording that can be sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// Id of the attempt, from the file's name.
    pub attempt: String,
    /// The staged file.
    pub path: PathBuf,
    /// Length of the sound.
    pub seconds: f64,
    /// The header was stale and has been corrected.
    pub header_fixed: bool,
    /// Markers that stand in the file.
    pub cues: usize,
}

/// A file that could not be made whole. It is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Where it is now.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

impl Vault {
    /// Makes every staged recording whole, but for those that a recorder still holds: they are of calls that are up.
    pub async fn repair(&self) -> Result<Repairs, RecordingError> {
        self.blocking(repair).await
    }
}

fn repair(config: &VaultConfig) -> Result<Repairs, RecordingError> {
    let io = || RecordingError::io("listing", &config.staging);
    let mut found = Repairs::default();
    for entry in fs::read_dir(&config.staging).map_err(io())? {
        let path = entry.map_err(io())?.path();
        let Some(stem) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(STAGED))
        else {
            continue;
        };
        match Id::parse(stem).map_err(|e| e.to_string()).and_then(|id| make_whole(&path, id.as_str())) {
            Ok(Some(repaired)) => found.repaired.push(repaired),
            Ok(None) => {}
            Err(reason) => found.quarantined.push(quarantine(&config.staging, &path, reason)?),
        }
    }
    found.repaired.sort_by(|a, b| a.attempt.cmp(&b.attempt));
    Ok(found)
}

/// `None` for a file that is being recorded.
fn make_whole(path: &Path, attempt: &str) -> Result<Option<Repaired>, String> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(|e| e.to_string())?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Ok(None);
    }
    let read = |file: &mut File| Layout::read(file).map_err(|e| e.to_string())?.map_err(str::to_owned);
    let before = read(&mut file)?;
    let header_fixed = !before.is_whole();
    if header_fixed && before.present() == 0 {
        return Err("it holds no sound".into());
    }
    if header_fixed {
        before.repair(&mut file).map_err(|e| e.to_string())?;
    }
    let after = read(&mut file)?;
    let seconds = after.seconds();
    let cues = after.cues(&mut file).map_err(|e| e.to_string())?.len();
    if header_fixed {
        tracing::warn!(%attempt, seconds, cues, "a recording cut off by a crash was made whole");
    }
    Ok(Some(Repaired { attempt: attempt.to_owned(), path: path.to_owned(), seconds, header_fixed, cues }))
}

/// Moves the file aside under a name that is free, and writes the reason beside it.
fn quarantine(staging: &Path, path: &Path, reason: String) -> Result<Quarantined, RecordingError> {
    let directory = staging.join("quarantine");
    make_directory(&directory)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut free = directory.join(&*name);
    let mut number = 1;
    while free.exists() {
        free = directory.join(format!("{number}-{name}"));
        number += 1;
    }
    fs::rename(path, &free).map_err(RecordingError::io("moving aside", path))?;
    let note = free.with_added_extension("reason.txt");
    fs::write(&note, format!("{reason}\n")).map_err(RecordingError::io("writing", &note))?;
    tracing::error!(file = %free.display(), %reason, "a staged recording could not be made whole; kept aside");
    Ok(Quarantined { path: free, reason })
}
