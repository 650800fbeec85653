//! `recvmmsg` and `sendmmsg` on each call's own socket.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg};

use super::Work;
use super::model::Sockets;
use super::one_by_one::{connected, waited};

pub(super) struct Batched {
    sockets: Vec<UdpSocket>,
    incoming: MultiHeaders<SockaddrIn>,
    outgoing: MultiHeaders<SockaddrIn>,
    more: [[u8; 256]; 3],
}

impl Batched {
    pub(super) fn open(work: &Work) -> io::Result<Self> {
        Ok(Self {
            sockets: connected(work)?,
            incoming: MultiHeaders::preallocate(4, None),
            outgoing: MultiHeaders::preallocate(1, None),
            more: [[0; 256]; 3],
        })
    }
}

impl Sockets for Batched {
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        let [second, third, fourth] = &mut self.more;
        let mut slices = [
            [IoSliceMut::new(room)],
            [IoSliceMut::new(second)],
            [IoSliceMut::new(third)],
            [IoSliceMut::new(fourth)],
        ];
        let socket = self.sockets[call].as_raw_fd();
        let got = recvmmsg(socket, &mut self.incoming, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None);
        waited(got.map(|mut got| got.next().map_or(0, |first| first.bytes)).map_err(io::Error::from))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        let slices = [[IoSlice::new(packet)]];
        let socket = self.sockets[call].as_raw_fd();
        let sent = sendmmsg(socket, &mut self.outgoing, &slices, [None], [], MsgFlags::empty());
        Ok(waited(sent.map(Iterator::count).map_err(io::Error::from))?.is_some())
    }
}
