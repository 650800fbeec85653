//! `[data]`: where everything is kept.

use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use serde::Deserialize;

/// The data folder; recordings, prompts and the embedded database live below it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
    /// A folder on another disk, where calls are recorded while `dir` cannot take their recordings.
    pub standby: Option<PathBuf>,
    /// No call is placed while the disk has less room than this, in MiB: no recording, no call.
    pub minimum_free_mib: u64,
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Something else has its name.
    #[error("{key} {dir} is no folder: name another, or move away what is there")]
    NoFolder { key: &'static str, dir: PathBuf },
    /// We may not write there.
    #[error(
        "{key} {dir} cannot be used: writing in {there} is refused ({error}). Change its owner, or name another"
    )]
    NotWritable { key: &'static str, dir: PathBuf, there: PathBuf, error: nix::Error },
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: default_dir(), standby: None, minimum_free_mib: 1024 }
    }
}

impl Data {
    /// Whether the folders are there or can be made. Makes nothing.
    pub fn check(&self) -> Result<(), DataError> {
        check("data.dir", &self.dir)?;
        self.standby.as_deref().map_or(Ok(()), |standby| check("data.standby", standby))
    }

    /// Sealed recordings below a data folder.
    pub fn vault(dir: &Path) -> PathBuf {
        dir.join("recordings")
    }

    /// Recordings of calls that are up, below a data folder.
    pub fn staging(dir: &Path) -> PathBuf {
        dir.join("staging")
    }

    /// Rendered prompts.
    pub fn prompts(&self) -> PathBuf {
        self.dir.join("prompts")
    }

    /// Facts that wait for the database to come back.
    pub fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }
}

fn check(key: &'static str, dir: &Path) -> Result<(), DataError> {
    let there = dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let (dir, there) = (dir.to_owned(), there.to_owned());
    if !there.is_dir() {
        return Err(DataError::NoFolder { key, dir });
    }
    access(&there, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|error| DataError::NotWritable {
        key,
        dir,
        there,
        error,
    })
}

/// `/var/lib/huifang` for root, whose home no database process may enter; a folder of the user's own otherwise.
fn default_dir() -> PathBuf {
    if nix::unistd::Uid::effective().is_root() {
        return PathBuf::from("/var/lib/huifang");
    }
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("."))
        .join("huifang")
}
