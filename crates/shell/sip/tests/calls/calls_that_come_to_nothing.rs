//! Every way in which a call is not answered.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use sip::{Failure, FailureKind, LegEvent, TrunkConfig};

use crate::sipp::{Sipp, dial, free_address, last, next, quick_stack, session, stack, trunk_to};

#[tokio::test]
async fn busy_tells_status_cause_and_warning() {
    let sipp = Sipp::answering("busy").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    assert_eq!(next(&mut events).await, LegEvent::Trying);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!((failure.kind, failure.status, failure.q850), (FailureKind::Rejected, Some(486), Some(17)));
    assert_eq!(failure.reason_phrase, "Busy Here");
    assert_eq!(failure.warning.as_deref(), Some("399 peer \"user busy\""));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_ringing_call_is_cancelled() {
    let sipp = Sipp::answering("rings_until_cancelled").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, .. }));
    leg.cancel();
    assert!(matches!(last(&mut events).await, LegEvent::Failed(Failure { status: Some(487), .. })));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_cancel_before_any_answer_waits_for_the_first() {
    let sipp = Sipp::answering("rings_until_cancelled").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    leg.cancel();
    assert!(matches!(last(&mut events).await, LegEvent::Failed(Failure { status: Some(487), .. })));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn an_answer_that_crosses_our_cancel_is_acknowledged_and_ended() {
    let sipp = Sipp::answering("answers_as_we_cancel").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, .. }));
    leg.cancel();
    assert_eq!(last(&mut events).await, LegEvent::LateAnswered);
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn an_announcement_is_passed_up_before_the_rejection() {
    let sipp = Sipp::answering("announces_then_rejects").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    let LegEvent::Provisional { status: 183, sdp: Some(early) } = next(&mut events).await else {
        panic!("183 with SDP")
    };
    assert_eq!(session().answered(&early).unwrap().remote.port(), 40_000);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!((failure.status, failure.q850), (Some(480), Some(20)));
    assert_eq!(failure.reason_headers, ["Q.850;cause=20;text=\"Subscriber absent\""]);
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_silent_peer_is_a_timeout() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let stack = quick_stack(trunk_to(silent.local_addr().unwrap()), Duration::from_millis(10)).await;
    let (_leg, mut events) = dial(&stack);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Timeout, None));
}

#[tokio::test]
async fn a_dead_port_is_known_at_once() {
    let stack = stack(trunk_to(free_address())).await;
    let begun = Instant::now();
    let (_leg, mut events) = dial(&stack);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!(failure.kind, FailureKind::Transport);
    assert!(begun.elapsed() < Duration::from_secs(5), "by ICMP, not by timer B");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_transport_failure() {
    let trunk = TrunkConfig { peer: "no-such-host.invalid".to_owned(), ..trunk_to(free_address()) };
    let stack = stack(trunk).await;
    let (_leg, mut events) = dial(&stack);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!(failure.kind, FailureKind::Transport);
    assert!(failure.detail.unwrap().contains("no-such-host.invalid"));
}
