//! From a hop to the socket or connection that leads there.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::transport::{SipAddr, SipConnection};
use uac::{Hop, Transport, srv};

use super::addresses::Addresses;
use super::intake::stack_transport;
use super::link::Link;
use super::names::Names;
use super::outlet::Outlet;
use super::random_seed;
use super::socket::Udp;
use super::streams::Streams;

/// What a message leaves by.
#[derive(Clone)]
pub(super) enum Way {
    Datagram(Arc<Udp>, SocketAddr),
    Stream(Link),
}

impl Way {
    pub(super) fn transport(&self) -> Transport {
        match self {
            Self::Datagram(..) => Transport::Udp,
            Self::Stream(link) => link.transport,
        }
    }

    pub(super) fn to(&self) -> SocketAddr {
        match self {
            Self::Datagram(_, to) => *to,
            Self::Stream(link) => link.to,
        }
    }

    pub(super) fn link(&self) -> Option<&Link> {
        match self {
            Self::Datagram(..) => None,
            Self::Stream(link) => Some(link),
        }
    }

    /// Our end.
    pub(super) fn from(&self) -> SocketAddr {
        match self {
            Self::Datagram(socket, _) => socket.local,
            Self::Stream(link) => link.from,
        }
    }

    pub(super) fn connection(&self) -> SipConnection {
        match self {
            Self::Datagram(socket, _) => socket.connection.clone(),
            Self::Stream(link) => link.connection.clone(),
        }
    }

    pub(super) fn destination(&self) -> SipAddr {
        SipAddr::new(stack_transport(self.transport()), self.to().into())
    }
}

/// All ways out.
pub(super) struct Ways {
    pub(super) sockets: Vec<Arc<Udp>>,
    pub(super) streams: Arc<Streams>,
    pub(super) names: Names,
    pub(super) addresses: Arc<Addresses>,
}

impl Ways {
    /// The way to `hop`, if nothing has to be waited for.
    pub(super) fn ready(&self, outlet: &Arc<Outlet>, hop: &Hop, size: usize) -> Option<Way> {
        let transport = outlet.transport_to(hop, size);
        let to = hop.address(transport)?;
        match transport {
            Transport::Udp => self.datagram(to).ok(),
            Transport::Tcp | Transport::Tls => self.streams.up(outlet, transport, to).map(Way::Stream),
        }
    }

    /// The way to the first of `hops` that can be resolved; else why there is none.
    pub(super) async fn find(&self, outlet: &Arc<Outlet>, hops: &[Hop], size: usize) -> Result<Way, String> {
        let mut why = "no way to the peer".to_owned();
        for hop in hops {
            let transport = outlet.transport_to(hop, size);
            match self.names.places(hop, transport).await {
                Ok(found) => {
                    let places = srv::order(&found.targets, transport, &mut random_seed());
                    let found = self.reach(outlet, &places, transport).await;
                    // What is too large for UDP and not taken by TCP goes by UDP after all
                    // (RFC 3261 section 18.1.1).
                    let too_large = transport != outlet.transport_to(hop, 0);
                    return match found {
                        Err(_) if too_large => self.reach(outlet, &places, outlet.transport_to(hop, 0)).await,
                        found => found,
                    };
                }
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    /// The first of `places` that takes us.
    async fn reach(&self, outlet: &Arc<Outlet>, places: &[Hop], transport: Transport) -> Result<Way, String> {
        let mut why = "no way to the peer".to_owned();
        for to in places.iter().filter_map(|place| place.address(transport)) {
            let way = match transport {
                Transport::Udp => self.datagram(to),
                Transport::Tcp | Transport::Tls => {
                    self.streams.link(outlet, transport, to).await.map(Way::Stream)
                }
            };
            match way {
                Ok(way) => return Ok(way),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn datagram(&self, to: SocketAddr) -> Result<Way, String> {
        let from = self.addresses.listener(Transport::Udp, to.ip());
        let socket = from.and_then(|from| self.sockets.iter().find(|socket| socket.local == from));
        let none = || {
            let family = if to.is_ipv4() { "IPv4" } else { "IPv6" };
            format!("{} is an {family} address, and we have none: add one to listen in [sip]", to.ip())
        };
        socket.map(|socket| Way::Datagram(socket.clone(), to)).ok_or_else(none)
    }
}
