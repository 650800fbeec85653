//! The ground that a run stands on: a folder for each of its parts, all of them left until the end.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::BenchError;
use crate::folder;

/// A run's folder. What a part leaves is not deleted before the run is over: some file systems pass over the places of
/// files that were deleted of late one by one, and the next part would pay for that with each file it makes.
pub(super) struct Ground(TempDir);

impl Ground {
    pub(super) fn new() -> Result<Self, BenchError> {
        let parent = folder::parent();
        Ok(Self(folder::made_in(&parent).map_err(BenchError::file(parent))?))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A folder in it that all can enter, for a part of that name.
    pub(super) fn part(&self, name: &str) -> Result<PathBuf, BenchError> {
        let path = self.path().join(name);
        std::fs::create_dir(&path).map_err(BenchError::file(&path))?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).map_err(BenchError::file(&path))?;
        Ok(path)
    }
}
