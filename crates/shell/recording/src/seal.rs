//! Sealing: a staged file becomes a recording of the vault, once and for good.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audio::Cue;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::names::{Id, RelativePath};
use crate::vault::{Drawers, VaultConfig, make_directory, place};
use crate::wav::Layout;
use crate::{RecordingError, Vault};

/// A finished file in the staging directory and what it is the recording of.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The file, inside the staging directory.
    pub path: PathBuf,
    /// Id of the attempt.
    pub attempt: String,
    /// Id of the plan.
    pub plan: String,
    /// The day of the call, in the operator's time zone.
    pub date: NaiveDate,
}

/// A recording of the vault.
#[derive(Debug, Clone, PartialEq)]
pub struct Sealed {
    /// `DATE/PLAN/ATTEMPT.wav` below the vault.
    pub relative_path: String,
    /// Size of the file.
    pub bytes: u64,
    /// Length of the sound.
    pub seconds: f64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The markers in the file, ascending.
    pub cues: Vec<Cue>,
}

impl Vault {
    /// Moves a staged recording into the vault, durable when this returns. Doing it again, also
    /// after a crash in the middle, gives the same result; other contents under the same name
    /// are refused and left where they are.
    pub async fn seal(&self, staged: Staged) -> Result<Sealed, RecordingError> {
        let relative = RelativePath::new(staged.date, Id::parse(&staged.plan)?, Id::parse(&staged.attempt)?);
        let drawers = Arc::clone(&self.1);
        self.blocking(move |config| seal(config, &drawers, &staged.path, &relative)).await
    }

    /// The recording of an attempt, if it was sealed: what to look for when a crash came between
    /// the sealing and its entry in the books.
    pub async fn find(
        &self,
        date: NaiveDate,
        plan: &str,
        attempt: &str,
    ) -> Result<Option<Sealed>, RecordingError> {
        let relative = RelativePath::new(date, Id::parse(plan)?, Id::parse(attempt)?);
        self.blocking(move |config| {
            let target = place(config, &relative);
            if target.exists() { describe(&target, &relative).map(Some) } else { Ok(None) }
        })
        .await
    }
}

fn seal(
    config: &VaultConfig,
    drawers: &Drawers,
    staged: &Path,
    relative: &RelativePath,
) -> Result<Sealed, RecordingError> {
    if staged.parent() != Some(config.staging.as_path()) {
        return Err(RecordingError::NotStaged { path: staged.to_owned(), staging: config.staging.clone() });
    }
    let target = place(config, relative);
    if !staged.exists() && target.exists() {
        return describe(&target, relative);
    }
    make_whole(staged)?;
    let sealed = describe(staged, relative)?;
    let directory = target.parent().unwrap_or(&config.vault);
    // It may have been cleared away since.
    let known = directory.is_dir() && drawers.knows(directory);
    make_directory(directory)?;
    // A link, unlike a rename, never replaces what is there.
    match fs::hard_link(staged, &target) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            if describe(&target, relative)?.sha256 != sealed.sha256 {
                return Err(RecordingError::AlreadySealed {
                    relative: relative.to_string(),
                    staged: staged.to_owned(),
                });
            }
        }
        linked => linked.map_err(RecordingError::io("linking", &target))?,
    }
    fs::set_permissions(&target, Permissions::from_mode(0o440))
        .map_err(RecordingError::io("protecting", &target))?;
    sync(directory)?;
    if !known {
        sync_above(directory, &config.vault)?;
        drawers.learn(directory);
    }
    fs::remove_file(staged).map_err(RecordingError::io("removing the staged", staged))?;
    sync(&config.staging)?;
    tracing::info!(
        recording = %sealed.relative_path,
        seconds = sealed.seconds,
        bytes = sealed.bytes,
        "recording sealed"
    );
    Ok(sealed)
}

/// Corrects a stale header and flushes the file.
fn make_whole(staged: &Path) -> Result<(), RecordingError> {
    let io = |doing| RecordingError::io(doing, staged);
    let mut file = OpenOptions::new().read(true).write(true).open(staged).map_err(io("opening"))?;
    let layout = Layout::read(&mut file).map_err(io("reading"))?;
    let broken = |why: &str| RecordingError::Broken { path: staged.to_owned(), why: why.to_owned() };
    let layout = layout.map_err(broken)?;
    if layout.is_whole() {
        return file.sync_all().map_err(io("flushing"));
    }
    if layout.present() == 0 {
        return Err(broken("it holds no sound"));
    }
    layout.repair(&mut file).map_err(io("repairing"))
}

fn describe(path: &Path, relative: &RelativePath) -> Result<Sealed, RecordingError> {
    let io = |doing| RecordingError::io(doing, path);
    let mut file = File::open(path).map_err(io("opening"))?;
    let layout = Layout::read(&mut file)
        .map_err(io("reading"))?
        .map_err(|why| RecordingError::Broken { path: path.to_owned(), why: why.to_owned() })?;
    let cues = layout.cues(&mut file).map_err(io("reading"))?;
    let (bytes, sha256) = digest(path)?;
    Ok(Sealed { relative_path: relative.to_string(), bytes, seconds: layout.seconds(), sha256, cues })
}

/// Size and SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> Result<(u64, String), RecordingError> {
    let mut file = File::open(path).map_err(RecordingError::io("opening", path))?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut block).map_err(RecordingError::io("reading", path))? {
            0 => return Ok((bytes, hex::encode(hash.finalize()))),
            count => {
                hash.update(&block[..count]);
                bytes += count as u64;
            }
        }
    }
}

/// A new name is durable only when every directory on its way is. Those above the deepest change with the day only.
fn sync_above(deepest: &Path, vault: &Path) -> Result<(), RecordingError> {
    for directory in deepest.ancestors().skip(1) {
        sync(directory)?;
        if directory == vault {
            break;
        }
    }
    Ok(())
}

fn sync(directory: &Path) -> Result<(), RecordingError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(RecordingError::io("flushing the directory", directory))
}
