//! A UDP relay in the way of the signalling that loses some of it, the same datagrams in every run of a seed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::ports;

/// How often a side looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);

/// A relay between the service and one peer; ended with the test.
pub(crate) struct Relay {
    /// Where the service finds the peer.
    pub(crate) front: SocketAddr,
    shared: Arc<Shared>,
    sides: Vec<JoinHandle<()>>,
}

struct Shared {
    end: AtomicBool,
    passed: AtomicU64,
    lost: AtomicU64,
    /// In thousandths.
    loss: u64,
}

impl Relay {
    /// Relays between `service` and `peer`, losing `loss` thousandths of the datagrams each way.
    pub(crate) fn between(service: SocketAddr, peer: SocketAddr, loss: u64, seed: u64) -> Self {
        let front = ports::free();
        let outside = UdpSocket::bind(front).unwrap();
        // The peer answers to where it hears from: one socket stands for the service.
        let inside = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let shared = Arc::new(Shared {
            end: AtomicBool::new(false),
            passed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            loss,
        });
        let sides = [
            side(&outside, &inside, peer, seed, &shared),
            side(&inside, &outside, service, seed ^ u64::MAX, &shared),
        ];
        Self { front, shared, sides: sides.into() }
    }

    /// Datagrams passed on and lost so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.shared.passed.load(Ordering::Relaxed), self.shared.lost.load(Ordering::Relaxed))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.end.store(true, Ordering::Relaxed);
        for side in self.sides.drain(..) {
            let _ = side.join();
        }
    }
}

/// Passes on what comes to `from`, through `to`, to `there`.
fn side(
    from: &UdpSocket,
    to: &UdpSocket,
    there: SocketAddr,
    seed: u64,
    shared: &Arc<Shared>,
) -> JoinHandle<()> {
    let (from, to, shared) = (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(shared));
    from.set_read_timeout(Some(LOOK)).unwrap();
    std::thread::spawn(move || {
        let mut chance = Chance(seed);
        let mut datagram = vec![0_u8; 65_535];
        while !shared.end.load(Ordering::Relaxed) {
            match from.recv(&mut datagram) {
                Ok(_) if chance.thousandths() < shared.loss => {
                    shared.lost.fetch_add(1, Ordering::Relaxed);
                }
                Ok(length) => {
                    // A peer that is not up yet refuses it: lost as on any network.
                    let _ = to.send_to(&datagram[..length], there);
                    shared.passed.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                // An ICMP error of a datagram sent before.
                Err(_) => {}
            }
        }
    })
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn thousandths(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % 1000
    }
}
