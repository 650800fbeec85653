//! Names to places (RFC 3263): services, hosts, addresses. The transport of a trunk is configured,
//! so NAPTR is not asked. Answers are kept as long as they may be.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use uac::srv::Target;
use uac::{Hop, Transport};

use super::addresses::Addresses;
use crate::error::SipError;

/// A name server that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(3);
/// One question to one name server.
const QUESTION: Duration = Duration::from_secs(1);
/// How long a refusal is believed at most.
const REFUSAL_LIFE: Duration = Duration::from_secs(10);
/// How long an address that needs no name server holds.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// The name servers.
pub(super) struct Names {
    resolver: TokioResolver,
    addresses: Arc<Addresses>,
}

/// What a host was resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its places.
    pub(crate) targets: Vec<Target>,
    /// How long they hold.
    pub(crate) until: Instant,
}

/// Why a host has no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unresolved {
    /// The name server says so.
    #[error("{0}")]
    Nowhere(String),
    /// No name server says anything: what was known before may still hold.
    #[error("{0}")]
    Unknown(String),
}

impl Names {
    /// Asks `servers`, or the system's where there are none.
    pub(super) fn new(servers: &[SocketAddr], addresses: Arc<Addresses>) -> Result<Self, SipError> {
        let failed = |error: NetError| SipError::NameServers(error.to_string());
        let mut builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(failed)?
        } else {
            let config = ResolverConfig::from_name_servers(servers.iter().map(name_server).collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        options.timeout = QUESTION;
        options.negative_max_ttl = Some(REFUSAL_LIFE);
        Ok(Self { resolver: builder.build().map_err(failed)?, addresses })
    }

    /// All places of a host: an address is itself, a host with a port is looked up as a host, one
    /// without as the service of `transport` and, where there is none, as a host at its port.
    pub(super) async fn places(&self, hop: &Hop, transport: Transport) -> Result<Found, Unresolved> {
        if let Some(address) = hop.address(transport) {
            let targets = vec![Target { priority: 0, weight: 0, addresses: vec![address] }];
            return Ok(Found { targets, until: Instant::now() + FOR_EVER });
        }
        let asked = async {
            match hop.port {
                Some(port) => self.host(&hop.host, port, transport).await,
                None => self.service(&hop.host, transport).await,
            }
        };
        let silent = || Unresolved::Unknown(format!("the name server did not answer for {}", hop.host));
        tokio::time::timeout(PATIENCE, asked).await.map_err(|_| silent())?
    }

    async fn service(&self, host: &str, transport: Transport) -> Result<Found, Unresolved> {
        let service = match transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
        };
        let lookup = match self.resolver.srv_lookup(format!("{service}.{host}")).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => {
                return self.host(host, transport.default_port(), transport).await;
            }
            Err(error) => return Err(unanswered(host, &error)),
        };
        let mut found = Found { targets: Vec::new(), until: lookup.valid_until() };
        let mut trouble = None;
        for record in lookup.answers() {
            let RData::SRV(service) = &record.data else { continue };
            if service.target.is_root() {
                continue;
            }
            match self.host(&service.target.to_ascii(), service.port, transport).await {
                Ok(host) => {
                    found.until = found.until.min(host.until);
                    let addresses = host.targets.into_iter().flat_map(|target| target.addresses).collect();
                    let (priority, weight) = (u32::from(service.priority), service.weight);
                    found.targets.push(Target { priority, weight, addresses });
                }
                Err(error) => trouble = Some(error),
            }
        }
        if !found.targets.is_empty() {
            return Ok(found);
        }
        let none = || Unresolved::Nowhere(format!("{host} offers no SIP by {transport}: ask the carrier"));
        Err(trouble.unwrap_or_else(none))
    }

    /// IPv4 goes before IPv6; by UDP only the families that we have a socket of.
    async fn host(&self, host: &str, port: u16, transport: Transport) -> Result<Found, Unresolved> {
        let lookup = self.resolver.lookup_ip(host).await.map_err(|error| unanswered(host, &error))?;
        let usable =
            |ip: &IpAddr| transport != Transport::Udp || self.addresses.listener(transport, *ip).is_some();
        let usable = lookup.iter().filter(usable);
        let mut addresses: Vec<SocketAddr> = usable.map(|ip| SocketAddr::new(ip, port)).collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        if addresses.is_empty() {
            return Err(Unresolved::Nowhere(nowhere(host)));
        }
        let targets = vec![Target { priority: 0, weight: 0, addresses }];
        Ok(Found { targets, until: lookup.valid_until() })
    }
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    server
}

fn unanswered(host: &str, error: &NetError) -> Unresolved {
    if error.is_no_records_found() {
        Unresolved::Nowhere(nowhere(host))
    } else {
        Unresolved::Unknown(format!("the name server cannot tell the address of {host} ({error})"))
    }
}

fn nowhere(host: &str) -> String {
    format!(
        "{host} has no address that we can send to: correct the trunk's peer, or ask the carrier for its name"
    )
}
