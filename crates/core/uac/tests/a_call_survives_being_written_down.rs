//! Snapshots at every state, through JSON and back, at another clock.

mod common;

use std::time::Duration;

use common::{Call, PEER};
use uac::{Event, Failure, Input, Seed, Snapshot, Timing, Uac};

/// The call as the next process finds it, an hour of another clock later.
fn restarted(call: &Call) -> Call {
    let written = serde_json::to_string(&call.uac.snapshot(call.now)).unwrap();
    assert!(!written.contains("\"p\""), "no password: {written}");
    let snapshot: Snapshot = serde_json::from_str(&written).unwrap();
    let now = Duration::from_secs(3600);
    let uac = Uac::restore(now, common::line(), Timing::default(), Seed::new([9; 16]), snapshot);
    let mut next = Call::of(uac, now);
    // What the peer has seen of us.
    let ours: Vec<_> = call.requests.iter().chain(&next.requests).cloned().collect();
    next.requests = ours;
    next
}

#[test]
fn while_calling_it_still_times_out() {
    let mut call = restarted(&Call::start());
    call.tick_to_the_end();
    assert!(matches!(call.terminal()[..], [Event::Failed(_)]));
    assert_eq!(call.now, Duration::from_secs(3600 + 32));
}

#[test]
fn while_ringing_it_can_be_cancelled_and_a_late_answer_is_ended() {
    let mut before = Call::start();
    before.answer("INVITE", 180, "a", &[]);
    let mut call = restarted(&before);
    call.feed(Input::Cancel(None));
    assert_eq!(call.sent("CANCEL").headers.branch(), before.sent("INVITE").headers.branch());
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!((call.acks.len(), call.count("BYE")), (1, 1));
    call.answer("BYE", 200, "a", &[]);
    assert_eq!(call.terminal(), [&Event::LateAnswered]);
}

#[test]
fn while_cancelling_it_waits_on() {
    let mut before = Call::start();
    before.answer("INVITE", 180, "a", &[]);
    before.feed(Input::Cancel(None));
    let mut call = restarted(&before);
    call.answer("INVITE", 487, "a", &[]);
    assert!(matches!(call.terminal()[..], [Event::Failed(Failure { status: Some(487), .. })]));
}

#[test]
fn while_talking_it_acknowledges_and_ends_with_the_next_numbers() {
    let before = Call::answered();
    let mut call = restarted(&before);
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!(call.acks, before.acks);
    call.ask(1, "INFO", 1, "a", PEER, "");
    assert_eq!(call.responses[0].1.status, 200);
    call.feed(Input::HangUp(None));
    assert_eq!(call.sent("BYE").headers.first("CSeq"), Some("2 BYE"));
    call.answer("BYE", 200, "a", &[]);
    assert_eq!(call.terminal(), [&Event::Ended { confirmed: true }]);
}

#[test]
fn while_closing_the_same_bye_goes_out_again() {
    let mut before = Call::answered();
    before.feed(Input::HangUp(None));
    let mut call = restarted(&before);
    assert_eq!(call.count("BYE"), 2);
    assert_eq!(call.requests.last(), Some(&before.sent("BYE")));
    call.answer("BYE", 200, "a", &[]);
    assert_eq!(call.terminal(), [&Event::Ended { confirmed: true }]);
}

#[test]
fn once_over_it_only_lingers() {
    let mut before = Call::start();
    before.answer("INVITE", 486, "a", &[]);
    let mut call = restarted(&before);
    call.tick();
    assert!(call.done && call.events.is_empty());
}
