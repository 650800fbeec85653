//! Requests of the peer in a call that stands.

use sip::LegEvent;
use sip::sdp;

use crate::sipp::{Sipp, answer, dial, last, next, session, stack, trunk_to};

#[tokio::test]
async fn a_reinvite_is_answered_with_our_sdp() {
    let sipp = Sipp::answering("holds_and_resumes").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    let LegEvent::Reoffer { sdp: Some(offer) } = next(&mut events).await else { panic!("an offer") };
    let answer = session().answer(&offer, &mut || [0; sdp::KEY_RANDOMNESS]).unwrap();
    leg.answer_reoffer(Some(answer.sdp));
    assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn options_info_and_update_are_answered_and_refer_is_not() {
    let sipp = Sipp::answering("asks_options_in_the_call").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    answer(&mut events).await;
    // SIPp hangs up once it has seen what it expects.
    assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }));
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_reliable_provisional_response_is_acknowledged_by_prack() {
    let sipp = Sipp::answering("wants_prack").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 183, sdp: Some(_) }));
    assert_eq!(answer(&mut events).await, None, "the answer came with the 183");
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}
