//! Messages larger than a packet, by UDP.

use std::net::{Ipv4Addr, SocketAddr};

use sip::{Dial, Events, LargeRequests, LegEvent, SipConfig, SipStack, TrunkConfig};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, UdpSocket};
use uac::{Message, Request, Response};

use crate::sipp::{PATIENCE, free_address, last, trunk_to};

/// An offer that makes the INVITE larger than 1300 bytes.
fn large_offer() -> String {
    let attributes: String = ["a=x-padding:0123456789abcdefghijklmnopqrstuvwxyz\r\n"; 40].concat();
    crate::sipp::offer() + &attributes
}

async fn dial(peer: SocketAddr, large_requests: LargeRequests) -> (SipStack, Events, sip::Leg) {
    let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
    let trunk = TrunkConfig { large_requests, ..trunk_to(peer) };
    let ours = SipStack::start(config, vec![trunk]).await.unwrap();
    let dial = Dial { number: "138".to_owned(), call_id: "large".to_owned(), offer: large_offer() };
    let (leg, events) = ours.trunk("carrier").unwrap().dial(dial);
    (ours, events, leg)
}

fn request(bytes: &[u8]) -> Request {
    match uac::wire::parse(bytes).unwrap() {
        Message::Request(request) => request,
        Message::Response(response) => panic!("{response:?}"),
    }
}

#[tokio::test]
async fn a_large_response_arrives_whole() {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (_ours, mut events, _leg) = dial(peer.local_addr().unwrap(), LargeRequests::Udp).await;
    let mut buffer = vec![0; 65_535];
    let (length, from) = tokio::time::timeout(PATIENCE, peer.recv_from(&mut buffer)).await.unwrap().unwrap();
    assert!(length > 1300, "it came by UDP all the same");
    let invite = request(&buffer[..length]);
    let mut busy = Response::to(&invite, 486, "Busy Here", "peer");
    busy.headers.push("Content-Type", "text/plain");
    busy.headers.push("Warning", "399 peer \"behind the body\"");
    busy.body = vec![b'x'; 16_000];
    peer.send_to(&uac::wire::response_bytes(&busy), from).await.unwrap();
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!(failure.status, Some(486));
    assert_eq!(failure.warning.as_deref(), Some("399 peer \"behind the body\""));
}

#[tokio::test]
async fn a_large_request_goes_by_tcp_where_the_trunk_says_so() {
    let address = free_address();
    let stream = TcpListener::bind(address).await.unwrap();
    let (_ours, _events, _leg) = dial(address, LargeRequests::Tcp).await;
    let (mut connection, _) = tokio::time::timeout(PATIENCE, stream.accept()).await.unwrap().unwrap();
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        assert_ne!(connection.read_buf(&mut bytes).await.unwrap(), 0);
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("INVITE ") && text.contains("Via: SIP/2.0/TCP "), "{text}");
}

#[tokio::test]
async fn a_large_request_goes_by_udp_after_all_where_tcp_is_refused() {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (_ours, _events, _leg) = dial(peer.local_addr().unwrap(), LargeRequests::Tcp).await;
    let mut buffer = vec![0; 65_535];
    let (length, _) = tokio::time::timeout(PATIENCE, peer.recv_from(&mut buffer)).await.unwrap().unwrap();
    let via = request(&buffer[..length]).headers.first("Via").unwrap().to_owned();
    assert!(via.starts_with("SIP/2.0/UDP "), "{via}");
}
