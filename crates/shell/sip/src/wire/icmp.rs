//! ICMP errors of an unconnected UDP socket, from its error queue (ip(7), `IP_RECVERR`).

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};

/// Room for the control messages of one error.
const CONTROL: usize = 512;

/// Asks the system to queue errors.
pub(super) fn enable(socket: &impl AsFd, ipv4: bool) -> io::Result<()> {
    let set = if ipv4 {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)
    };
    set.map_err(io::Error::from)
}

/// Takes all queued errors: where the datagram was sent, and what happened to it.
pub(super) fn drain(socket: &impl AsRawFd) -> Vec<(SocketAddr, io::Error)> {
    std::iter::from_fn(|| next(socket)).flatten().collect()
}

/// The next entry, as none or one error: some tell nothing. `None` when the queue is empty.
fn next(socket: &impl AsRawFd) -> Option<Vec<(SocketAddr, io::Error)>> {
    let mut payload = [0_u8; 64];
    let mut buffers = [IoSliceMut::new(&mut payload)];
    let mut control = [0_u8; CONTROL];
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut buffers, Some(&mut control), flags).ok()?;
    let destination = message.address.as_ref().and_then(socket_address);
    let code = message.cmsgs().ok().into_iter().flatten().find_map(|control| match control {
        ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
            Some(error.ee_errno)
        }
        _ => None,
    });
    let error = code.map(|code| io::Error::from(Errno::from_raw(code.cast_signed())));
    Some(destination.zip(error).into_iter().collect())
}

pub(super) fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|address| SocketAddr::V4(SocketAddrV4::from(*address)));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| SocketAddr::V6(SocketAddrV6::from(*address))))
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_closed_port_is_told_with_its_address() {
        let dead = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        enable(&socket, true).unwrap();
        socket.send_to(b"x", dead).unwrap();
        let begun = Instant::now();
        let mut errors = drain(&socket);
        while errors.is_empty() && begun.elapsed() < Duration::from_secs(5) {
            errors = drain(&socket);
        }
        assert_eq!(errors[0].0, dead);
        assert_eq!(errors[0].1.kind(), io::ErrorKind::ConnectionRefused);
    }
}
