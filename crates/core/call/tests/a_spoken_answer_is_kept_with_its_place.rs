//! The spoken "why": its span, its end by silence, key or hang-up, and its place in the recording.

mod support;

use std::time::Duration;

use call::{Input, Output};
use records::{Noted, SpokenSpan};
use support::{Bench, seconds};

/// Dissatisfied, and asked why: the span is open.
fn speaking() -> Bench {
    let mut bench = Bench::asked();
    bench.keys("2");
    bench.said();
    let expected =
        Output::RecordSpan { span: 1, tag: "reason".into(), max: seconds(20), end_silence: seconds(3) };
    assert!(bench.when(&expected).is_some(), "{:#?}", bench.log);
    bench
}

fn span_ended() -> Input {
    Input::SpeechEnded { span: 1, from: Duration::from_millis(7250), to: seconds(12), spoke: true }
}

fn kept(bench: &Bench) -> Option<SpokenSpan> {
    bench.noted().into_iter().find_map(|noted| match noted {
        Noted::Spoken(span) => Some(span),
        _ => None,
    })
}

fn expected() -> SpokenSpan {
    SpokenSpan {
        question: "stability".to_owned(),
        tag: "reason".to_owned(),
        from_ms: 7250,
        to_ms: 12_000,
        spoke: true,
    }
}

#[test]
fn silence_ends_it_and_the_next_question_follows() {
    let mut bench = speaking();
    bench.wait(seconds(5));
    bench.feed(span_ended());
    assert_eq!(kept(&bench), Some(expected()));
    assert_eq!(bench.call.question(), Some("service"));
    assert_eq!(bench.when(&Output::StopSpan { span: 1 }), None);
}

#[test]
fn a_key_ends_it_and_it_is_kept_once_its_place_is_known() {
    let mut bench = speaking();
    bench.wait(seconds(5));
    bench.feed(Input::Key('#'));
    assert_eq!(bench.when(&Output::StopSpan { span: 1 }), Some(bench.now));
    assert_eq!(kept(&bench), None);
    assert_eq!(bench.call.question(), Some("why"));
    bench.feed(span_ended());
    assert_eq!(kept(&bench), Some(expected()));
    assert_eq!(bench.call.question(), Some("service"));
}

#[test]
fn a_hang_up_in_mid_speech_keeps_what_was_said() {
    let mut bench = speaking();
    bench.wait(seconds(4));
    bench.feed(Input::PeerHungUp);
    bench.feed(span_ended());
    assert_eq!(kept(&bench), Some(expected()));
    assert_eq!(bench.report().flags, ["dissatisfied"]);
}

#[test]
fn a_span_never_reported_is_kept_by_our_own_clock_for_a_person_to_listen_to() {
    let mut bench = speaking();
    let began = bench.now.saturating_sub(seconds(5));
    bench.wait(seconds(22));
    let span = kept(&bench).expect("kept");
    assert_eq!((u128::from(span.from_ms), span.spoke), (began.as_millis(), true));
    assert_eq!(span.to_ms - span.from_ms, 22_000);
    assert_eq!(bench.call.question(), Some("service"));
}

#[test]
fn a_report_of_another_span_changes_nothing() {
    let mut bench = speaking();
    bench.feed(Input::SpeechEnded { span: 7, from: seconds(1), to: seconds(2), spoke: true });
    assert_eq!(kept(&bench), None);
    assert_eq!(bench.call.question(), Some("why"));
}
