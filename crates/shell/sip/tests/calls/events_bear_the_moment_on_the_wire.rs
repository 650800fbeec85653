//! Each event tells when its message came or left, however late the stack and its caller get to work.

use std::time::{Duration, Instant};

use sip::{Events, LegEvent};
use uac::Method;

use crate::peer::Peer;
use crate::sipp::{PATIENCE, dial, stack, trunk_to};

/// Two clocks are read one after the other.
const APART: Duration = Duration::from_millis(5);

/// Nothing of the stack is done meanwhile: all of it runs on the test's own thread.
fn hold_up() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(100) {
        std::hint::spin_loop();
    }
}

/// When the first event that is `wanted` happened.
async fn moment_of(events: &mut Events, wanted: impl Fn(&LegEvent) -> bool) -> Instant {
    loop {
        let told = tokio::time::timeout(PATIENCE, events.recv_at()).await;
        let (at, event) = told.expect("an event in time").expect("an event");
        if wanted(&event) {
            return at;
        }
    }
}

fn assert_between(from: Instant, at: Instant, to: Instant) {
    let (early, late) = (from.saturating_duration_since(at), at.saturating_duration_since(to));
    assert!(early <= APART && late <= APART, "{early:?} too early, {late:?} too late");
}

#[tokio::test]
async fn answer_and_bye_of_the_peer_came_when_they_came() {
    let peer = Peer::bind().await;
    let stack = stack(trunk_to(peer.address)).await;
    let (_leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    // Linux notes arrivals from some moments after the first socket of the machine asks for it.
    for status in 180..199 {
        peer.answers(&invite, status, "a", &[]).await;
        let to = Instant::now();
        hold_up();
        let rang = moment_of(&mut events, |event| matches!(event, LegEvent::Provisional { .. })).await;
        if rang <= to + APART {
            break;
        }
    }

    let from = Instant::now();
    peer.answers(&invite, 200, "a", &[]).await;
    let to = Instant::now();
    hold_up();
    let answered = moment_of(&mut events, |event| matches!(event, LegEvent::Answered { .. })).await;
    assert_between(from, answered, to);

    peer.hears(&Method::Ack).await;
    let from = Instant::now();
    // Whatever the peer writes of it itself.
    peer.asks(&invite, (1, Method::Bye), "a", &[("X-Arrived", "1")]).await;
    let to = Instant::now();
    hold_up();
    let hung_up = moment_of(&mut events, |event| matches!(event, LegEvent::PeerHungUp { .. })).await;
    assert_between(from, hung_up, to);
}

#[tokio::test]
async fn our_bye_left_when_it_left() {
    let peer = Peer::bind().await;
    let stack = stack(trunk_to(peer.address)).await;
    let (leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    peer.answers(&invite, 200, "a", &[]).await;
    peer.hears(&Method::Ack).await;

    let from = Instant::now();
    leg.hang_up(None);
    let bye = peer.hears(&Method::Bye).await;
    let to = Instant::now();
    assert!(bye.0.headers.first("X-Arrived").is_none());
    hold_up();
    let left = moment_of(&mut events, |event| *event == LegEvent::HungUp).await;
    assert_between(from, left, to);
    // The carrier's word for it may come much later.
    peer.answers(&bye, 200, "a", &[]).await;
    moment_of(&mut events, |event| *event == LegEvent::Ended { confirmed: true }).await;
}
