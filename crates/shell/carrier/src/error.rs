//! Why the virtual carrier cannot run.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the virtual carrier cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarrierError {
    /// The SIP address cannot be bound.
    #[error(
        "the virtual carrier cannot listen on {listen}: {why}; is the port taken? choose another with --listen"
    )]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// The journal cannot be written.
    #[error("journal {}: {source}; name a writable file with --log", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The SIP stack stopped.
    #[error("the SIP stack of the virtual carrier stopped: {0}; start it again")]
    Stack(String),
}
