//! What is wrong with a script, where, and what to write instead.

use std::path::PathBuf;

/// Why a script cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("script {}: {source}; name a readable file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not of the script's form. The message has line and column.
    #[error("script {}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser said, with the place.
        message: String,
    },
    /// The form is right, the meaning is not.
    #[error("script {}, {place}: {problem}", path.display())]
    Rule {
        /// The file.
        path: PathBuf,
        /// Which entry.
        place: String,
        /// What is wrong and what to write instead.
        problem: String,
    },
}
