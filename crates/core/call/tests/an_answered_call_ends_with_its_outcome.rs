//! What the customer does decides the reason and the report.

mod support;

use call::{Input, Output, Phase, Report};
use records::{Confidence, Reason};
use support::{Bench, seconds};

/// Answers, hears the notice, presses the keys, hears the last prompt to its end and hangs up.
fn after_keys(keys: &str) -> Bench {
    let mut bench = Bench::answered();
    bench.said();
    bench.keys(keys);
    bench.said();
    bench.feed(Input::PeerHungUp);
    bench
}

#[test]
fn every_course_has_its_reason() {
    for (keys, reason) in [
        ("1111", Reason::Completed),
        ("111", Reason::Partial),
        ("11", Reason::HungUpEarly),
        ("2", Reason::WrongPerson),
        ("13", Reason::Declined),
        ("122", Reason::Inconvenient),
        ("0", Reason::HandedOver),
        ("1110", Reason::HandedOver),
        ("99", Reason::OptedOut),
    ] {
        let bench = after_keys(keys);
        let report = bench.report();
        assert_eq!(report.reason, reason, "{keys}");
        assert_eq!(report.evidence.confidence, Some(Confidence::Certain), "{keys}");
        assert_eq!(report.evidence.ended_by.as_deref(), Some("customer"), "{keys}");
        assert_eq!(report.evidence.sip_status, Some(200));
        assert_eq!(report.evidence.ring_ms, Some(4000));
        assert!(report.answered);
        assert_eq!(report.person_asked, keys.ends_with('0'), "{keys}");
    }
}

#[test]
fn flags_and_the_time_asked_for_are_reported() {
    assert_eq!(after_keys("1112").report().flags, ["complaint"]);
    assert_eq!(after_keys("1111").report().flags, [""; 0]);
    assert_eq!(after_keys("122").report().time_asked.as_deref(), Some("tomorrow_morning"));
}

#[test]
fn an_objecting_customer_is_not_recorded_any_further() {
    let mut bench = Bench::answered();
    bench.feed(Input::Key('8'));
    assert!(bench.when(&Output::StopRecording).is_some());
    // No recorder is needed any more.
    bench.feed(Input::RecorderFailed);
    bench.said();
    bench.feed(Input::PeerHungUp);
    let report = bench.report();
    assert!(report.objected);
    assert_eq!(report.reason, Reason::Declined);
}

#[test]
fn the_customer_hangs_up_first_or_after_the_grace_we_do() {
    let mut bench = Bench::asked();
    bench.keys("11");
    bench.said();
    let closed = bench.now;
    assert_eq!(bench.call.phase(), Phase::Closing);
    bench.wait(seconds(9));
    assert_eq!(bench.when(&Output::HangUp), None);
    bench.wait(seconds(1));
    assert_eq!(bench.when(&Output::HangUp), Some(closed + seconds(10)));
    bench.feed(Input::LegEnded);
    let report = bench.report();
    assert_eq!(report.reason, Reason::Completed);
    assert_eq!(report.evidence.ended_by.as_deref(), Some("us"));
}

/// Nobody ever presses a key; the interview gives up by itself.
fn without_a_key(before: impl FnOnce(&mut Bench)) -> Report {
    let mut bench = Bench::answered();
    before(&mut bench);
    while bench.call.phase() == Phase::Talking {
        bench.said();
        bench.wait(seconds(5));
    }
    bench.feed(Input::LegEnded);
    bench.report().clone()
}

#[test]
fn who_never_presses_a_key_is_taken_for_a_machine() {
    let silent = without_a_key(|_| {});
    assert_eq!(silent.reason, Reason::AnsweringMachine);
    assert_eq!(silent.evidence.confidence, Some(Confidence::Guess));
}

#[test]
fn the_question_being_asked_is_known_and_marked_in_the_recording() {
    let mut bench = Bench::asked();
    assert_eq!(bench.call.question(), Some("stability"));
    bench.keys("1");
    assert_eq!(bench.call.question(), Some("service"));
    let marks: Vec<_> = bench
        .outputs()
        .filter_map(|output| match output {
            Output::Mark(marker) => Some(marker.to_string()),
            _ => None,
        })
        .collect();
    let gates = ["at gate.recording_notice", "at gate.identity", "at gate.convenient"];
    assert_eq!(marks, [&gates[..], &["at stability", "answer stability=good", "at service"]].concat());
}
