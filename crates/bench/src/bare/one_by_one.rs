//! One system call a datagram.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use super::Work;
use super::model::Sockets;

pub(super) struct Connected {
    sockets: Vec<UdpSocket>,
    drained: bool,
}

pub(super) struct Unconnected {
    sockets: Vec<(UdpSocket, SocketAddr)>,
    drained: bool,
}

impl Connected {
    pub(super) fn open(work: &Work, drained: bool) -> io::Result<Self> {
        Ok(Self { sockets: connected(work)?, drained })
    }
}

impl Unconnected {
    pub(super) fn open(work: &Work, drained: bool) -> io::Result<Self> {
        let bind = |call| {
            let [local, peer] = work.ports(call);
            let socket = UdpSocket::bind(local)?;
            socket.set_nonblocking(true)?;
            Ok((socket, peer.into()))
        };
        let sockets = (0..usize::from(work.calls)).map(bind).collect::<io::Result<_>>()?;
        Ok(Self { sockets, drained })
    }
}

/// Bound and connected, one for each call.
pub(super) fn connected(work: &Work) -> io::Result<Vec<UdpSocket>> {
    let bind = |call| {
        let [local, peer] = work.ports(call);
        let socket = UdpSocket::bind(local)?;
        socket.set_nonblocking(true)?;
        socket.connect(peer)?;
        Ok(socket)
    };
    (0..usize::from(work.calls)).map(bind).collect()
}

impl Sockets for Connected {
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        let socket = &self.sockets[call];
        receive(self.drained, || waited(socket.recv(room)))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        Ok(waited(self.sockets[call].send(packet))?.is_some())
    }
}

impl Sockets for Unconnected {
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        let (socket, _) = &self.sockets[call];
        receive(self.drained, || waited(socket.recv_from(room).map(|(length, _)| length)))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        let (socket, peer) = &self.sockets[call];
        Ok(waited(socket.send_to(packet, peer))?.is_some())
    }
}

/// Drained: the last of what waited.
fn receive(drained: bool, mut next: impl FnMut() -> io::Result<Option<usize>>) -> io::Result<Option<usize>> {
    let mut latest = next()?;
    while drained && latest.is_some() {
        match next()? {
            Some(length) => latest = Some(length),
            None => break,
        }
    }
    Ok(latest)
}

/// Nothing there, or a peer that is not there yet, is no error.
pub(super) fn waited(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Ok(length) => Ok(Some(length)),
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => {
                Ok(None)
            }
            _ => Err(error),
        },
    }
}
