//! One socket sends for all calls, a whole step at once.

use std::io::{self, IoSlice};
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};

use super::model::Sockets;
use super::one_by_one::{connected, waited};
use super::{PACKET, Work};

pub(super) struct SharedSend {
    sockets: Vec<UdpSocket>,
    sender: UdpSocket,
    peers: Vec<SockaddrIn>,
    headers: MultiHeaders<SockaddrIn>,
    packets: Vec<[u8; PACKET]>,
    to: Vec<Option<SockaddrIn>>,
}

impl SharedSend {
    pub(super) fn open(work: &Work) -> io::Result<Self> {
        let peers = (0..usize::from(work.calls)).map(|call| work.ports(call)[1].into()).collect();
        let sender = UdpSocket::bind((work.bind, 0))?;
        sender.set_nonblocking(true)?;
        let sockets = connected(work)?;
        let headers = MultiHeaders::preallocate(sockets.len().max(1), None);
        Ok(Self { sockets, sender, peers, headers, packets: Vec::new(), to: Vec::new() })
    }
}

impl Sockets for SharedSend {
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        waited(self.sockets[call].recv(room))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        self.packets.extend(<[u8; PACKET]>::try_from(packet));
        self.to.push(Some(self.peers[call]));
        Ok(true)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.packets.is_empty() {
            return Ok(());
        }
        let slices: Vec<[IoSlice<'_>; 1]> =
            self.packets.iter().map(|packet| [IoSlice::new(packet)]).collect();
        let sender = self.sender.as_raw_fd();
        let sent = sendmmsg(sender, &mut self.headers, &slices, &self.to, [], MsgFlags::empty());
        waited(sent.map(Iterator::count).map_err(io::Error::from))?;
        drop(slices);
        self.packets.clear();
        self.to.clear();
        Ok(())
    }
}
