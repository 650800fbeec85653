//! How the virtual carrier is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::Script;

/// What a virtual carrier needs to run.
#[derive(Debug, Clone)]
pub struct CarrierConfig {
    /// Where SIP is received over UDP; its address also receives the RTP. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// The customers.
    pub script: Script,
    /// Journal of what happened, one JSON object a line; appended to, made when missing.
    pub log: Option<PathBuf>,
}
