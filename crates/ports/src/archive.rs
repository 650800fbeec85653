//! The archive: recordings as files.

use async_trait::async_trait;

/// Part of a recording's bytes.
#[derive(Debug)]
pub struct Excerpt {
    /// First byte, counted from 0.
    pub start: u64,
    pub bytes: Vec<u8>,
    /// Length of the whole file.
    pub total: u64,
}

/// A recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No file at that path.
    #[error("the recording {0} is not in the vault: restore it from the backup")]
    Missing(String),
    /// The range starts after the end.
    #[error("the range starts behind the end; the file has {total} bytes")]
    OutOfRange { total: u64 },
    /// The file system failed.
    #[error("the recording cannot be read: {0}. Check the vault's disk and permissions")]
    Io(#[from] std::io::Error),
}

/// Reads sealed recordings.
#[async_trait]
pub trait Archive: Send + Sync + 'static {
    /// Bytes `start..=end` (to the end where `None`), at most `most` of them.
    async fn read(
        &self,
        path: &str,
        start: u64,
        end: Option<u64>,
        most: usize,
    ) -> Result<Excerpt, ArchiveError>;
}
