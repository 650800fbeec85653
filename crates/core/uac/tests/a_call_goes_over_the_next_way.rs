//! Failover of the INVITE: when a way is left, what the next one gets, and what becomes of the
//! former when it comes to life.

mod common;

use std::time::Duration;

use common::{Call, PEER, line_over, response, way};
use uac::{Cause, Event, Failure, FailureKind, Input, Request, Sent, Timing};

const OVERLAPPED: fn(&Event) -> bool = |event| matches!(event, Event::Overlapped { .. });

/// The INVITEs so far.
fn invites(call: &Call) -> Vec<Request> {
    call.requests.iter().filter(|request| request.method.as_str() == "INVITE").cloned().collect()
}

fn left(call: &Call) -> Vec<Cause> {
    let causes = call.events.iter().filter_map(|event| match event {
        Event::FailedOver { cause, .. } => Some(cause.clone()),
        _ => None,
    });
    causes.collect()
}

/// The first way is silent and proven down; the call is on the second.
fn moved() -> Call {
    let mut call = Call::over(2);
    call.feed(Input::WayDown(way(0)));
    call
}

/// The peer of the first way answers after all.
fn answer_first(call: &mut Call, status: u16, tag: &str) {
    let late = response(&invites(call)[0], status, tag, &[]);
    call.feed(Input::Response(late, PEER));
}

/// A further header of a response.
type More<'a> = Option<(&'a str, &'a str)>;

#[test]
fn the_next_way_gets_the_same_invite_in_a_new_transaction() {
    let call = moved();
    let [first, second] = &invites(&call)[..] else { panic!("two INVITEs") };
    for name in ["Call-ID", "From", "To", "CSeq", "Contact"] {
        assert_eq!(first.headers.first(name), second.headers.first(name), "{name}");
    }
    assert_ne!(first.headers.branch(), second.headers.branch());
    assert_eq!((call.hops[0].clone(), call.hops[1].clone()), (way(0), way(1)));
    assert_eq!((left(&call), call.abandoned), (vec![Cause::Down], 1), "the first is repeated no more");
}

#[test]
fn a_silent_way_is_suspected_after_two_t1_and_left_only_when_it_is_proven_down() {
    let mut call = Call::over(2);
    call.tick();
    assert_eq!((call.now, &call.suspected[..]), (Duration::from_secs(1), &[way(0)][..]));
    assert_eq!(invites(&call).len(), 1);
    call.feed(Input::WayDown(way(0)));
    assert_eq!(invites(&call).len(), 2);
    call.tick();
    assert_eq!(call.suspected, [way(0), way(1)], "each way by itself");
}

#[test]
fn mere_silence_is_left_only_by_policy() {
    let silence = Some(Duration::from_secs(4));
    let mut by_policy = Call::with(line_over(2), Timing { silence, ..Timing::default() });
    by_policy.tick_until(|call| invites(call).len() == 2);
    assert_eq!((by_policy.now, left(&by_policy)), (Duration::from_secs(4), vec![Cause::Silent]));
    let mut patient = Call::over(2);
    patient.tick_to_the_end();
    assert_eq!((invites(&patient).len(), patient.now), (1, Duration::from_secs(32)));
}

#[test]
fn a_way_that_answered_is_not_left_when_it_goes_down() {
    let mut call = Call::over(2);
    call.answer("INVITE", 100, "", &[]);
    call.feed(Input::WayDown(way(0)));
    assert_eq!((invites(&call).len(), call.terminal().len()), (1, 0), "the customer may be ringing");
}

#[test]
fn a_transport_error_and_a_trouble_of_the_way_are_left_at_once() {
    let mut lost = Call::over(2);
    lost.feed(Input::Unreachable(Sent::by(&lost.sent("INVITE")), "refused".to_owned()));
    assert_eq!(left(&lost), [Cause::Unreachable("refused".to_owned())]);
    let table: [(u16, More<'_>, bool); 9] = [
        (503, Some(("Retry-After", "30 (busy)")), true),
        (503, Some(("Reason", "Q.850;cause=34")), true),
        (500, None, true),
        (502, None, true),
        (504, None, true),
        // A switch has passed its verdict on the number.
        (500, Some(("Reason", "Q.850;cause=1")), false),
        // What lies beyond may still be ringing.
        (408, None, false),
        (486, None, false),
        (603, None, false),
    ];
    for (status, more, next) in table {
        let mut call = Call::over(2);
        call.answer("INVITE", 100, "", &[]);
        call.answer("INVITE", status, "a", more.as_slice());
        assert_eq!(invites(&call).len() == 2, next, "{status} {more:?}");
        assert_eq!(call.terminal().is_empty(), next, "{status}");
    }
    let mut busy = Call::over(2);
    busy.answer("INVITE", 503, "a", &[("Retry-After", "30 (busy)")]);
    assert_eq!(left(&busy), [Cause::Rejected { status: 503, retry_after: Some(30) }]);
    busy.answer("INVITE", 503, "b", &[]);
    let [Event::Failed(Failure { status: Some(503), .. })] = busy.terminal()[..] else {
        panic!("the last way's answer is the call's: {:?}", busy.events)
    };
}

#[test]
fn a_call_that_rang_is_never_sent_again() {
    let mut call = Call::over(2);
    call.answer("INVITE", 180, "a", &[]);
    call.answer("INVITE", 503, "a", &[]);
    assert_eq!((invites(&call).len(), call.terminal().len()), (1, 1));
}

#[test]
fn a_cancelled_call_goes_nowhere_else() {
    for cause in [Input::WayDown(way(0)), Input::Tick] {
        let mut call = Call::over(2);
        call.feed(Input::Cancel(None));
        call.feed(cause);
        call.answer("INVITE", 503, "a", &[]);
        assert_eq!(invites(&call).len(), 1);
        assert_eq!(call.terminal().len(), 1);
    }
}

#[test]
fn the_last_way_down_fails_the_call_without_waiting_for_timer_b() {
    let mut call = moved();
    call.now = Duration::from_secs(5);
    call.feed(Input::WayDown(way(1)));
    let [Event::Failed(failure)] = call.terminal()[..] else { panic!("{:?}", call.events) };
    assert_eq!((failure.kind, call.now, call.abandoned), (FailureKind::Transport, Duration::from_secs(5), 2));
}

#[test]
fn a_way_known_to_be_down_is_tried_last() {
    let mut call = Call::over(3);
    call.feed(Input::WayDown(way(1)));
    call.feed(Input::WayDown(way(0)));
    assert_eq!(call.hops, [way(0), way(2)]);
    call.feed(Input::WayDown(way(2)));
    assert_eq!(call.hops.last(), Some(&way(1)), "pings are no proof that it takes no calls");
}

#[test]
fn another_server_starts_without_the_credentials_of_the_former() {
    let challenge = [("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    let mut call = Call::over(2);
    call.answer("INVITE", 401, "x", &challenge);
    call.answer("INVITE", 503, "x", &[]);
    assert!(call.sent("INVITE").headers.first("Authorization").is_none());
    assert_eq!(call.sent("INVITE").headers.first("CSeq"), Some("2 INVITE"));
    call.answer("INVITE", 401, "y", &challenge);
    assert!(call.sent("INVITE").headers.first("Authorization").is_some(), "the same realm, asked afresh");
    assert_eq!(call.hops.last(), Some(&way(1)));
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!(call.acks[0].headers.first("CSeq"), Some("3 ACK"));
}

#[test]
fn a_left_way_that_rings_is_cancelled_on_its_own_branch() {
    let mut call = moved();
    answer_first(&mut call, 180, "late");
    let cancel = call.sent("CANCEL");
    assert_eq!(cancel.headers.branch(), invites(&call)[0].headers.branch());
    assert_eq!(call.hops.last(), Some(&way(0)));
    answer_first(&mut call, 180, "late");
    assert_eq!((call.count("CANCEL"), call.events.iter().filter(|event| OVERLAPPED(event)).count()), (1, 1));
    // Its transaction was given up, so the machine acknowledges its end.
    answer_first(&mut call, 487, "late");
    answer_first(&mut call, 487, "late");
    assert_eq!(call.acks.len(), 2);
    assert_eq!(call.acks[0].headers.branch(), invites(&call)[0].headers.branch());
    assert_eq!(call.acks[0].headers.to_tag().as_deref(), Some("late"));
    assert_eq!(call.ack_hops[0], way(0));
    call.answer("INVITE", 200, "a", &[]);
    assert!(matches!(call.events.last(), Some(Event::Answered { .. })), "the second way goes on");
}

#[test]
fn a_late_200_is_ended_once_another_way_has_answered() {
    let mut call = moved();
    call.answer("INVITE", 200, "a", &[]);
    answer_first(&mut call, 200, "late");
    assert_eq!(call.acks.last().unwrap().headers.to_tag().as_deref(), Some("late"));
    assert_eq!(call.sent("BYE").headers.to_tag().as_deref(), Some("late"));
    assert!(call.events.last().is_some_and(OVERLAPPED));
    assert!(call.terminal().is_empty(), "the call goes on");
}

#[test]
fn a_late_200_is_the_answer_when_there_is_none_yet() {
    let mut call = moved();
    call.answer("INVITE", 180, "b", &[]);
    answer_first(&mut call, 200, "late");
    assert!(matches!(call.events.last(), Some(Event::Answered { .. })), "the customer has picked up");
    assert_eq!(call.sent("CANCEL").headers.branch(), invites(&call)[1].headers.branch());
    call.answer("INVITE", 200, "b", &[]);
    assert_eq!(call.sent("BYE").headers.to_tag().as_deref(), Some("b"), "crossing our CANCEL");

    let mut unheard = moved();
    answer_first(&mut unheard, 200, "late");
    assert_eq!((unheard.count("CANCEL"), unheard.abandoned), (0, 2), "not before a provisional response");
    unheard.answer("INVITE", 180, "b", &[]);
    assert_eq!(unheard.sent("CANCEL").headers.branch(), invites(&unheard)[1].headers.branch());
}

#[test]
fn after_the_end_a_late_way_is_still_cancelled() {
    let mut call = Call::start();
    call.tick_to_the_end();
    call.answer("INVITE", 180, "a", &[]);
    assert_eq!((call.count("CANCEL"), call.events.len()), (1, 1));
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!((call.acks.len(), call.count("BYE")), (1, 1));
}

#[test]
fn a_call_written_down_between_two_ways_remembers_both() {
    let mut call = moved().restarted(2);
    answer_first(&mut call, 180, "late");
    assert_eq!(call.count("CANCEL"), 1);
    call.feed(Input::WayDown(way(1)));
    assert_eq!(call.terminal().len(), 1, "no way is tried twice");
}
