//! An inbound call from its arrival to its end.

mod support;

use call::{Call, Failure, FailureKind, Input, Limits, Output, Phase};
use records::{CallPolicy, Confidence, Noted, Reason};
use support::{Bench, new_call, seconds};
use survey::{Announcement, PromptRef};

fn arrived() -> Bench {
    let mut bench = Bench::idle();
    bench.feed(Input::Arrived);
    assert_eq!(bench.call.phase(), Phase::Answering);
    assert_eq!(bench.log[0].1, Output::Answer);
    bench
}

#[test]
fn nothing_is_said_before_the_answer_is_confirmed() {
    let mut bench = arrived();
    bench.wait(seconds(1));
    assert_eq!(bench.log.len(), 1);
    bench.feed(Input::Answered);
    assert!(bench.last_play().is_some());
    assert_eq!(bench.noted()[0], Noted::Answered);
}

#[test]
fn an_interview_runs_as_in_any_call() {
    let mut bench = arrived();
    bench.feed(Input::Answered);
    bench.feed(Input::FirstPacket);
    bench.said();
    bench.keys("1111");
    bench.feed(Input::PeerHungUp);
    let report = bench.report();
    assert_eq!((report.reason, report.answered), (Reason::Completed, true));
    assert_eq!(report.evidence.ring_ms, None, "nobody of ours rang anybody");
}

#[test]
fn every_end_before_the_answer_has_its_reason() {
    let table = [
        (Input::PeerHungUp, Reason::HungUpEarly, "customer"),
        (Input::NoCommonCodec { why: "the peer has 18".to_owned() }, Reason::NoCommonCodec, "us"),
        (Input::RecorderFailed, Reason::RecorderUnavailable, "us"),
        (Input::Drain { now: false }, Reason::Cancelled, "us"),
        (Input::Failed(Failure::of(FailureKind::Timeout)), Reason::TrunkUnreachable, "carrier"),
    ];
    for (input, reason, by) in table {
        let mut bench = arrived();
        bench.feed(input.clone());
        bench.feed(Input::LegEnded);
        let report = bench.report();
        assert_eq!((report.reason, report.evidence.ended_by.as_deref()), (reason, Some(by)), "{input:?}");
        assert!(!report.answered);
    }
    let mut silent = arrived();
    silent.wait(seconds(40));
    assert_eq!(silent.report().reason, Reason::TrunkUnreachable);
}

#[test]
fn a_caller_who_presses_nothing_is_no_machine() {
    let mut bench = arrived();
    bench.feed(Input::Answered);
    bench.feed(Input::FirstPacket);
    while bench.call.phase() == Phase::Talking {
        if bench.call.poll_timeout().is_some_and(|(_, timer)| timer == call::Timer::NoKey) {
            bench.wait(seconds(5));
        } else {
            bench.said();
        }
    }
    bench.feed(Input::LegEnded);
    let report = bench.report();
    assert_eq!((report.reason, report.evidence.confidence), (Reason::HungUpEarly, Some(Confidence::Likely)));
}

#[test]
fn a_notice_is_said_once_and_asks_nothing() {
    let prompt = PromptRef { id: "notice".to_owned(), language: "zh".to_owned() };
    let announced = || Call::new(CallPolicy::default(), Limits::default(), Announcement::new(prompt.clone()));
    let mut bench = Bench { call: announced(), ..Bench::idle() };
    bench.feed(Input::Arrived);
    bench.feed(Input::Answered);
    bench.feed(Input::FirstPacket);
    bench.feed(Input::Key('9'));
    bench.said();
    assert_eq!(bench.call.phase(), Phase::Closing);
    bench.feed(Input::PeerHungUp);
    assert_eq!(bench.report().reason, Reason::NoticeOnly);

    let mut left = Bench { call: announced(), ..Bench::idle() };
    left.feed(Input::Arrived);
    left.feed(Input::Answered);
    left.feed(Input::PeerHungUp);
    assert_eq!(left.report().reason, Reason::HungUpEarly);
    assert_eq!(new_call().phase(), Phase::Idle);
}
