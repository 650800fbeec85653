//! A UDP socket: datagrams go in by the [`Intake`], what rsipstack sends goes out by it, and ICMP
//! errors find the transactions they concern.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use rsipstack::platform::net::UdpSocket as PlatformSocket;
use rsipstack::transport::SipConnection;
use rsipstack::transport::udp::UdpConnection;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use uac::Transport;

use super::addresses::Addresses;
use super::client::Ongoing;
use super::intake::Intake;
use super::{Stopped, failed};
use super::{datagram, icmp};
use crate::error::SipError;
use crate::tap::Tap;

/// No datagram is larger.
const LARGEST: usize = 65_535;

/// One bound socket.
pub(super) struct Udp {
    pub(super) local: SocketAddr,
    pub(super) connection: SipConnection,
    socket: Arc<Socket>,
}

impl Udp {
    /// Wraps a bound socket.
    pub(super) async fn of(
        socket: std::net::UdpSocket,
        addresses: Arc<Addresses>,
        (ongoing, tap, stopped): (Arc<Ongoing>, Tap, Stopped),
    ) -> Result<Self, SipError> {
        let local = socket.local_addr().map_err(failed)?;
        let inner = UdpSocket::from_std(socket).map_err(failed)?;
        let socket = Arc::new(Socket { inner, local, addresses, ongoing, tap });
        let connection =
            UdpConnection::from_socket(socket.clone(), None, Some(stopped)).await.map_err(failed)?;
        Ok(Self { local, connection: connection.into(), socket })
    }

    /// Binds without waiting for anything.
    pub(super) fn bind(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::DGRAM,
            Some(socket2::Protocol::UDP),
        )?;
        if address.is_ipv6() {
            // IPv4 has a socket of its own.
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        let socket = std::net::UdpSocket::from(socket);
        icmp::enable(&socket, address.is_ipv4())?;
        datagram::enable(&socket)?;
        Ok(socket)
    }

    /// Reads until the stack stops.
    pub(super) async fn serve(self: Arc<Self>, intake: Arc<Intake>, stopped: Stopped) {
        let mut buffer = vec![0; LARGEST];
        loop {
            let received = tokio::select! {
                () = stopped.cancelled() => return,
                received = self.socket.receive(&mut buffer) => received,
            };
            let Ok((length, from, at)) = received else { continue };
            let place = (Transport::Udp, self.socket.known_to(from), from);
            if let Some(reply) = intake.take((&buffer[..length], at), place, &self.connection).await {
                // As with any answer on UDP, a lost one is asked for again.
                let _ = self.socket.send(&reply, from).await;
            }
        }
    }
}

struct Socket {
    inner: UdpSocket,
    local: SocketAddr,
    addresses: Arc<Addresses>,
    ongoing: Arc<Ongoing>,
    tap: Tap,
}

impl Socket {
    /// The next datagram, whence and when it came. Errors of the socket belong to datagrams sent before, and are
    /// reported where they belong.
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr, Instant)> {
        loop {
            let ready = self.inner.ready(Interest::READABLE | Interest::ERROR).await?;
            if ready.is_error() {
                self.on_icmp();
            }
            let received = || datagram::receive(&self.inner, buffer);
            match self.inner.try_io(Interest::READABLE, received) {
                Ok(received) => return Ok(received),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.on_icmp(),
            }
        }
    }

    async fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
        let at = SystemTime::now();
        let sent = self.inner.send_to(datagram, to).await;
        if sent.is_ok() {
            self.tap.sent(at, Transport::Udp, self.known_to(to), to, datagram);
        }
        sent
    }

    /// Our address as `peer` knows it.
    fn known_to(&self, peer: SocketAddr) -> SocketAddr {
        self.addresses.seen_by(Transport::Udp, peer.ip(), Some(self.local))
    }

    /// Reports the queued ICMP errors.
    fn on_icmp(&self) {
        for (destination, error) in icmp::drain(&self.inner) {
            self.ongoing.unreachable(destination, &error);
        }
        // The queue is empty: wait for the next error, not for this one again.
        let _ = self.inner.try_io(Interest::ERROR, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
    }
}

#[async_trait::async_trait]
impl PlatformSocket for Socket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let (length, from, _) = self.receive(buffer).await?;
        Ok((length, from))
    }

    /// An error that is pending from an earlier datagram would fail this one: after such errors are
    /// taken, the second try tells about this datagram.
    async fn send_to(&self, buffer: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        let mut sent = self.send(buffer, to).await;
        if sent.is_err() {
            self.on_icmp();
            sent = self.send(buffer, to).await;
        }
        if let Err(error) = &sent {
            self.ongoing.unreachable(to, error);
        }
        Ok(sent?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.local)
    }
}
