//! `[sip]`: our own signalling addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::Guard;

/// Where we listen and how we call ourselves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sip {
    /// UDP.
    pub listen: Addresses,
    /// Where carriers may open TCP connections to us.
    pub listen_tcp: Addresses,
    /// The same by TLS.
    pub listen_tls: Addresses,
    /// What we show to carriers that open TLS connections to us.
    pub tls: Option<Tls>,
    /// Addresses the carrier reaches us at, in Via, Contact and SDP, where they differ from `listen`: at most one of
    /// each family.
    pub advertise: Advertised,
    /// Asked for the addresses of trunks; the system's where empty.
    pub name_servers: Addresses,
    /// RFC 3261 T1 in milliseconds; change it only for networks that are far away.
    pub t1_ms: u64,
    /// Seconds without a word after which a connection of ours is asked for a sign of life.
    pub keep_alive_seconds: u64,
    /// Connections that carriers may have open to us, in all and from one address.
    pub connections: usize,
    pub connections_per_source: usize,
    /// Who may speak to us.
    pub guard: Guard,
}

/// Our certificate, as PEM files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// A carrier has to show a certificate that one of these signed.
    pub client_ca: Option<PathBuf>,
}

/// One address with its port, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "OneOrMany<SocketAddr>")]
pub struct Addresses(pub Vec<SocketAddr>);

/// One address without a port, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "OneOrMany<IpAddr>")]
pub struct Advertised(pub Vec<IpAddr>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "an address, or a list of addresses")]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl From<OneOrMany<SocketAddr>> for Addresses {
    fn from(addresses: OneOrMany<SocketAddr>) -> Self {
        match addresses {
            OneOrMany::One(one) => Self(vec![one]),
            OneOrMany::Many(many) => Self(many),
        }
    }
}

impl From<OneOrMany<IpAddr>> for Advertised {
    fn from(addresses: OneOrMany<IpAddr>) -> Self {
        match addresses {
            OneOrMany::One(one) => Self(vec![one]),
            OneOrMany::Many(many) => Self(many),
        }
    }
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            listen: Addresses(vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060))]),
            listen_tcp: Addresses::default(),
            listen_tls: Addresses::default(),
            tls: None,
            advertise: Advertised::default(),
            name_servers: Addresses::default(),
            t1_ms: 500,
            keep_alive_seconds: 25,
            connections: 256,
            connections_per_source: 16,
            guard: Guard::default(),
        }
    }
}

impl Sip {
    /// The first address for UDP.
    pub fn first(&self) -> SocketAddr {
        self.listen.0.first().copied().unwrap_or_else(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060)))
    }

    /// For a process beside one that holds these addresses: free ports, and nobody is let in. A trunk answers to where
    /// we send from.
    #[must_use]
    pub fn beside_another(&self) -> Self {
        let free = |address: &SocketAddr| SocketAddr::new(address.ip(), 0);
        let nowhere = Addresses::default;
        Self {
            listen: Addresses(self.listen.0.iter().map(free).collect()),
            listen_tcp: nowhere(),
            listen_tls: nowhere(),
            ..self.clone()
        }
    }

    /// What is wrong, as `key: fault. Remedy`.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.listen.0.is_empty() {
            faults.push("listen: no address: give one for UDP, such as \"0.0.0.0:5060\"".to_owned());
        }
        let of_family = |ipv4| self.advertise.0.iter().filter(|ip| ip.is_ipv4() == ipv4).count();
        if of_family(true) > 1 || of_family(false) > 1 {
            faults.push("advertise: two addresses of one family: give one of each at most".to_owned());
        }
        if !self.listen_tls.0.is_empty() && self.tls.is_none() {
            faults.push(
                "tls: listen_tls needs a certificate: add [sip.tls] with certificate and key".to_owned(),
            );
        }
        if self.keep_alive_seconds == 0 {
            faults.push("keep_alive_seconds: 0 is not an interval: give 1 or more".to_owned());
        }
        if self.connections == 0 || self.connections_per_source == 0 {
            faults.push(
                "connections: 0 would let nobody in: give 1 or more, or leave listen_tcp out".to_owned(),
            );
        }
        faults.extend(self.guard.faults().into_iter().map(|fault| format!("guard.{fault}")));
        faults
    }
}
