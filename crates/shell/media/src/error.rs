//! Why the engine does not start, or a leg does not open.

use std::{io, net::IpAddr, path::PathBuf};

/// Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// All ports of the range are taken.
    #[error(
        "no pair of UDP ports from {first} to {last} is free: allow fewer calls at once, widen media.ports, or stop the other program that uses them"
    )]
    NoPortFree {
        /// First port of the range.
        first: u16,
        /// Last port of the range.
        last: u16,
    },
    /// The address cannot be bound at all.
    #[error("cannot bind RTP to {address}: {source}; set media.bind to an address of this machine")]
    Bind {
        /// The configured address.
        address: IpAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The recording's file cannot be made; no recording, no call.
    #[error(
        "cannot record to {}: {source}; check that the staging directory exists, is writable and has room",
        path.display()
    )]
    Recorder {
        /// The file, or the directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A thread could not be started, or has ended.
    #[error(
        "the media threads do not run: {0}; check the limit on threads (ulimit -u) and restart the service"
    )]
    Threads(io::Error),
}
