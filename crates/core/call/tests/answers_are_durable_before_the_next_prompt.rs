//! Nothing is asked before what was answered is kept, and nothing that was not kept counts as answered.

mod support;

use call::{Input, Output, Phase};
use records::{Noted, Reason};
use support::{Bench, seconds};

/// The last fact given out.
fn last_seq(bench: &Bench) -> u32 {
    let seq = |output: &Output| match output {
        Output::Save(fact) => Some(fact.seq),
        _ => None,
    };
    bench.outputs().filter_map(seq).last().expect("a fact was given out")
}

#[test]
fn the_next_question_waits_for_the_answer_to_be_durable() {
    let mut bench = Bench::asked();
    bench.store_answers = false;
    let before = bench.last_play();
    bench.keys("1");
    bench.wait(seconds(4));
    assert_eq!(bench.last_play(), before);
    bench.feed(Input::Saved { seq: last_seq(&bench) });
    assert_eq!(bench.last_play(), before.map(|play| play + 1));
    assert_eq!(bench.call.question(), Some("service"));
}

#[test]
fn the_first_prompt_waits_for_the_facts_of_the_call_too() {
    let mut bench = Bench::ringing();
    bench.store_answers = false;
    bench.feed(Input::Answered);
    assert_eq!(bench.last_play(), None);
    bench.feed(Input::Saved { seq: last_seq(&bench) });
    assert_eq!(bench.last_play(), Some(1));
}

#[test]
fn an_interview_that_cannot_be_kept_is_ended() {
    for fails in [true, false] {
        let mut bench = Bench::asked();
        bench.keys("1");
        bench.store_answers = false;
        bench.keys("1");
        if fails {
            bench.feed(Input::StoreFailed);
        } else {
            bench.wait(seconds(5));
        }
        assert_eq!(bench.call.phase(), Phase::HangingUp);
        bench.feed(Input::LegEnded);
        bench.wait(seconds(5));
        // The last answer made it complete, but was not kept.
        assert_eq!(bench.report().reason, Reason::Partial, "{fails}");
    }
}

#[test]
fn a_fact_of_progress_that_is_lost_does_not_end_the_ringing() {
    let mut bench = Bench::dialling();
    bench.store_answers = false;
    bench.feed(Input::Provisional { status: 180, sdp: false });
    bench.feed(Input::StoreFailed);
    assert_eq!(bench.call.phase(), Phase::Ringing);
}

#[test]
fn the_end_is_told_only_when_the_last_fact_is_durable() {
    let mut bench = Bench::asked();
    bench.store_answers = false;
    bench.feed(Input::PeerHungUp);
    assert_eq!(bench.call.phase(), Phase::Settling);
    bench.feed(Input::Saved { seq: last_seq(&bench) });
    assert_eq!(bench.report().reason, Reason::HungUpEarly);
    assert_eq!(bench.noted().last(), Some(&Noted::Ended));
}

#[test]
fn facts_are_numbered_without_a_gap_and_in_order_of_time() {
    let mut bench = Bench::asked();
    bench.keys("11");
    bench.said();
    bench.feed(Input::PeerHungUp);
    let facts: Vec<_> = bench
        .outputs()
        .filter_map(|output| match output {
            Output::Save(fact) => Some(fact),
            _ => None,
        })
        .collect();
    assert!(facts.iter().enumerate().all(|(index, fact)| fact.seq == index as u32));
    assert!(facts.is_sorted_by_key(|fact| fact.at_ms));
    assert_eq!(facts.first().map(|fact| &fact.noted), Some(&Noted::Progress { status: 180 }));
}
