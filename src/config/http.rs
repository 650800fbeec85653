//! `[http]`: console and API.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

/// Where and how the console and the API are served.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    pub listen: SocketAddr,
    /// Set when a TLS proxy stands in front: cookies then travel over HTTPS only.
    pub secure_cookies: bool,
    pub session_hours: u32,
    /// Whether the author of a plan may approve it; W8.3 wants another person.
    pub self_approval: bool,
    /// `/metrics` without a token, for a scraper on this machine.
    pub metrics_open: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            secure_cookies: false,
            session_hours: 12,
            self_approval: false,
            metrics_open: false,
        }
    }
}
