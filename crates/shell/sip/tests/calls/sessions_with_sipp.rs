//! Session timers (RFC 4028) against SIPp: who refreshes, by which request, what is done where the
//! interval is too small or both sides ask at once, and what ends a session that nobody refreshes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sip::sdp;
use sip::{Events, FailureKind, Leg, LegEvent, Policy, TrunkConfig};

use crate::sipp::{Sipp, answer, dial, last, next, session, stack, trunk_to};

/// A trunk that asks for sessions so short, and bears shorter ones.
pub(crate) fn sessions_of(seconds: u64, peer: SocketAddr) -> TrunkConfig {
    let policy = Policy {
        session_expires: Some(Duration::from_secs(seconds)),
        min_se: Duration::from_secs(2),
        ..Policy::default()
    };
    TrunkConfig { policy, ..trunk_to(peer) }
}

/// Our answer to each offer of the peer until the call is over; how many there were, and the end.
pub(crate) async fn answers_offers(leg: &Leg, events: &mut Events) -> (usize, LegEvent) {
    let mut offers = 0;
    loop {
        match next(events).await {
            LegEvent::Reoffer { sdp: Some(offer) } => {
                let answer = session().answer(&offer, &mut || [0; sdp::KEY_RANDOMNESS]).unwrap();
                leg.answer_reoffer(Some(answer.sdp));
                offers += 1;
            }
            LegEvent::Reanswer { .. } => {}
            event => return (offers, event),
        }
    }
}

/// SIPp plays `scenario`, in which it hangs up once it has seen what it expects; how many offers
/// it made.
async fn lasts(seconds: u64, scenario: &str) -> usize {
    let sipp = Sipp::answering(scenario).await;
    let stack = stack(sessions_of(seconds, sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    let (offers, end) = answers_offers(&leg, &mut events).await;
    assert!(matches!(end, LegEvent::PeerHungUp { .. }), "{end:?}");
    sipp.plays_to_its_end().await;
    offers
}

#[tokio::test]
async fn we_refresh_by_update_again_and_again_where_sipp_allows_it() {
    lasts(6, "refreshed_by_update").await;
}

#[tokio::test]
async fn we_refresh_by_reinvite_where_sipp_allows_no_update() {
    lasts(6, "refreshed_by_reinvite").await;
}

#[tokio::test]
async fn sipp_refreshes_by_update_and_the_call_outlives_the_first_session() {
    let begun = Instant::now();
    lasts(6, "refreshes_by_update").await;
    assert!(begun.elapsed() > Duration::from_secs(4), "else it proves nothing: {:?}", begun.elapsed());
}

#[tokio::test]
async fn sipp_refreshes_by_reinvite_and_the_call_outlives_the_first_session() {
    let begun = Instant::now();
    assert_eq!(lasts(6, "refreshes_by_reinvite").await, 2);
    assert!(begun.elapsed() > Duration::from_secs(4), "else it proves nothing: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_sipp_that_never_refreshes_gets_our_bye_before_the_session_expires() {
    let sipp = Sipp::answering("never_refreshes").await;
    let stack = stack(sessions_of(6, sipp.address)).await;
    let (_leg, mut events) = dial(&stack);
    answer(&mut events).await;
    let answered = Instant::now();
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("the session is lost") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Timeout, None));
    // A third of the interval is left to the BYE (section 10); SIPp itself waits for no more than 6 s.
    assert!(answered.elapsed() > Duration::from_millis(3500), "too early: {:?}", answered.elapsed());
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_422_to_our_invite_is_followed_by_one_with_the_interval_it_asks_for() {
    lasts(6, "wants_longer_sessions").await;
}

#[tokio::test]
async fn a_422_to_our_refresh_is_followed_by_one_with_the_interval_it_asks_for() {
    lasts(8, "wants_longer_refreshes").await;
}

/// Sessions of 26 s: the refresh is due after 13 s, and the time that RFC 3261 section 14.1 gives
/// to glare, up to 4 s, fits in before the session is given up.
#[tokio::test]
async fn when_both_reinvite_at_once_each_gets_a_491_and_ours_is_tried_again_in_two_to_four_seconds() {
    assert_eq!(lasts(26, "asks_while_we_ask").await, 0, "an offer that was refused is not told");
}
