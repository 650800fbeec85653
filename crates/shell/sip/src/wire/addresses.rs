//! Our own addresses: which one a peer sees, by transport and family.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use uac::Transport;

/// How long the system's route to a peer is taken for known.
const ROUTE_LIFE: Duration = Duration::from_secs(10);
/// Most routes remembered.
const ROUTES: usize = 1024;

/// Where we listen, and what we call ourselves there.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// At most one per family.
    pub(super) advertised: Vec<IpAddr>,
    pub(super) udp: Vec<SocketAddr>,
    pub(super) tcp: Vec<SocketAddr>,
    pub(super) tls: Vec<SocketAddr>,
    routes: Mutex<HashMap<IpAddr, (Instant, IpAddr)>>,
}

impl Addresses {
    /// Our address as `peer` sees it. `from` is our end of a connection to it, which counts where
    /// nothing listens for that transport.
    pub(super) fn seen_by(&self, transport: Transport, peer: IpAddr, from: Option<SocketAddr>) -> SocketAddr {
        let listener = self.listener(transport, peer);
        let port = listener.or(from).map_or(transport.default_port(), |address| address.port());
        let bound = listener.or(from).map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
        let ip = self.advertised_to(peer).or(bound).unwrap_or_else(|| self.route_to(peer));
        SocketAddr::new(ip, port)
    }

    /// The address that connections to `peer` start from, where we are bound to a certain one.
    pub(super) fn source_to(&self, transport: Transport, peer: IpAddr) -> Option<IpAddr> {
        let bound = self.listener(transport, peer).or_else(|| self.listener(Transport::Udp, peer))?.ip();
        // A connection to another interface than loopback cannot start there.
        let fits = !bound.is_unspecified() && bound.is_loopback() == peer.is_loopback();
        fits.then_some(bound)
    }

    /// The listener that a peer is told of: of its family, if possible the one its packets come to.
    pub(super) fn listener(&self, transport: Transport, peer: IpAddr) -> Option<SocketAddr> {
        let all = match transport {
            Transport::Udp => &self.udp,
            Transport::Tcp => &self.tcp,
            Transport::Tls => &self.tls,
        };
        let mut family = all.iter().filter(|address| address.is_ipv4() == peer.is_ipv4());
        let first = family.clone().next().copied();
        if family.clone().nth(1).is_none() {
            return first;
        }
        let source = self.route_to(peer);
        family.find(|address| address.ip() == source).copied().or(first)
    }

    fn advertised_to(&self, peer: IpAddr) -> Option<IpAddr> {
        self.advertised.iter().find(|ip| ip.is_ipv4() == peer.is_ipv4()).copied()
    }

    /// The address that the system would send from. Connecting a UDP socket sends nothing.
    fn route_to(&self, peer: IpAddr) -> IpAddr {
        let now = Instant::now();
        let mut routes = self.routes.lock();
        if let Some((_, source)) = routes.get(&peer).filter(|(at, _)| now - *at < ROUTE_LIFE) {
            return *source;
        }
        let any: IpAddr =
            if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let asked = UdpSocket::bind((any, 0)).and_then(|socket| {
            socket.connect((peer, 5060))?;
            socket.local_addr()
        });
        let source = asked.map_or(any, |address| address.ip());
        if routes.len() >= ROUTES {
            routes.clear();
        }
        routes.insert(peer, (now, source));
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_family_and_transport_has_its_own_address() {
        let ours = Addresses {
            advertised: vec!["203.0.113.5".parse().unwrap()],
            udp: vec![address("0.0.0.0:5060"), address("[::1]:5062")],
            tcp: vec![address("0.0.0.0:5064")],
            ..Addresses::default()
        };
        let here = Some(address("127.0.0.1:40000"));
        let table = [
            (Transport::Udp, "127.0.0.1", None, "203.0.113.5:5060"),
            (Transport::Udp, "::1", None, "[::1]:5062"),
            (Transport::Tcp, "127.0.0.1", here, "203.0.113.5:5064"),
            (Transport::Tls, "127.0.0.1", here, "203.0.113.5:40000"),
            (Transport::Tcp, "::1", Some(address("[::1]:40000")), "[::1]:40000"),
        ];
        for (transport, peer, from, seen) in table {
            let seen_as = ours.seen_by(transport, peer.parse().unwrap(), from);
            assert_eq!(seen_as, address(seen), "{transport} to {peer}");
        }
    }

    #[test]
    fn bound_to_every_address_the_route_tells() {
        let ours = Addresses { udp: vec![address("0.0.0.0:5060")], ..Addresses::default() };
        let peer = Ipv4Addr::LOCALHOST.into();
        assert_eq!(ours.seen_by(Transport::Udp, peer, None), address("127.0.0.1:5060"));
    }
}
