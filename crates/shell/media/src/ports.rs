//! Two UDP sockets a leg: RTP on an even port of the configured range, RTCP on the next.

use crate::MediaError;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    ops::RangeInclusive,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Expedited forwarding (RFC 4594 section 4.1): what networks expect voice to be marked as.
const EXPEDITED: u32 = 0xB8;

pub(crate) struct Ports {
    bind: IpAddr,
    range: RangeInclusive<u16>,
    /// Ports are taken in turn, so that one just left rests while late packets still come to it.
    turn: AtomicUsize,
}

impl Ports {
    pub(crate) fn new(bind: IpAddr, range: RangeInclusive<u16>) -> Self {
        Self { bind, range, turn: AtomicUsize::new(0) }
    }

    /// Binds the next free pair; the system knows which are.
    pub(crate) fn take(&self) -> Result<Sockets, MediaError> {
        let first = self.range.start().next_multiple_of(2);
        let count = (usize::from(*self.range.end()) + 1).saturating_sub(usize::from(first)) / 2;
        for _ in 0..count {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % count;
            let port = first + turn as u16 * 2;
            let pair = self.bind(port).and_then(|rtp| Ok(Sockets { rtp, rtcp: self.bind(port + 1)? }));
            match pair {
                Ok(sockets) => return Ok(sockets),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(source) => return Err(MediaError::Bind { address: self.bind, source }),
            }
        }
        Err(MediaError::NoPortFree { first: *self.range.start(), last: *self.range.end() })
    }

    fn bind(&self, port: u16) -> io::Result<UdpSocket> {
        let address = SocketAddr::new(self.bind, port);
        let socket = new(address)?;
        socket.bind(&address.into())?;
        Ok(socket.into())
    }

    pub(crate) fn bound_to(&self) -> IpAddr {
        self.bind
    }
}

/// A leg's pair.
pub(crate) struct Sockets {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
}

/// A second socket on the same port, connected: the system gives it what comes from `peer`, and all else to the first
/// one (more specific sockets come first).
pub(crate) fn connected_beside(first: &UdpSocket, peer: SocketAddr) -> io::Result<UdpSocket> {
    let address = first.local_addr()?;
    let second = new(address)?;
    let first = SockRef::from(first);
    // Only for this moment: nobody else may take the port.
    first.set_reuse_address(true)?;
    second.set_reuse_address(true)?;
    let bound = second.bind(&address.into());
    first.set_reuse_address(false)?;
    second.set_reuse_address(false)?;
    bound?;
    second.connect(&peer.into())?;
    Ok(second.into())
}

fn new(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    let marked = match address {
        SocketAddr::V4(_) => socket.set_tos_v4(EXPEDITED),
        SocketAddr::V6(_) => socket.set_tclass_v6(EXPEDITED),
    };
    if let Err(error) = marked {
        tracing::debug!(%error, "RTP is sent without its class of service");
    }
    Ok(socket)
}
