//! `[sip]`: our own signalling address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Deserialize;

/// Where we listen and how we call ourselves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sip {
    pub listen: SocketAddr,
    /// Address the carrier reaches us at, in Via, Contact and SDP, where it differs from `listen`.
    pub advertise: Option<IpAddr>,
    /// RFC 3261 T1 in milliseconds; change it only for networks that are far away.
    pub t1_ms: u64,
}

impl Default for Sip {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060)), advertise: None, t1_ms: 500 }
    }
}
