//! Ports on loopback that were free a moment ago.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

/// A UDP address.
pub(crate) fn udp() -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// A TCP address.
pub(crate) fn tcp() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// An even UDP port, as RTP wants it (RFC 3550 section 11).
pub(crate) fn rtp() -> u16 {
    loop {
        let port = udp().port();
        if port.is_multiple_of(2) {
            return port;
        }
    }
}

/// Until somebody owns a UDP address: a datagram before that would come back as an ICMP error.
pub(crate) async fn bound(address: SocketAddr) -> bool {
    let port = format!(":{:04X} ", address.port());
    for _ in 0..1000 {
        if std::fs::read_to_string("/proc/net/udp").unwrap().contains(&port) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}
