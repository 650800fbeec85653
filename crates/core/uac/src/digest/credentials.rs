//! What the carrier gave us, and whom it may be shown to.

use std::net::IpAddr;

use super::{Challenge, Hash, Refused};
use crate::line::{Hop, Line, Transport};
use crate::seed::Secret;

/// What the carrier gave us to prove who we are.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// User name of the digest.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// The realms these belong to; no other is answered.
    pub realms: Vec<String>,
    /// Whether a challenge by MD5 is answered. Off, a peer that spoke SHA-256 cannot be talked down.
    pub allow_md5: bool,
}

impl Credentials {
    /// Whether they belong to that realm. Realms compare without case: most are domain names.
    pub(super) fn belong_to(&self, realm: &str) -> bool {
        self.realms.iter().any(|ours| ours.eq_ignore_ascii_case(realm))
    }

    /// Whether that challenge is answered, going by its algorithm.
    pub(super) fn speak(&self, challenge: &Challenge) -> bool {
        let weak = challenge.algorithm.is_some_and(|algorithm| algorithm.hash == Hash::Md5);
        challenge.is_usable() && (self.allow_md5 || !weak)
    }
}

impl Line {
    /// Whether a challenge from that address, to a request that went to `hop`, may be answered.
    pub(super) fn admits(&self, (from, hop): (IpAddr, &Hop)) -> Result<(), Refused> {
        if !self.expects(from, hop) {
            return Err(Refused::UnexpectedSource(from));
        }
        match (self.transport, self.transport_to(hop)) {
            (Transport::Tls, Transport::Udp | Transport::Tcp) => Err(Refused::InClear),
            _ => Ok(()),
        }
    }
}
