//! The port through which files of customers come in.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::{Import, NewImport, StoreError};

/// Why a file could not be read at all. The import stands as failed, with the same words.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no list, or an old one.
    #[error("{0}")]
    NoList(String),
    /// The disk.
    #[error("{path} cannot be read or written: {error}. Check the folder's owner and the room on the disk")]
    Io { path: PathBuf, error: std::io::Error },
}

/// Reads files of customers.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Where what is sent is put while it is read; the file there is the sender's to take away.
    fn spool(&self) -> &Path;

    /// Reads a file to its end, puts its rows and faults aside, and counts what they would do.
    async fn read(&self, path: &Path, import: &NewImport) -> Result<Import, IntakeError>;
}
