//! What the wire knows of one trunk: how it is spoken to, and as whom its peers must show
//! themselves.

use std::collections::HashMap;
use std::net::SocketAddr;

use parking_lot::RwLock;
use uac::{Hop, Line, Transport};

use super::tls::Trust;
use crate::config::{LargeRequests, TrunkConfig};
use crate::error::SipError;

/// Largest request that is certain to pass UDP in one piece (RFC 3261 section 18.1.1).
const LARGE: usize = 1300;

/// One trunk's way out.
#[derive(Debug)]
pub(crate) struct Outlet {
    transport: Transport,
    large_requests: LargeRequests,
    /// Our address as the machine writes it.
    pub(super) local: Hop,
    /// The host that was asked for, by the address it was resolved to.
    hosts: RwLock<HashMap<SocketAddr, String>>,
    /// The proxy's or peer's host.
    host: String,
    trust: Option<Trust>,
}

impl Outlet {
    pub(crate) fn new(config: &TrunkConfig, line: &Line) -> Result<Self, SipError> {
        let trust = match line.transport {
            Transport::Tls => Some(Trust::of(&config.name, &config.tls)?),
            Transport::Udp | Transport::Tcp => None,
        };
        Ok(Self {
            transport: line.transport,
            large_requests: config.large_requests,
            local: line.local.clone(),
            hosts: RwLock::default(),
            host: line.configured_hop().host.clone(),
            trust,
        })
    }

    /// How a request of `size` bytes travels to `hop`. What is to go by TLS goes by nothing else,
    /// whatever a peer's URI asks for.
    pub(super) fn transport_to(&self, hop: &Hop, size: usize) -> Transport {
        match (self.transport, hop.transport.unwrap_or(self.transport)) {
            (Transport::Tls, _) => Transport::Tls,
            (_, Transport::Udp) if size > LARGE && self.large_requests == LargeRequests::Tcp => {
                Transport::Tcp
            }
            (_, asked) => asked,
        }
    }

    /// The names of the places it was resolved to.
    pub(crate) fn resolved(&self, hosts: HashMap<SocketAddr, String>) {
        *self.hosts.write() = hosts;
    }

    /// What to trust at that address, and the name that it has to prove.
    pub(super) fn trust(&self, to: SocketAddr) -> Result<(&Trust, String), String> {
        let no_tls = || format!("{to} is to be reached by TLS: set transport = \"tls\" on the trunk");
        let trust = self.trust.as_ref().ok_or_else(no_tls)?;
        let host = || self.hosts.read().get(&to).cloned().unwrap_or_else(|| self.host.clone());
        Ok((trust, trust.name().map_or_else(host, str::to_owned)))
    }
}
