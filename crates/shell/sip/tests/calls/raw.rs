//! A party that writes its own bytes, from an address of its own choosing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use sip::guard::{Counts, Policy};
use sip::{SipConfig, SipStack, TrunkConfig};
use tokio::net::UdpSocket;

use crate::sipp::PATIENCE;

/// Not the address of any trunk in these tests, yet on this machine.
pub(crate) const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Our stack's correspondent.
pub(crate) struct Raw {
    socket: UdpSocket,
    to: SocketAddr,
}

impl Raw {
    pub(crate) async fn at(ip: IpAddr, stack: &SipStack) -> Self {
        Self { socket: UdpSocket::bind((ip, 0)).await.unwrap(), to: stack.local_addr() }
    }

    /// At the trunks' address.
    pub(crate) async fn trunk(stack: &SipStack) -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), stack).await
    }

    pub(crate) async fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.to).await.unwrap();
    }

    /// The next message to us.
    pub(crate) async fn receive(&self) -> String {
        let mut buffer = vec![0; 65_535];
        let received = tokio::time::timeout(PATIENCE, self.socket.recv(&mut buffer)).await;
        let length = received.expect("an answer in time").unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    /// Everything that came and was not received. Ask after a [`settled`].
    pub(crate) fn unread(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut buffer = vec![0; 65_535];
        while let Ok(length) = self.socket.try_recv(&mut buffer) {
            found.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
        found
    }
}

/// Until the stack has dealt with every datagram sent before: it reads them in their order.
pub(crate) async fn settled(stack: &SipStack) {
    let trunk = Raw::trunk(stack).await;
    trunk.send(&options("settled")).await;
    assert!(trunk.receive().await.starts_with("SIP/2.0 200"));
}

/// An OPTIONS beside any call.
pub(crate) fn options(call_id: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:company@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{call_id};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:a@h>;tag=1\r\nTo: <sip:company@h>\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\n\
         User-Agent: somebody who writes enough that no answer is larger than the question was at all, whatever is \
         allowed, accepted or supported here\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// A stack with that policy and one trunk.
pub(crate) async fn guarded(trunk: TrunkConfig, guard: Policy) -> SipStack {
    let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), guard, ..SipConfig::default() };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

/// What was dropped since `before`, by reason.
pub(crate) fn dropped_since(stack: &SipStack, before: &Counts) -> Vec<(&'static str, u64)> {
    let now = stack.guard_counts();
    let differences = now.all_dropped().zip(before.all_dropped());
    let counted = differences.map(|((why, now), (_, before))| (why.slug(), now - before));
    counted.filter(|(_, number)| *number > 0).collect()
}
