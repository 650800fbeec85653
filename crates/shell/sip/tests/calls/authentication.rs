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
