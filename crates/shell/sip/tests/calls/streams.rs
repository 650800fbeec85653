//! What a peer by TCP may do to us, played by a socket that is not careful.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sip::{LegEvent, SipConfig, SipStack, Transport, TrunkConfig, TrunkState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uac::framing::{Frame, Framer};
use uac::{Message, Request, Response};

use crate::sipp::{PATIENCE, dial, last, next, trunk_to};

/// A peer that takes one connection after the other.
struct Peer {
    listener: TcpListener,
    address: SocketAddr,
}

/// One of them.
struct Connection {
    stream: TcpStream,
    framer: Framer,
}

impl Peer {
    async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    async fn connection(&self) -> Connection {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        let (stream, _) = accepted.expect("a connection in time").unwrap();
        Connection { stream, framer: Framer::default() }
    }
}

impl Connection {
    async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.framer.cut().unwrap() {
                return Some(frame);
            }
            let mut buffer = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("in time");
            match read {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.framer.push(&buffer[..length]),
            }
        }
    }

    async fn request(&mut self) -> Request {
        loop {
            if let Frame::Message(bytes) = self.frame().await.expect("a request") {
                match uac::wire::parse(&bytes).unwrap() {
                    Message::Request(request) => return request,
                    Message::Response(_) => {}
                }
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }
}

fn answer_to(request: &Request, status: u16) -> Vec<u8> {
    uac::wire::response_bytes(&Response::to(request, status, "Answer", "peer"))
}

async fn stack(trunk: TrunkConfig) -> SipStack {
    let config = SipConfig {
        bind: (Ipv4Addr::LOCALHOST, 0).into(),
        keep_alive: Duration::from_millis(50),
        ..SipConfig::default()
    };
    SipStack::start(config, vec![TrunkConfig { transport: Transport::Tcp, ..trunk }]).await.unwrap()
}

#[tokio::test]
async fn one_response_comes_in_many_pieces_and_many_in_one() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let (_leg, mut events) = dial(&ours);
    let mut connection = peer.connection().await;
    let invite = connection.request().await;
    for byte in answer_to(&invite, 180) {
        connection.send(&[byte]).await;
    }
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, .. }));
    let both = [answer_to(&invite, 183), b"\r\n".to_vec(), answer_to(&invite, 486)].concat();
    connection.send(&both).await;
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 183, .. }));
    assert!(matches!(last(&mut events).await, LegEvent::Failed(failure) if failure.status == Some(486)));
}

#[tokio::test]
async fn garbage_ends_the_connection_and_the_next_call_opens_another() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let endless = vec![b'x'; 20_000];
    let garbage: [&[u8]; 3] = [
        &endless,
        b"SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
    ];
    for bytes in garbage {
        let (_leg, mut events) = dial(&ours);
        let mut connection = peer.connection().await;
        connection.request().await;
        connection.send(bytes).await;
        let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
        assert!(failure.detail.unwrap().contains("the peer sent a"), "the peer's fault is named");
        while connection.frame().await.is_some() {}
    }
}

#[tokio::test]
async fn all_calls_share_one_connection() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let offer = crate::sipp::offer;
    let dial = |id: &str| {
        let dial = sip::Dial { number: "138".to_owned(), call_id: id.to_owned(), offer: offer() };
        ours.trunk("carrier").unwrap().dial(dial)
    };
    let (_one, mut first) = dial("one");
    let mut connection = peer.connection().await;
    let invite = connection.request().await;
    let (_two, mut second) = dial("two");
    let other = connection.request().await;
    assert_ne!(invite.headers.call_id(), other.headers.call_id());
    connection.send(&answer_to(&other, 486)).await;
    connection.send(&answer_to(&invite, 480)).await;
    assert!(matches!(last(&mut first).await, LegEvent::Failed(failure) if failure.status == Some(480)));
    assert!(matches!(last(&mut second).await, LegEvent::Failed(failure) if failure.status == Some(486)));
}

#[tokio::test]
async fn a_connection_that_closes_fails_what_it_carries_at_once() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let (_leg, mut events) = dial(&ours);
    let mut connection = peer.connection().await;
    connection.request().await;
    drop(connection);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!(failure.kind, sip::FailureKind::Transport);
}

#[tokio::test]
async fn a_running_call_ends_over_a_new_connection() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let (leg, mut events) = dial(&ours);
    let mut connection = peer.connection().await;
    let invite = connection.request().await;
    let mut ok = Response::to(&invite, 200, "OK", "peer");
    ok.headers.push("Contact", format!("<sip:peer@{};transport=tcp>", peer.address));
    ok.headers.push("Content-Type", "application/sdp");
    ok.body = crate::sipp::offer().into_bytes();
    connection.send(&uac::wire::response_bytes(&ok)).await;
    crate::sipp::answer(&mut events).await;
    assert_eq!(connection.request().await.method, uac::Method::Ack);
    drop(connection);
    // The BYE may still leave by the old connection, and is repeated by the new one.
    leg.hang_up(None);
    let mut again = peer.connection().await;
    let bye = again.request().await;
    assert_eq!(bye.method, uac::Method::Bye);
    again.send(&answer_to(&bye, 200)).await;
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
}

#[tokio::test]
async fn keep_alives_are_sent_and_answered() {
    let peer = Peer::new().await;
    let ours = stack(trunk_to(peer.address)).await;
    let (_leg, _events) = dial(&ours);
    let mut connection = peer.connection().await;
    connection.request().await;
    assert_eq!(connection.frame().await, Some(Frame::Ping), "an idle connection is asked");
    connection.send(b"\r\n\r\n").await;
    loop {
        match connection.frame().await.expect("an answer") {
            Frame::Pong => break,
            Frame::Ping => {}
            Frame::Message(_) => panic!("no message was due"),
        }
    }
}

#[tokio::test]
async fn a_peer_that_does_not_listen_is_unreachable_with_the_reason() {
    let peer = crate::sipp::free_address();
    let ours = stack(TrunkConfig { options_interval: Duration::from_millis(50), ..trunk_to(peer) }).await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let down = state.wait_for(|state| matches!(state, TrunkState::Unreachable { .. }));
    let down = tokio::time::timeout(PATIENCE, down).await.expect("in time").unwrap().clone();
    let TrunkState::Unreachable { reason } = down else { unreachable!() };
    assert!(reason.contains("refused"), "{reason}");
}
