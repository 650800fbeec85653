//! The tap: a copy of every message that passes the wire, for whoever wants to look at it. A full
//! tap loses copies and never holds up a call.

use std::net::SocketAddr;
use std::time::SystemTime;

use tokio::sync::mpsc;
use uac::Transport;

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// By us.
    Sent,
    /// By the peer.
    Received,
}

/// One message as it was on the wire. It may hold credentials and keys: whoever keeps it takes
/// them out first.
#[derive(Debug, Clone)]
pub struct Traced {
    /// When it came, or was about to leave.
    pub at: SystemTime,
    /// Which way it went.
    pub direction: Direction,
    /// How it travelled.
    pub transport: Transport,
    /// Our end, as the peer knows it.
    pub local: SocketAddr,
    /// The other end.
    pub peer: SocketAddr,
    /// Exactly what was sent or received.
    pub bytes: Vec<u8>,
}

/// Where messages are copied to. Clones feed the same receiver; the default feeds none.
#[derive(Debug, Clone, Default)]
pub struct Tap(Option<mpsc::Sender<Traced>>);

impl Tap {
    /// A tap that holds at most `capacity` messages that nobody has taken yet.
    pub fn open(capacity: usize) -> (Self, mpsc::Receiver<Traced>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(Some(sender)), receiver)
    }

    /// A message that came in and passed the gate.
    pub(crate) fn received(&self, transport: Transport, local: SocketAddr, peer: SocketAddr, bytes: &[u8]) {
        self.copy(SystemTime::now(), Direction::Received, transport, [local, peer], bytes);
    }

    /// A message that has left. `at` was taken before it did, so that it stands before its answer.
    pub(crate) fn sent(
        &self,
        at: SystemTime,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        bytes: &[u8],
    ) {
        self.copy(at, Direction::Sent, transport, [local, peer], bytes);
    }

    fn copy(
        &self,
        at: SystemTime,
        direction: Direction,
        transport: Transport,
        [local, peer]: [SocketAddr; 2],
        bytes: &[u8],
    ) {
        let Some(tap) = &self.0 else { return };
        // A place first: what has none need not be copied.
        match tap.try_reserve() {
            Ok(place) => {
                place.send(Traced { at, direction, transport, local, peer, bytes: bytes.to_vec() });
            }
            Err(_) => metrics::counter!("huifang_sip_trace_lost_total").increment(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_or_closed_tap_loses_copies_and_nothing_waits() {
        let [local, peer] = ["127.0.0.1:5060", "127.0.0.1:5070"].map(|text| text.parse().unwrap());
        let (tap, mut taken) = Tap::open(2);
        for text in ["one", "two", "three"] {
            tap.received(Transport::Udp, local, peer, text.as_bytes());
        }
        assert_eq!(taken.try_recv().unwrap().bytes, b"one");
        tap.sent(SystemTime::UNIX_EPOCH, Transport::Tls, local, peer, b"four");
        assert_eq!(taken.try_recv().unwrap().bytes, b"two");
        let four = taken.try_recv().unwrap();
        assert_eq!(
            (four.direction, four.transport, four.at),
            (Direction::Sent, Transport::Tls, SystemTime::UNIX_EPOCH)
        );
        assert!(taken.try_recv().is_err(), "the third was lost");
        drop(taken);
        tap.received(Transport::Udp, local, peer, b"five");
        Tap::default().received(Transport::Udp, local, peer, b"six");
    }
}
