//! Two sockets on each port: one connected to the peer, and one for whoever else sends there.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Socket, Type};

use super::Work;
use super::model::Sockets;
use super::one_by_one::waited;

/// Packets of a call between two looks at who else sends.
const LOOK: u32 = 50;

pub(super) struct Paired {
    pairs: Vec<Pair>,
}

struct Pair {
    peer: UdpSocket,
    others: UdpSocket,
    ticks: u32,
}

impl Paired {
    pub(super) fn open(work: &Work) -> io::Result<Self> {
        let open = |call| {
            let [local, peer] = work.ports(call).map(SocketAddr::from);
            let [others, own] = [bound(local)?, bound(local)?];
            own.connect(&peer.into())?;
            Ok(Pair { peer: own.into(), others: others.into(), ticks: 0 })
        };
        Ok(Self { pairs: (0..usize::from(work.calls)).map(open).collect::<io::Result<_>>()? })
    }
}

fn bound(local: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(true)?;
    socket.bind(&local.into())?;
    Ok(socket)
}

impl Sockets for Paired {
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        let pair = &mut self.pairs[call];
        pair.ticks += 1;
        if pair.ticks.is_multiple_of(LOOK) {
            while waited(pair.others.recv(room))?.is_some() {}
        }
        waited(pair.peer.recv(room))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        Ok(waited(self.pairs[call].peer.send(packet))?.is_some())
    }
}
