//! More than one 200 to one INVITE.

use std::time::Duration;

use sip::LegEvent;
use tokio::net::UdpSocket;
use uac::{Message, Method, Request, Response, wire};

use crate::sipp::{PATIENCE, Sipp, answer, dial, last, stack, trunk_to};

#[tokio::test]
async fn the_200_of_another_fork_is_acknowledged_and_ended() {
    let sipp = Sipp::answering("forks_into_two_answers").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    answer(&mut events).await;
    // SIPp hangs up once it has seen what it expects.
    assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }));
    sipp.plays_to_its_end().await;
}

/// SIPp takes the same ACK for a retransmission and hides it, so the peer is played here.
#[tokio::test]
async fn every_repetition_of_the_200_gets_the_same_ack() {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stack = stack(trunk_to(peer.local_addr().unwrap())).await;
    let (_leg, _events) = dial(&stack);
    let (invite, from) = request(&peer, &Method::Invite).await;
    let mut answer = Response::to(&invite, 200, "OK", "peer");
    answer.headers.push("Contact", format!("<sip:{}>", peer.local_addr().unwrap()));
    let mut acks = Vec::new();
    for _ in 0..3 {
        peer.send_to(&wire::response_bytes(&answer), from).await.unwrap();
        acks.push(request(&peer, &Method::Ack).await.0);
    }
    assert_eq!(acks[0].headers.to_tag().as_deref(), Some("peer"));
    assert!(acks.iter().all(|ack| *ack == acks[0]));
    stack.shutdown(Duration::ZERO).await;
}

/// The next request of that method; retransmissions of others are passed over.
async fn request(peer: &UdpSocket, method: &Method) -> (Request, std::net::SocketAddr) {
    let mut buffer = [0; 8192];
    loop {
        let received = tokio::time::timeout(PATIENCE, peer.recv_from(&mut buffer)).await;
        let (length, from) = received.expect("a request in time").unwrap();
        match wire::parse(&buffer[..length]) {
            Ok(Message::Request(request)) if request.method == *method => return (request, from),
            _ => {}
        }
    }
}
