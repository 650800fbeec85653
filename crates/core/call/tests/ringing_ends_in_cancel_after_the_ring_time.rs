//! Ring time, its signs, giving up, and the races of CANCEL with the other side.

mod support;

use call::{Failure, FailureKind, Input, Output, Phase, Timer};
use records::{Confidence, Heard, Reason};
use support::{Bench, seconds};

#[test]
fn ringing_counts_from_the_first_180() {
    let mut bench = Bench::ringing();
    bench.wait(seconds(12));
    bench.feed(Input::Provisional { status: 180, sdp: false });
    bench.wait(seconds(17));
    assert_eq!(bench.when(&Output::Cancel), None);
    bench.wait(seconds(1));
    assert_eq!(bench.when(&Output::Cancel), Some(seconds(31)));
    bench.feed(Input::Failed(Failure::response(487, "Request Terminated")));
    let report = bench.report();
    assert_eq!((report.reason, report.evidence.confidence), (Reason::NoAnswer, Some(Confidence::Certain)));
    assert_eq!(report.evidence.ring_ms, Some(30_000));
    assert!(!report.evidence.ring_from_invite && !report.answered);
    assert_eq!(report.evidence.ended_by.as_deref(), Some("us"));
}

#[test]
fn a_ring_back_tone_is_ringing_and_an_announcement_is_not() {
    for (heard, phase, timer) in [
        (Heard::Ringback, Phase::Ringing, Timer::RingTime),
        (Heard::Sound, Phase::Dialling, Timer::SetupLimit),
        (Heard::BusyTone, Phase::Dialling, Timer::SetupLimit),
    ] {
        let mut bench = Bench::dialling();
        bench.feed(Input::Provisional { status: 183, sdp: true });
        bench.feed(Input::Heard(heard));
        assert_eq!(bench.call.phase(), phase, "{heard:?}");
        assert_eq!(bench.call.poll_timeout().map(|(_, timer)| timer), Some(timer), "{heard:?}");
    }
}

#[test]
fn ringing_that_begins_late_still_has_its_full_time() {
    let mut bench = Bench::dialling();
    bench.feed(Input::Provisional { status: 183, sdp: true });
    bench.wait(seconds(59));
    bench.feed(Input::Heard(Heard::Ringback));
    bench.wait(seconds(60));
    assert_eq!(bench.when(&Output::Cancel), Some(seconds(89)));
}

#[test]
fn without_any_18x_ringing_counts_from_invite_and_is_marked_so() {
    let mut bench = Bench::dialling();
    bench.feed(Input::Trying);
    bench.wait(seconds(61));
    assert_eq!(bench.when(&Output::Cancel), Some(seconds(60)));
    bench.feed(Input::LegEnded);
    let report = bench.report();
    assert_eq!((report.reason, report.evidence.confidence), (Reason::NoAnswer, Some(Confidence::Guess)));
    assert!(report.evidence.ring_from_invite);
    assert_eq!(report.evidence.ring_ms, Some(60_000));
}

#[test]
fn a_trunk_without_a_sign_of_life_is_unreachable() {
    let mut bench = Bench::dialling();
    bench.wait(seconds(32));
    bench.feed(Input::Failed(Failure::of(FailureKind::Timeout)));
    assert_eq!(bench.report().reason, Reason::TrunkUnreachable);
}

#[test]
fn an_answer_that_crosses_our_cancel_is_answered_late_and_hung_up() {
    let mut bench = Bench::ringing();
    bench.wait(seconds(30));
    bench.feed(Input::Answered);
    assert_eq!(bench.when(&Output::HangUp), Some(seconds(31)));
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, Reason::AnsweredLate);
    assert!(!bench.report().answered);
}

#[test]
fn where_the_signalling_ends_the_late_answer_itself_we_send_no_second_bye() {
    let mut bench = Bench::ringing();
    bench.wait(seconds(30));
    bench.feed(Input::LateAnswered);
    assert_eq!(bench.when(&Output::HangUp), None);
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, Reason::AnsweredLate);
}

#[test]
fn a_busy_that_crosses_our_cancel_is_busy() {
    let mut bench = Bench::ringing();
    bench.wait(seconds(30));
    bench.feed(Input::Failed(Failure::response(486, "Busy Here")));
    assert_eq!(bench.report().reason, Reason::Busy);
}

#[test]
fn a_cancel_nobody_confirms_ends_the_call_all_the_same() {
    let mut bench = Bench::ringing();
    bench.wait(seconds(66));
    let report = bench.report();
    assert_eq!(report.reason, Reason::NoAnswer);
    assert!(
        report.evidence.note.as_deref().is_some_and(|note| note.contains("never confirmed")),
        "{report:?}"
    );
}

#[test]
fn the_raw_signs_are_kept_beside_the_reason() {
    let mut bench = Bench::dialling();
    bench.feed(Input::Provisional { status: 183, sdp: true });
    bench.feed(Input::Heard(Heard::UnobtainableTone));
    bench.feed(Input::Heard(Heard::UnobtainableTone));
    let header = "Q.850;cause=1;text=\"空号\"".to_owned();
    bench.feed(Input::Failed(Failure {
        reason_headers: vec![header.clone()],
        ..Failure::response(480, "Temporarily Unavailable")
    }));
    let report = bench.report();
    assert_eq!((report.reason, report.evidence.confidence), (Reason::Vacant, Some(Confidence::Certain)));
    let evidence = &report.evidence;
    assert_eq!((evidence.sip_status, evidence.q850), (Some(480), Some(1)));
    assert_eq!(evidence.reason_headers, [header]);
    assert_eq!(evidence.heard, [Heard::UnobtainableTone]);
    assert_eq!(evidence.ended_by.as_deref(), Some("carrier"));
}
