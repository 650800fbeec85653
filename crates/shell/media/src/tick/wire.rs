//! A leg's sockets. One hears everybody. Once the peer has proven that it sends from where we send to, a second one on
//! the same port is connected to it: sending there is cheaper by up to a ninth (SOCKETS.md), and what strangers send
//! still comes to the first one, where it is counted.

use crate::ports;
use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

/// Packets in a row from the address that was agreed on, until it is taken for proven: a second's.
const PROVEN: u32 = 50;
/// Ticks between two looks for whatever else may wait, while each tick brings its one packet.
const CALM: u8 = 7;
/// Behind a longer pause (a frame and a half) more than one packet waits, and is wanted before the recording goes on.
const LATE: Duration = Duration::from_millis(30);
/// Refusals passed over at once.
const MOST_REFUSALS: u32 = 8;

pub(super) struct Wire {
    open: UdpSocket,
    peer: Option<UdpSocket>,
    /// Where we send to.
    remote: Option<SocketAddr>,
    /// Packets in a row from there.
    proof: u32,
    /// Ticks until all that waits is taken again.
    calm: u8,
    /// The latest look.
    last: Option<Instant>,
}

/// One tick's look at the sockets.
pub(super) struct Look {
    at: Instant,
    thorough: bool,
    heard: u32,
    peer_empty: bool,
}

impl Wire {
    pub(super) fn new(open: UdpSocket) -> Self {
        Self { open, peer: None, remote: None, proof: 0, calm: 0, last: None }
    }

    /// From now on we send there.
    pub(super) fn connect(&mut self, remote: SocketAddr) {
        if self.remote.replace(remote) != Some(remote) {
            self.peer = None;
            self.proof = 0;
            self.calm = 0;
        }
    }

    /// A peer that sends a packet a tick is not asked for a second one each time, which would cost a system call, but
    /// where the tick itself is late.
    pub(super) fn look(&self, at: Instant) -> Look {
        let late = self.last.is_none_or(|last| at.saturating_duration_since(last) > LATE);
        Look { at, thorough: self.calm == 0 || late, heard: 0, peer_empty: self.peer.is_none() }
    }

    /// The last look there is.
    pub(super) fn last_look(&self, at: Instant) -> Look {
        Look { thorough: true, ..self.look(at) }
    }

    /// The next datagram, its length and where it came from.
    pub(super) fn receive(&mut self, room: &mut [u8], look: &mut Look) -> Option<(usize, SocketAddr)> {
        if look.heard == 1 && !look.thorough {
            return None;
        }
        if let (Some(peer), Some(remote), false) = (&self.peer, self.remote, look.peer_empty) {
            if let Some(length) = waiting(|| peer.recv(room)) {
                look.heard += 1;
                return Some((length, remote));
            }
            look.peer_empty = true;
        }
        let (length, from) = waiting(|| self.open.recv_from(room))?;
        look.heard += 1;
        self.prove(from);
        Some((length, from))
    }

    /// To be told of each look when it is over.
    pub(super) fn looked(&mut self, look: &Look) {
        self.last = Some(look.at);
        self.calm = match (look.heard, look.thorough) {
            (1, true) => CALM,
            (1, false) => self.calm - 1,
            // Too many or none: the next tick has more to take.
            _ => 0,
        };
    }

    pub(super) fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
        match self.peer.as_ref().filter(|_| self.remote == Some(to)) {
            // The error is of an earlier packet: this one has not been sent.
            Some(peer) => match peer.send(datagram) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => peer.send(datagram),
                sent => sent,
            },
            None => self.open.send_to(datagram, to),
        }
    }

    fn prove(&mut self, from: SocketAddr) {
        let Some(remote) = self.remote.filter(|_| self.peer.is_none()) else { return };
        self.proof = if from == remote { self.proof.saturating_add(1) } else { 0 };
        if self.proof != PROVEN {
            return;
        }
        match ports::connected_beside(&self.open, remote) {
            Ok(peer) => self.peer = Some(peer),
            Err(error) => {
                tracing::debug!(%error, "the peer gets no socket of its own; its packets cost more");
            }
        }
    }
}

/// What a socket holds; a refusal that the peer sent of an earlier packet is passed over, which silence will show.
fn waiting<T>(mut receive: impl FnMut() -> io::Result<T>) -> Option<T> {
    for _ in 0..MOST_REFUSALS {
        match receive() {
            Ok(received) => return Some(received),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused => {}
                _ => return None,
            },
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets taken at one look.
    fn taken(wire: &mut Wire, at: Instant) -> usize {
        let (mut look, mut room) = (wire.look(at), [0; 64]);
        let count = std::iter::from_fn(|| wire.receive(&mut room, &mut look)).count();
        wire.looked(&look);
        count
    }

    #[test]
    fn behind_a_late_tick_all_that_waits_is_taken_at_once() {
        let [us, peer] = [0, 1].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
        us.set_nonblocking(true).unwrap();
        let to = us.local_addr().unwrap();
        let send = |count: usize| {
            for _ in 0..count {
                peer.send_to(b"sound", to).unwrap();
            }
        };
        let (mut wire, begin) = (Wire::new(us), Instant::now());
        let tick = |number: u32| begin + Duration::from_millis(20) * number;
        send(1);
        assert_eq!(taken(&mut wire, tick(0)), 1);
        send(2);
        assert_eq!(taken(&mut wire, tick(1)), 1, "a second one may wait while ticks are in time");
        send(10);
        assert_eq!(taken(&mut wire, tick(12)), 11);
    }
}
