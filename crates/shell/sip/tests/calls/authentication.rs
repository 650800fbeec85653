//! Digest challenges in every order a carrier may send them.

use sip::{FailureKind, LegEvent, Secret, TrunkConfig, TrunkState};

use crate::sipp::{PATIENCE, Sipp, answer, dial, last, stack, trunk_to};

async fn is_answered(scenario: &str) {
    let sipp = Sipp::answering(scenario).await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_proxy_challenge_is_answered() {
    is_answered("asks_407").await;
}

/// Kamailio hashes no body for auth-int. The formula is held to the RFC in `uac`, and here
/// that what is hashed is the body that arrives.
#[tokio::test]
async fn a_challenge_that_wants_the_body_protected_is_answered_for_the_body_that_arrives() {
    let peer = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stack = stack(trunk_to(peer.local_addr().unwrap())).await;
    let (_leg, _events) = dial(&stack);
    let line = "Digest realm=\"carrier\", nonce=\"n\", qop=\"auth-int\", algorithm=SHA-256";
    let mut buffer = [0; 4096];
    let authorized = async {
        loop {
            let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
            let Ok(uac::Message::Request(request)) = uac::wire::parse(&buffer[..length]) else { continue };
            if request.method != uac::Method::Invite {
                continue;
            }
            if request.headers.first("Authorization").is_some() {
                return request;
            }
            let mut asked = uac::Response::to(&request, 401, "Unauthorized", "t");
            asked.headers.push("WWW-Authenticate", line);
            peer.send_to(&uac::wire::response_bytes(&asked), from).await.unwrap();
        }
    };
    let invite = tokio::time::timeout(PATIENCE, authorized).await.expect("an answer in time");
    let said = invite.headers.first("Authorization").unwrap();
    let value = |name: &str| {
        let (_, rest) = said.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let credentials = uac::digest::Credentials {
        user: "company".to_owned(),
        password: Secret::new("secret"),
        realms: Vec::new(),
        allow_md5: true,
    };
    let challenge = uac::digest::Challenge::parse_all(line).remove(0);
    let over = |body: &[u8]| {
        let cnonce = value("cnonce");
        let answer =
            uac::digest::Answer { method: "INVITE", uri: &invite.uri, body, cnonce: &cnonce, count: 1 };
        uac::digest::digest(&answer, &credentials, &challenge)
    };
    assert!(said.contains("qop=auth-int") && invite.body.starts_with(b"v=0"), "{said}");
    assert_eq!(value("response"), over(&invite.body));
    assert_ne!(value("response"), over(b""), "not of an empty body");
}

#[tokio::test]
async fn a_server_and_then_a_proxy_challenge_are_answered_together() {
    is_answered("asks_401_then_407").await;
}

#[tokio::test]
async fn a_stale_nonce_is_replaced_once() {
    is_answered("nonce_grows_stale").await;
}

#[tokio::test]
async fn a_challenged_bye_is_repeated_with_credentials() {
    is_answered("challenges_our_bye").await;
}

#[tokio::test]
async fn a_wrong_password_fails_the_call_and_marks_the_trunk() {
    let sipp = Sipp::answering("asks_again_and_again").await;
    let wrong = TrunkConfig { password: Some(Secret::new("wrong")), ..trunk_to(sipp.address) };
    let stack = stack(wrong).await;
    let (_leg, mut events) = dial(&stack);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Auth, Some(407)));
    let mut state = stack.trunk("carrier").unwrap().state();
    let marked = state.wait_for(|state| matches!(state, TrunkState::AuthFailed { .. }));
    tokio::time::timeout(PATIENCE, marked).await.expect("the trunk is marked").unwrap();
    sipp.plays_to_its_end().await;
}
