//! A stack ends its calls before it stops.

use std::time::Duration;

use sip::{Failure, FailureKind, LegEvent, Shutdown};

use crate::sipp::{PATIENCE, Sipp, answer, dial, last, next, quick_stack, stack, trunk_to};

#[tokio::test]
async fn an_answered_call_is_ended_by_bye() {
    let sipp = Sipp::answering("answers_and_waits").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    answer(&mut events).await;
    assert_eq!(stack.shutdown(PATIENCE).await, Shutdown { open: 1, unconfirmed: 0 });
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_ringing_call_is_cancelled() {
    let sipp = Sipp::answering("rings_until_cancelled").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { .. }));
    assert_eq!(stack.shutdown(PATIENCE).await, Shutdown { open: 1, unconfirmed: 0 });
    assert!(matches!(last(&mut events).await, LegEvent::Failed(Failure { status: Some(487), .. })));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_silent_peer_does_not_hold_it_up() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let stack = quick_stack(trunk_to(silent.local_addr().unwrap()), Duration::from_millis(500)).await;
    let (_leg, mut events) = dial(&stack);
    let grace = Duration::from_millis(100);
    assert_eq!(stack.shutdown(grace).await, Shutdown { open: 1, unconfirmed: 1 });
    let stopped =
        |event| matches!(event, LegEvent::Failed(failure) if failure.kind == FailureKind::Cancelled);
    assert!(stopped(last(&mut events).await));
    let (_leg, mut events) = dial(&stack);
    assert!(stopped(last(&mut events).await), "a call after the end ends at once");
}
