//! No media, no recorder, no store, a drain, the longest call: each ends the call with its own reason.

mod support;

use call::{Input, Output, Phase};
use records::Reason;
use support::{Bench, seconds};

fn hung_up(mut bench: Bench, reason: Reason) -> Bench {
    assert!(bench.when(&Output::HangUp).is_some(), "{reason}: {:#?}", bench.log);
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, reason);
    bench
}

#[test]
fn an_answer_without_a_packet_is_no_media() {
    let mut bench = Bench::ringing();
    bench.feed(Input::Answered);
    bench.wait(seconds(9));
    assert_eq!(bench.call.phase(), Phase::Talking);
    bench.wait(seconds(1));
    hung_up(bench, Reason::NoMedia);
}

#[test]
fn packets_heard_before_the_answer_prove_the_media() {
    let mut bench = Bench::ringing();
    bench.feed(Input::FirstPacket);
    bench.feed(Input::Answered);
    bench.wait(seconds(20));
    assert_eq!(bench.call.phase(), Phase::Talking);
}

#[test]
fn media_that_stop_in_mid_call_lose_the_customer_not_the_line() {
    let mut bench = Bench::asked();
    bench.keys("1");
    bench.feed(Input::NoMedia);
    hung_up(bench, Reason::Partial);
}

#[test]
fn no_call_goes_on_unrecorded() {
    let mut bench = Bench::ringing();
    bench.feed(Input::RecorderFailed);
    assert_eq!(bench.when(&Output::Cancel), Some(bench.now));
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, Reason::RecorderUnavailable);

    let mut bench = Bench::asked();
    bench.feed(Input::RecorderFailed);
    hung_up(bench, Reason::RecorderUnavailable);
}

#[test]
fn what_the_customer_has_settled_stands_when_we_break_off() {
    for (keys, reason) in [("1111", Reason::Completed), ("99", Reason::OptedOut), ("13", Reason::Declined)] {
        for input in [Input::RecorderFailed, Input::Drain { now: true }, Input::NoMedia] {
            let mut bench = Bench::answered();
            bench.said();
            bench.keys(keys);
            bench.feed(input);
            hung_up(bench, reason);
        }
    }
}

#[test]
fn a_drain_cancels_what_is_not_answered() {
    for drain in [Input::Drain { now: false }, Input::Drain { now: true }] {
        let mut bench = Bench::idle();
        bench.feed(drain.clone());
        assert_eq!(bench.report().reason, Reason::Cancelled);
        assert_eq!(bench.when(&Output::Dial), None);

        let mut bench = Bench::ringing();
        bench.feed(drain);
        assert_eq!(bench.when(&Output::Cancel), Some(bench.now));
        bench.feed(Input::LegEnded);
        assert_eq!(bench.report().reason, Reason::Cancelled);
    }
}

#[test]
fn a_drain_lets_an_interview_finish_unless_it_must_be_now() {
    let mut bench = Bench::asked();
    bench.feed(Input::Drain { now: false });
    bench.keys("11");
    bench.said();
    bench.feed(Input::PeerHungUp);
    assert_eq!(bench.report().reason, Reason::Completed);

    let mut bench = Bench::asked();
    bench.keys("1");
    bench.feed(Input::Drain { now: true });
    hung_up(bench, Reason::Cancelled);
}

#[test]
fn no_call_lasts_longer_than_the_longest() {
    let mut bench = Bench::asked();
    let answered = seconds(5);
    // The end of the prompt is never told, so nothing else goes on.
    bench.wait((answered + seconds(15 * 60)).saturating_sub(bench.now));
    let bench = hung_up(bench, Reason::HungUpEarly);
    assert_eq!(bench.when(&Output::HangUp), Some(answered + seconds(15 * 60)));
}

#[test]
fn an_opt_out_by_another_channel_stops_the_ringing() {
    let mut bench = Bench::ringing();
    bench.feed(Input::OptedOutMeanwhile);
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, Reason::OptedOut);
}

#[test]
fn an_answer_nobody_can_use_is_no_common_codec() {
    let mut bench = Bench::ringing();
    bench.feed(Input::NoCommonCodec { why: "the peer has 18".to_owned() });
    bench.feed(Input::LegEnded);
    assert_eq!(bench.report().reason, Reason::NoCommonCodec);
    assert_eq!(bench.report().evidence.note.as_deref(), Some("the peer has 18"));
    assert!(!bench.report().answered);
}

#[test]
fn a_bye_nobody_confirms_ends_the_call_all_the_same() {
    let mut bench = Bench::asked();
    bench.feed(Input::Drain { now: true });
    bench.wait(seconds(35));
    assert_eq!(bench.report().reason, Reason::Cancelled);
}
