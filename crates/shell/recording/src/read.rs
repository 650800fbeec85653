//! Reading back: parts for a player, and whether a recording is still what was sealed.

use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, Take};

use crate::names::RelativePath;
use crate::{RecordingError, Vault, seal};

/// A part of a recording, as an HTTP range wants it.
#[derive(Debug)]
pub struct Part {
    /// Yields exactly `end - start` bytes.
    pub reader: Take<File>,
    /// Offset of the first byte.
    pub start: u64,
    /// Offset behind the last byte.
    pub end: u64,
    /// Size of the whole recording.
    pub total: u64,
}

/// Whether a recording is what was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// The hash agrees.
    Intact,
    /// The contents changed.
    Altered {
        /// The hash the file has now.
        sha256: String,
    },
    /// The file is gone.
    Missing,
}

impl Vault {
    /// Opens a recording from byte `start` up to but not including `end` (or the end of the file).
    pub async fn open_range(
        &self,
        relative_path: &str,
        start: u64,
        end: Option<u64>,
    ) -> Result<Part, RecordingError> {
        let path = self.place(&RelativePath::parse(relative_path)?);
        let mut file = File::open(&path).await.map_err(|e| missing_or_io(e, relative_path, &path))?;
        let io = |doing| RecordingError::io(doing, &path);
        let total = file.metadata().await.map_err(io("looking at"))?.len();
        let end = end.unwrap_or(total).min(total);
        if start >= end {
            return Err(RecordingError::Range { total });
        }
        file.seek(std::io::SeekFrom::Start(start)).await.map_err(io("seeking in"))?;
        Ok(Part { reader: file.take(end - start), start, end, total })
    }

    /// Compares a recording with the hash it was sealed with.
    pub async fn verify(&self, relative_path: &str, sha256: &str) -> Result<Integrity, RecordingError> {
        let path = self.place(&RelativePath::parse(relative_path)?);
        let expected = sha256.to_ascii_lowercase();
        self.blocking(move |_| match seal::digest(&path) {
            Ok((_, found)) if found == expected => Ok(Integrity::Intact),
            Ok((_, sha256)) => Ok(Integrity::Altered { sha256 }),
            Err(RecordingError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Ok(Integrity::Missing)
            }
            Err(e) => Err(e),
        })
        .await
    }
}

fn missing_or_io(source: std::io::Error, relative: &str, path: &std::path::Path) -> RecordingError {
    if source.kind() == std::io::ErrorKind::NotFound {
        RecordingError::Missing { relative: relative.to_owned() }
    } else {
        RecordingError::Io { doing: "opening", path: path.to_owned(), source }
    }
}
