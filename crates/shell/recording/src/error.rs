//! What can go wrong with recordings, each with what to do about it.

use std::path::{Path, PathBuf};

/// Why a recording could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// An id that would not be safe in a file name.
    #[error(
        "`{given}` cannot name a recording; use 1 to 64 letters, digits, `-` and `_`, not starting with a sign"
    )]
    Name {
        /// The id as given.
        given: String,
    },
    /// A path that no recording of this vault has.
    #[error("`{given}` is not the path of a recording; they look like 2026-11-21/PLAN/ATTEMPT.wav")]
    Path {
        /// The path as given.
        given: String,
    },
    /// A staged file from outside the staging directory.
    #[error("{} is not in the staging directory {}; record there", path.display(), staging.display())]
    NotStaged {
        /// The file given.
        path: PathBuf,
        /// Where it should be.
        staging: PathBuf,
    },
    /// Staging and vault must share a file system, or moving would not be atomic.
    #[error("recording.staging {} and recording.vault {} are on different file systems; put both on the same one", staging.display(), vault.display())]
    TwoFileSystems {
        /// Staging directory.
        staging: PathBuf,
        /// Vault directory.
        vault: PathBuf,
    },
    /// The disk has no room for a further call.
    #[error("disk full: {} has {free} bytes free, a call needs {minimum}; free space or lower recording.minimum_free", path.display())]
    DiskFull {
        /// The directory that was looked at.
        path: PathBuf,
        /// Bytes free for this process.
        free: u64,
        /// Bytes asked for.
        minimum: u64,
    },
    /// The file system can name no further file.
    #[error("no inodes left: the file system of {} takes no further file; remove files from it or make it anew with more inodes", path.display())]
    NoInodes {
        /// The directory that was looked at.
        path: PathBuf,
    },
    /// The staged file is no WAV file that could be made whole.
    #[error("{}: {why}; listen to what is there by hand, it was not deleted", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another recording has this name.
    #[error("{relative} is already sealed with other contents; the new one stays at {}; find out which is the call", staged.display())]
    AlreadySealed {
        /// Place in the vault.
        relative: String,
        /// The file that was not sealed.
        staged: PathBuf,
    },
    /// There is no such recording.
    #[error("recording {relative} is not in the vault; restore it from the backup")]
    Missing {
        /// Place in the vault.
        relative: String,
    },
    /// The range asked for begins behind the end.
    #[error("the recording has {total} bytes; ask for a range inside it")]
    Range {
        /// Size of the recording.
        total: u64,
    },
    /// The file system refused.
    #[error("{doing} {}: {source}; check its rights, its file system and the free space", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Shutting down, or a fault in this room.
    #[error("the work on the recording was not finished: {0}; do it again")]
    Interrupted(String),
}

impl RecordingError {
    /// Wraps an I/O error with what was being done to which file.
    pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
