//! The vault and its staging directory.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::names::{Id, RelativePath};
use crate::{RecordingError, space};

/// Where recordings are written and kept.
#[derive(Debug, Clone)]
pub struct VaultConfig {
    /// Directory of the files still being recorded.
    pub staging: PathBuf,
    /// Directory of the sealed ones; on the same file system.
    pub vault: PathBuf,
    /// Bytes that must be free before a call may start.
    pub minimum_free: u64,
}

/// Keeps recordings. Clones share one configuration; all file work runs on blocking threads.
#[derive(Debug, Clone)]
pub struct Vault(Arc<VaultConfig>, pub(crate) Arc<Drawers>);

/// Directories of the vault whose own names are known to be durable. They are as many as days and plans.
#[derive(Debug, Default)]
pub(crate) struct Drawers(Mutex<HashSet<PathBuf>>);

impl Drawers {
    pub(crate) fn knows(&self, directory: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(directory)
    }

    pub(crate) fn learn(&self, directory: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(directory.to_owned());
    }
}

impl Vault {
    /// Makes the directories (readable by this user only) when missing, and checks that a
    /// recording could be written and sealed.
    pub fn open(config: VaultConfig) -> Result<Self, RecordingError> {
        for directory in [&config.staging, &config.vault] {
            make_directory(directory)?;
            space::probe(directory)?;
        }
        let device =
            |path: &Path| fs::metadata(path).map(|m| m.dev()).map_err(RecordingError::io("looking at", path));
        if device(&config.staging)? != device(&config.vault)? {
            return Err(RecordingError::TwoFileSystems { staging: config.staging, vault: config.vault });
        }
        Ok(Self(Arc::new(config), Arc::default()))
    }

    /// Where the recorder of this attempt writes.
    pub fn staging_path(&self, attempt: &str) -> Result<PathBuf, RecordingError> {
        Ok(self.0.staging.join(format!("{}.wav.part", Id::parse(attempt)?)))
    }

    /// Where its recorders write.
    pub fn staging(&self) -> &Path {
        &self.0.staging
    }

    /// Whether a file lies in its staging directory.
    pub(crate) fn staged(&self, path: &Path) -> bool {
        path.parent() == Some(self.staging())
    }

    /// Bytes free, or why no call may start: no recording, no call.
    pub async fn ready(&self) -> Result<u64, RecordingError> {
        self.blocking(|config| {
            space::probe(&config.staging)?;
            space::enough(&config.vault, config.minimum_free)
        })
        .await
    }

    /// Absolute place of a recording.
    pub(crate) fn place(&self, relative: &RelativePath) -> PathBuf {
        place(&self.0, relative)
    }

    /// Runs file work off the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&VaultConfig) -> Result<T, RecordingError> + Send + 'static,
    ) -> Result<T, RecordingError> {
        let config = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&config))
            .await
            .map_err(|e| RecordingError::Interrupted(e.to_string()))?
    }
}

pub(crate) fn place(config: &VaultConfig, relative: &RelativePath) -> PathBuf {
    config.vault.join(relative.to_string())
}

/// Makes a directory and its parents, for this user only.
pub(crate) fn make_directory(path: &Path) -> Result<(), RecordingError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(RecordingError::io("making the directory", path))
}
