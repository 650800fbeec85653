//! An answered call ends by the BYE of either side.

use sip::LegEvent;
use sip::sdp::Codec;

use crate::sipp::{Sipp, answer, dial, last, next, session, stack, trunk_to};

#[tokio::test]
async fn the_customer_hangs_up() {
    let sipp = Sipp::answering("answered_then_peer_hangs_up").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, sdp: None }));
    let sdp = answer(&mut events).await.expect("the answer carries SDP");
    let negotiated = session().answered(&sdp).unwrap();
    assert_eq!((negotiated.codec, negotiated.telephone_event), (Codec::Pcma, Some(101)));
    let LegEvent::PeerHungUp { reasons, q850 } = last(&mut events).await else { panic!("a BYE") };
    assert_eq!((reasons.len(), q850), (1, Some(16)));
    assert_eq!(stack.open_legs(), 0);
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn we_hang_up_and_say_why() {
    let sipp = Sipp::answering("answered_then_we_hang_up").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    assert_eq!(stack.open_legs(), 1);
    leg.hang_up(Some("Q.850;cause=16".to_owned()));
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_call_behind() {
    let sipp = Sipp::answering("answers_and_waits").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    drop((leg, events));
    sipp.plays_to_its_end().await;
}
