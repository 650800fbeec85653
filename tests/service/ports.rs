//! Free ports below the range that the system gives to outgoing connections, so that nobody takes them meanwhile.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

/// An address on loopback that is free for TCP and UDP now.
pub(crate) fn free() -> SocketAddr {
    (0..1000)
        .map(|_| SocketAddr::from((Ipv4Addr::LOCALHOST, 15_000 + (random() % 17_000) as u16)))
        .find(|address| TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok())
        .expect("of a thousand ports one is free")
}

/// A range for RTP; those who share one find the ports of the other taken and go on.
pub(crate) fn rtp_range() -> String {
    let first = 10_000 + (random() % 98) * 50;
    format!("{first}-{}", first + 49)
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
