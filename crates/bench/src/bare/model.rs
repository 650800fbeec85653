//! The ways of using sockets that are compared.

use std::io;

use super::{Work, batched, epoll, one_by_one, paired, shared};

/// One socket a call; each tick asks it for one datagram and gives it one.
pub(super) trait Sockets {
    /// At the beginning of each step of the timer.
    fn poll(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The length of a datagram that waited, if one did.
    fn receive(&mut self, call: usize, room: &mut [u8]) -> io::Result<Option<usize>>;

    /// Whether it left, or will with [`Self::flush`].
    fn send(&mut self, call: usize, packet: &[u8]) -> io::Result<bool>;

    /// At the end of each step.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A way of using sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Model {
    /// Connected: `send` and one `recv` a tick.
    Connected,
    /// `send_to` and one `recv_from` a tick.
    Unconnected,
    /// Connected, and a second socket on the same port for what others than the peer send there.
    Paired,
    /// Connected, and received from until nothing is left: what late and early packets ask for.
    ConnectedDrained,
    /// Unconnected, and received from until nothing is left.
    UnconnectedDrained,
    /// Connected: one `recvmmsg` with room for four and one `sendmmsg` a tick.
    Batched,
    /// Connected: `epoll` says which sockets are to be received from.
    Epoll,
    /// All packets of a step leave by one `sendmmsg` on one socket. Their source port is the same for all calls, which
    /// no carrier would take: it shows what batching could save.
    SharedSend,
}

impl Model {
    pub(super) fn open(self, work: &Work) -> io::Result<Box<dyn Sockets>> {
        Ok(match self {
            Self::Connected => Box::new(one_by_one::Connected::open(work, false)?),
            Self::Unconnected => Box::new(one_by_one::Unconnected::open(work, false)?),
            Self::Paired => Box::new(paired::Paired::open(work)?),
            Self::ConnectedDrained => Box::new(one_by_one::Connected::open(work, true)?),
            Self::UnconnectedDrained => Box::new(one_by_one::Unconnected::open(work, true)?),
            Self::Batched => Box::new(batched::Batched::open(work)?),
            Self::Epoll => Box::new(epoll::Polled::open(work)?),
            Self::SharedSend => Box::new(shared::SharedSend::open(work)?),
        })
    }
}

impl std::fmt::Display for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = clap::ValueEnum::to_possible_value(self);
        f.write_str(name.as_ref().map_or("unnamed", |name| name.get_name()))
    }
}
