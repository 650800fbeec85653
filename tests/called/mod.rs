//! The carrier's side of a trunk on a real socket: it lets each call ring for a while and is busy then, and it says by
//! the kernel's clock what it saw.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;

/// One call as it was seen: times are the kernel's.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The user part of the request URI.
    pub(crate) number: String,
    pub(crate) from: SocketAddr,
    pub(crate) invited: Duration,
    /// The ACK to its end.
    pub(crate) ended: Option<Duration>,
}

/// The called side, at work in a thread of its own until its socket is gone with the test.
pub(crate) struct Called {
    seen: Arc<Mutex<HashMap<String, Seen>>>,
    pub(crate) address: SocketAddr,
}

impl Called {
    /// Answers OPTIONS, and every INVITE with 486 after `held`.
    pub(crate) fn at(address: SocketAddr, held: Duration) -> Self {
        let socket = Arc::new(UdpSocket::bind(address).unwrap());
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        let address = socket.local_addr().unwrap();
        let called = Self { seen: Arc::default(), address };
        let seen = Arc::clone(&called.seen);
        std::thread::spawn(move || answer_all(&socket, &seen, held));
        called
    }

    /// All calls so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().values().cloned().collect()
    }

    /// Calls that are up.
    pub(crate) fn up(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|call| call.ended.is_none()).collect()
    }
}

/// The most calls of these that were up at once.
pub(crate) fn most_at_once(seen: &[Seen]) -> usize {
    let at = |at: Duration| {
        seen.iter().filter(|call| call.invited <= at && call.ended.is_none_or(|ended| at < ended)).count()
    };
    seen.iter().map(|call| at(call.invited)).max().unwrap_or(0)
}

/// The most INVITEs of these within any second.
pub(crate) fn most_in_a_second(seen: &[Seen]) -> usize {
    let second = Duration::from_secs(1);
    let within =
        |from: Duration| seen.iter().filter(|call| (from..from + second).contains(&call.invited)).count();
    seen.iter().map(|call| within(call.invited)).max().unwrap_or(0)
}

fn answer_all(socket: &Arc<UdpSocket>, seen: &Mutex<HashMap<String, Seen>>, held: Duration) {
    loop {
        let (message, from, at) = receive(socket);
        let call = header(&message, "Call-ID").first().copied().unwrap_or_default().to_owned();
        match message.split(' ').next() {
            Some("OPTIONS") => send(socket, &answer(&message, "200 OK"), from),
            Some("INVITE") => {
                let mut seen = seen.lock().unwrap();
                if seen.contains_key(&call) {
                    continue;
                }
                seen.insert(call, Seen { number: user(&message), from, invited: at, ended: None });
                send(socket, &answer(&message, "100 Trying"), from);
                send(socket, &answer(&message, "180 Ringing"), from);
                let socket = Arc::clone(socket);
                std::thread::spawn(move || {
                    std::thread::sleep(held);
                    send(&socket, &answer(&message, "486 Busy Here"), from);
                });
            }
            Some("ACK") => {
                if let Some(seen) = seen.lock().unwrap().get_mut(&call) {
                    seen.ended.get_or_insert(at);
                }
            }
            _ => {}
        }
    }
}

/// A datagram, from whom, and when the kernel took it in: the called side's own scheduling squeezes nothing together.
fn receive(socket: &UdpSocket) -> (String, SocketAddr, Duration) {
    let mut buffer = vec![0; 65_535];
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let message =
        recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()).unwrap();
    let at = message.cmsgs().unwrap().find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
        _ => None,
    });
    let from = SocketAddr::V4(SocketAddrV4::from(message.address.unwrap()));
    let (length, at) = (message.bytes, at.expect("the kernel stamps datagrams"));
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), from, at)
}

fn header<'m>(message: &'m str, name: &str) -> Vec<&'m str> {
    message
        .lines()
        .filter(|line| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .collect()
}

/// `13800138000` of `INVITE sip:13800138000@127.0.0.1:5060 SIP/2.0`.
fn user(invite: &str) -> String {
    let uri = invite.split(' ').nth(1).unwrap_or_default();
    uri.trim_start_matches("sip:").split('@').next().unwrap_or_default().to_owned()
}

fn answer(request: &str, status: &str) -> String {
    let copied: Vec<&str> =
        ["Via", "From", "Call-ID", "CSeq"].iter().flat_map(|name| header(request, name)).collect();
    let to = header(request, "To")[0];
    let tag = if to.contains(";tag=") { "" } else { ";tag=called" };
    format!("SIP/2.0 {status}\r\n{}\r\n{to}{tag}\r\nContent-Length: 0\r\n\r\n", copied.join("\r\n"))
}

fn send(socket: &UdpSocket, text: &str, to: SocketAddr) {
    // Who was killed listens no more.
    let _ = socket.send_to(text.as_bytes(), to);
}
