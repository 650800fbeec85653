//! The UDP socket that rsipstack reads and writes through: the gate stands in it, and ICMP errors
//! find the transactions they concern.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rsipstack::platform::net::UdpSocket as PlatformSocket;
use tokio::net::UdpSocket;

use super::gate::{Gate, Verdict};
use super::icmp;

/// Pause after a socket error that explains nothing, so that a broken socket does not spin.
const BRAKE: Duration = Duration::from_millis(50);

pub(super) struct GatedSocket {
    socket: UdpSocket,
    gate: Gate,
}

impl GatedSocket {
    pub(super) fn bind(address: SocketAddr, gate: Gate) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        icmp::enable(&socket, address.is_ipv4())?;
        Ok(Self { socket: UdpSocket::from_std(socket)?, gate })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Reports queued ICMP errors; whether there were any.
    fn on_icmp(&self) -> bool {
        let errors = icmp::drain(&self.socket);
        for (destination, error) in &errors {
            self.gate.unreachable(*destination, error);
        }
        !errors.is_empty()
    }
}

#[async_trait::async_trait]
impl PlatformSocket for GatedSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            let (length, from) = match self.socket.recv_from(buffer).await {
                Ok(received) => received,
                Err(_) if self.on_icmp() => continue,
                Err(error) => {
                    tracing::warn!(%error, "SIP socket");
                    tokio::time::sleep(BRAKE).await;
                    continue;
                }
            };
            match self.gate.admit(&buffer[..length], from) {
                Verdict::Pass(bytes) if bytes.len() <= buffer.len() => {
                    buffer[..bytes.len()].copy_from_slice(&bytes);
                    return Ok((bytes.len(), from));
                }
                // As with any answer on UDP, a lost one is asked for again.
                Verdict::Reply(bytes) => drop(self.socket.send_to(&bytes, from).await),
                Verdict::Pass(_) | Verdict::Drop => {}
            }
        }
    }

    /// An error that is pending from an earlier datagram would fail this one: after such errors are
    /// taken, the second try tells about this datagram.
    async fn send_to(&self, buffer: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        let mut sent = self.socket.send_to(buffer, to).await;
        if sent.is_err() {
            self.on_icmp();
            sent = self.socket.send_to(buffer, to).await;
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
