//! `epoll` says who has something to hear.

use std::io;
use std::net::UdpSocket;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::Work;
use super::model::Sockets;
use super::one_by_one::{connected, waited};

/// Readiness taken at once.
const EVENTS: usize = 1024;

pub(super) struct Polled {
    sockets: Vec<UdpSocket>,
    ready: Vec<bool>,
    events: Vec<EpollEvent>,
    epoll: Epoll,
}

impl Polled {
    pub(super) fn open(work: &Work) -> io::Result<Self> {
        let sockets = connected(work)?;
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        for (number, socket) in (0..).zip(&sockets) {
            epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLET, number))?;
        }
        Ok(Self {
            ready: vec![false; sockets.len()],
            sockets,
            events: vec![EpollEvent::empty(); EVENTS],
            epoll,
        })
    }
}

impl Sockets for Polled {
    fn poll(&mut self) -> io::Result<()> {
        loop {
            let count = self.epoll.wait(&mut self.events, EpollTimeout::ZERO)?;
            for event in &self.events[..count] {
                self.ready[event.data() as usize] = true;
            }
            if count < EVENTS {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>> {
        if !std::mem::take(&mut self.ready[call]) {
            return Ok(None);
        }
        waited(self.sockets[call].recv(room))
    }

    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool> {
        Ok(waited(self.sockets[call].send(packet))?.is_some())
    }
}
