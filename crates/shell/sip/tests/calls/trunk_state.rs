//! What the OPTIONS ping makes of a trunk.

use std::net::UdpSocket;
use std::time::Duration;

use sip::{SipStack, TrunkConfig, TrunkState};

use crate::sipp::{PATIENCE, free_address, stack, trunk_to};

fn pinged(peer: std::net::SocketAddr) -> TrunkConfig {
    TrunkConfig { options_interval: Duration::from_millis(50), ..trunk_to(peer) }
}

async fn becomes(stack: &SipStack, wanted: impl Fn(&TrunkState) -> bool) -> TrunkState {
    let mut state = stack.trunk("carrier").unwrap().state();
    let reached = tokio::time::timeout(PATIENCE, state.wait_for(|state| wanted(state))).await;
    reached.expect("the state in time").unwrap().clone()
}

#[tokio::test]
async fn a_dead_peer_is_unreachable_until_it_comes_up() {
    let peer = free_address();
    let ours = stack(pinged(peer)).await;
    let down = becomes(&ours, |state| matches!(state, TrunkState::Unreachable { .. })).await;
    let TrunkState::Unreachable { reason } = down else { unreachable!() };
    assert!(reason.contains(&peer.to_string()), "{reason}");

    // Another stack of ours answers OPTIONS like any peer.
    let guard = sip::guard::Policy { trusted: vec!["127.0.0.1".parse().unwrap()], ..Default::default() };
    let config = sip::SipConfig { bind: peer, guard, ..sip::SipConfig::default() };
    let other = SipStack::start(config, Vec::new()).await.unwrap();
    becomes(&ours, |state| *state == TrunkState::Reachable).await;
    drop(other);
}

#[tokio::test]
async fn a_challenge_that_rejects_our_password_is_told_apart() {
    let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let ours = stack(pinged(peer.local_addr().unwrap())).await;
    let answering = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = peer.recv_from(&mut buffer).await {
            let Ok(uac::Message::Request(ping)) = uac::wire::parse(&buffer[..length]) else { continue };
            let mut challenge = uac::Response::to(&ping, 401, "Unauthorized", "t");
            challenge.headers.push("WWW-Authenticate", "Digest realm=\"carrier\", nonce=\"n\"");
            peer.send_to(&uac::wire::response_bytes(&challenge), from).await.unwrap();
        }
    });
    let state = becomes(&ours, |state| matches!(state, TrunkState::AuthFailed { .. })).await;
    let TrunkState::AuthFailed { reason } = state else { unreachable!() };
    assert!(reason.contains("password"), "{reason}");
    answering.abort();
}

#[tokio::test]
async fn a_bound_port_is_a_clear_error() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let config = sip::SipConfig { bind: taken.local_addr().unwrap(), ..sip::SipConfig::default() };
    let error = SipStack::start(config, Vec::new()).await.unwrap_err().to_string();
    assert!(error.contains("choose a free port"), "{error}");
}
