//! The UDP socket that rsipstack reads and writes through: the gate stands in it, and ICMP errors
//! find the transactions they concern.

use std::io;
use std::net::SocketAddr;
use std::time::SystemTime;

use rsipstack::platform::net::UdpSocket as PlatformSocket;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use uac::Transport::Udp;

use super::gate::{Gate, Verdict};
use super::icmp;
use crate::config::SipConfig;
use crate::tap::Tap;

pub(super) struct GatedSocket {
    socket: UdpSocket,
    gate: Gate,
    tap: Tap,
    /// Our address as peers know it.
    known_as: SocketAddr,
}

impl GatedSocket {
    pub(super) fn bind(config: &SipConfig, gate: Gate) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(config.bind)?;
        socket.set_nonblocking(true)?;
        icmp::enable(&socket, config.bind.is_ipv4())?;
        let local = socket.local_addr()?;
        let known_as = config.advertised_at(local).unwrap_or(local);
        Ok(Self { socket: UdpSocket::from_std(socket)?, gate, tap: config.tap.clone(), known_as })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The next datagram. Errors of the socket belong to datagrams sent before, and are reported
    /// where they belong.
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            let ready = self.socket.ready(Interest::READABLE | Interest::ERROR).await?;
            if ready.is_error() {
                self.on_icmp();
            }
            match self.socket.try_recv_from(buffer) {
                Ok(received) => return Ok(received),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.on_icmp(),
            }
        }
    }

    async fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
        let at = SystemTime::now();
        let sent = self.socket.send_to(datagram, to).await;
        if sent.is_ok() {
            self.tap.sent(at, Udp, self.known_as, to, datagram);
        }
        sent
    }

    /// Reports the queued ICMP errors.
    fn on_icmp(&self) {
        for (destination, error) in icmp::drain(&self.socket) {
            self.gate.unreachable(destination, &error);
        }
        // The queue is empty: wait for the next error, not for this one again.
        let _ = self.socket.try_io(Interest::ERROR, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
    }
}

#[async_trait::async_trait]
impl PlatformSocket for GatedSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            let (length, from) = self.receive(buffer).await?;
            let verdict = self.gate.admit(&buffer[..length], from);
            if verdict != Verdict::Drop {
                self.tap.received(Udp, self.known_as, from, &buffer[..length]);
            }
            match verdict {
                Verdict::Pass(bytes) if bytes.len() <= buffer.len() => {
                    buffer[..bytes.len()].copy_from_slice(&bytes);
                    return Ok((bytes.len(), from));
                }
                // As with any answer on UDP, a lost one is asked for again.
                Verdict::Reply(bytes) => drop(self.send(&bytes, from).await),
                Verdict::Pass(_) | Verdict::Taken | Verdict::Drop => {}
            }
        }
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
            self.gate.unreachable(to, error);
        }
        Ok(sent?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
