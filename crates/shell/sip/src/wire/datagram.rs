//! A datagram with the moment at which the system took it off the network: on a busy machine it may wait in the
//! socket for longer than a recording may be wrong.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;

use super::icmp::socket_address;

/// No datagram waits longer in a socket that is read; one that seems to has seen the wall clock being set.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Asks the system to note when datagrams come.
pub(super) fn enable(socket: &impl AsFd) -> io::Result<()> {
    Ok(setsockopt(socket, sockopt::ReceiveTimestampns, &true)?)
}

/// The next datagram: its length, where it came from, and when.
pub(super) fn receive(socket: &impl AsRawFd, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr, Instant)> {
    let mut parts = [IoSliceMut::new(buffer)];
    let mut control = nix::cmsg_space!(TimeSpec);
    let message = recvmsg::<SockaddrStorage>(
        socket.as_raw_fd(),
        &mut parts,
        Some(&mut control),
        MsgFlags::MSG_DONTWAIT,
    )?;
    let from = message.address.as_ref().and_then(socket_address).ok_or(io::ErrorKind::AddrNotAvailable)?;
    let noted = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(UNIX_EPOCH + Duration::from(time)),
        _ => None,
    });
    Ok((message.bytes, from, moment(noted)))
}

fn moment(noted: Option<SystemTime>) -> Instant {
    let now = Instant::now();
    let waited = noted.and_then(|noted| SystemTime::now().duration_since(noted).ok());
    waited.filter(|waited| *waited < LONGEST_WAIT).and_then(|waited| now.checked_sub(waited)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_datagram_came_when_it_was_sent_however_late_it_is_read() {
        let [us, peer] = [0, 1].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
        enable(&us).unwrap();
        // Two clocks are read one after the other.
        let apart = Duration::from_millis(5);
        // Linux notes arrivals from some moments after the first socket of the machine asks for it.
        let noted = (0..100).any(|_| {
            let before = Instant::now();
            peer.send_to(b"BYE", us.local_addr().unwrap()).unwrap();
            let after = Instant::now();
            while after.elapsed() < Duration::from_millis(20) {
                std::hint::spin_loop();
            }
            let mut buffer = [0; 16];
            let (length, from, at) = receive(&us, &mut buffer).unwrap();
            assert_eq!((&buffer[..length], from), (&b"BYE"[..], peer.local_addr().unwrap()));
            assert!(before <= at + apart, "{:?} too early", before.saturating_duration_since(at));
            at <= after + apart
        });
        assert!(noted, "it came when it was read");
    }

    #[test]
    fn a_wall_clock_that_is_set_moves_nothing() {
        let before = Instant::now();
        for noted in [None, Some(UNIX_EPOCH), Some(SystemTime::now() + Duration::from_secs(3600))] {
            assert!(moment(noted) >= before);
        }
    }
}
