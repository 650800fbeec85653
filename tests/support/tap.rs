//! A tap on the wire between huifang and its peer: a relay that both believe to be the other, for signalling and
//! for RTP, and that keeps every RTP datagram it passes on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::ports;

/// What went by of one direction.
pub(crate) type Datagrams = Vec<Vec<u8>>;

/// A relay in front of a called party.
pub(crate) struct Tap {
    /// huifang's trunk points here.
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    relays: [JoinHandle<()>; 2],
}

#[derive(Default)]
struct Seen {
    /// The RTP addresses that each side has described.
    ours: Option<SocketAddr>,
    theirs: Option<SocketAddr>,
    sent: Datagrams,
    heard: Datagrams,
}

impl Tap {
    /// Begins to relay to `peer`.
    pub(crate) async fn before(peer: SocketAddr) -> Self {
        let signalling = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let rtp = UdpSocket::bind((Ipv4Addr::LOCALHOST, ports::rtp())).await.unwrap();
        let (address, media) = (signalling.local_addr().unwrap(), rtp.local_addr().unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let relays = [
            tokio::spawn(relay_signalling(signalling, peer, media.port(), Arc::clone(&seen))),
            tokio::spawn(relay_rtp(rtp, Arc::clone(&seen))),
        ];
        Self { address, seen, relays }
    }

    /// What huifang sent and what its peer sent.
    pub(crate) fn datagrams(self) -> (Datagrams, Datagrams) {
        self.relays.iter().for_each(JoinHandle::abort);
        let mut seen = self.seen.lock().unwrap();
        (std::mem::take(&mut seen.sent), std::mem::take(&mut seen.heard))
    }
}

/// Puts our RTP port in the place of whoever describes one. Ports have five digits here, so no length changes.
async fn relay_signalling(socket: UdpSocket, peer: SocketAddr, media: u16, seen: Arc<Mutex<Seen>>) {
    let mut caller = None;
    let mut octets = vec![0; 65_536];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut octets).await else { continue };
        let mut text = String::from_utf8_lossy(&octets[..length]).into_owned();
        let described =
            text.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()).map(str::to_owned);
        if let Some(port) = described.filter(|port| port != "0") {
            assert_eq!(port.len(), media.to_string().len(), "ports of equal length");
            let rtp = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().unwrap()));
            let mut seen = seen.lock().unwrap();
            *(if from == peer { &mut seen.theirs } else { &mut seen.ours }) = Some(rtp);
            text = text.replacen(&format!("m=audio {port} "), &format!("m=audio {media} "), 1);
        }
        if from != peer {
            caller = Some(from);
        }
        let to = if from == peer { caller } else { Some(peer) };
        if let Some(to) = to {
            let _ = socket.send_to(text.as_bytes(), to).await;
        }
    }
}

async fn relay_rtp(socket: UdpSocket, seen: Arc<Mutex<Seen>>) {
    let mut octets = vec![0; 65_536];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut octets).await else { continue };
        let datagram = &octets[..length];
        let to = {
            let mut seen = seen.lock().unwrap();
            if seen.ours == Some(from) {
                seen.sent.push(datagram.to_vec());
                seen.theirs
            } else {
                seen.heard.push(datagram.to_vec());
                seen.ours
            }
        };
        if let Some(to) = to {
            let _ = socket.send_to(datagram, to).await;
        }
    }
}
