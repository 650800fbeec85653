//! What is heard, before the answer and after it: how much of it decides a reason, and when it ends a call.

mod support;

use call::{Call, Failure, Input, Limits, Output, Phase, Report};
use records::{CallPolicy, Clue, Confidence, Heard, HearingPolicy, OnMachine, Reason};
use support::{Bench, seconds};

fn clue(heard: Heard, confidence: u8) -> Input {
    let clip = matches!(heard, Heard::Announcement(_)).then(|| "clip-1".to_owned());
    Input::Clue(Clue { heard, confidence, answered: true, from_ms: 500, to_ms: 4500, clip })
}

/// Clues in early media, and then a bare final response.
fn refused(clues: &[(Heard, u8)], status: u16) -> Report {
    let mut bench = Bench::dialling();
    bench.feed(Input::Provisional { status: 183, sdp: true });
    for &(heard, confidence) in clues {
        bench.feed(clue(heard, confidence));
    }
    bench.feed(Input::Failed(Failure::response(status, "")));
    bench.report().clone()
}

#[test]
fn an_announcement_before_a_bare_status_gives_its_reason() {
    for status in [400, 404, 480, 486, 487, 500] {
        let report = refused(&[(Heard::Announcement(Reason::PoweredOff), 95)], status);
        let sure = report.evidence.confidence;
        assert_eq!((report.reason, sure), (Reason::PoweredOff, Some(Confidence::Likely)), "{status}");
        assert_eq!(report.evidence.heard, [Heard::Announcement(Reason::PoweredOff)]);
        let [kept] = &report.evidence.clues[..] else { panic!("{report:?}") };
        assert_eq!((kept.confidence, kept.clip.as_deref(), kept.to_ms), (95, Some("clip-1"), 4500));
    }
}

#[test]
fn what_is_not_sure_enough_is_kept_and_decides_nothing() {
    let report = refused(&[(Heard::Announcement(Reason::PoweredOff), 60)], 486);
    assert_eq!(report.reason, Reason::Busy);
    assert_eq!(report.evidence.heard, []);
    assert_eq!(report.evidence.clues.len(), 1);
}

#[test]
fn what_is_taken_back_was_never_heard() {
    let report = refused(
        &[(Heard::Announcement(Reason::PoweredOff), 75), (Heard::Announcement(Reason::PoweredOff), 0)],
        480,
    );
    assert_eq!((report.reason, report.evidence.clues.len()), (Reason::NoAnswer, 0));
}

#[test]
fn a_number_is_dead_by_its_information_tone() {
    assert_eq!(refused(&[(Heard::VacantTone, 95)], 480).reason, Reason::Vacant);
    assert_eq!(refused(&[(Heard::NoCircuitTone, 95)], 480).reason, Reason::TrunkCongested);
}

/// An answered call under a plan's policy; what is heard two seconds in.
fn heard_in_talk(hearing: HearingPolicy, inputs: Vec<Input>) -> Bench {
    let policy = CallPolicy { hearing, ..CallPolicy::default() };
    let mut bench =
        Bench { call: Call::new(policy, Limits::default(), support::interview()), ..Bench::idle() };
    bench.feed(Input::Start);
    bench.feed(Input::Answered);
    bench.feed(Input::FirstPacket);
    bench.wait(seconds(2));
    for input in inputs {
        bench.feed(input);
    }
    bench
}

fn ended(mut bench: Bench) -> Option<Report> {
    bench.when(&Output::HangUp)?;
    bench.feed(Input::LegEnded);
    Some(bench.report().clone())
}

#[test]
fn a_fax_or_the_networks_announcement_ends_the_call() {
    for (heard, reason) in
        [(Heard::Fax, Reason::Fax), (Heard::Announcement(Reason::OutOfCoverage), Reason::OutOfCoverage)]
    {
        let sure = ended(heard_in_talk(HearingPolicy::default(), vec![clue(heard, 95)])).unwrap();
        assert_eq!((sure.reason, sure.evidence.ended_by.as_deref()), (reason, Some("us")));
        assert!(sure.evidence.note.is_some());
        let guess = heard_in_talk(HearingPolicy::default(), vec![clue(heard, 75)]);
        assert_eq!(guess.call.phase(), Phase::Talking, "{heard:?}");
    }
}

#[test]
fn a_machine_is_hung_up_on_only_where_the_plan_says_so_and_it_is_sure() {
    let hang_up = HearingPolicy { machine: OnMachine::HangUp, ..HearingPolicy::default() };
    let goes_on = heard_in_talk(HearingPolicy::default(), vec![clue(Heard::Machine, 95)]);
    assert_eq!(goes_on.call.phase(), Phase::Talking);
    let guessed = heard_in_talk(hang_up.clone(), vec![clue(Heard::Machine, 85)]);
    assert_eq!(guessed.call.phase(), Phase::Talking);
    let sure = ended(heard_in_talk(hang_up, vec![clue(Heard::Machine, 95)])).unwrap();
    assert_eq!(sure.reason, Reason::AnsweringMachine);
}

#[test]
fn after_a_key_nothing_that_is_heard_ends_the_call_or_decides_its_reason() {
    let hang_up = HearingPolicy { machine: OnMachine::HangUp, ..HearingPolicy::default() };
    for heard in [Heard::Machine, Heard::Fax, Heard::Announcement(Reason::Vacant)] {
        let mut bench = heard_in_talk(hang_up.clone(), vec![Input::Key('1'), clue(heard, 95)]);
        assert_eq!(bench.when(&Output::HangUp), None, "{heard:?}");
        bench.feed(Input::PeerHungUp);
        assert_eq!(bench.report().reason, Reason::HungUpEarly, "{heard:?}");
    }
}

/// Nobody presses a key until the interview gives up.
fn without_a_key(inputs: Vec<Input>) -> (Reason, Option<Confidence>) {
    let mut bench = heard_in_talk(HearingPolicy::default(), inputs);
    while bench.call.phase() == Phase::Talking {
        bench.said();
        bench.wait(seconds(5));
    }
    bench.feed(Input::LegEnded);
    (bench.report().reason, bench.report().evidence.confidence)
}

#[test]
fn who_greeted_decides_what_no_key_at_all_means() {
    let machine = without_a_key(vec![clue(Heard::Machine, 85)]);
    assert_eq!(machine, (Reason::AnsweringMachine, Some(Confidence::Likely)));
    let person = without_a_key(vec![clue(Heard::Human, 70)]);
    assert_eq!(person, (Reason::HungUpEarly, Some(Confidence::Guess)));
    let corrected = without_a_key(vec![clue(Heard::Human, 70), clue(Heard::Machine, 95)]);
    assert_eq!(corrected, (Reason::AnsweringMachine, Some(Confidence::Likely)));
}

#[test]
fn who_hangs_up_early_is_a_machine_only_where_that_is_certain() {
    let hung_up = |sure| {
        let mut bench = heard_in_talk(HearingPolicy::default(), vec![clue(Heard::Machine, sure)]);
        bench.feed(Input::PeerHungUp);
        bench.feed(Input::LegEnded);
        bench.report().reason
    };
    assert_eq!(hung_up(85), Reason::HungUpEarly, "an echo of ours talks at length as well");
    assert_eq!(hung_up(95), Reason::AnsweringMachine);
}

#[test]
fn a_busy_tone_right_after_the_answer_is_the_networks_and_later_a_hang_up() {
    let soon = ended(heard_in_talk(HearingPolicy::default(), vec![Input::Heard(Heard::BusyTone)])).unwrap();
    assert_eq!((soon.reason, soon.evidence.heard), (Reason::Busy, vec![Heard::BusyTone]));
    let mut bench = heard_in_talk(HearingPolicy::default(), vec![]);
    bench.wait(seconds(1));
    bench.said();
    bench.keys("111");
    bench.wait(seconds(6));
    bench.feed(Input::Heard(Heard::BusyTone));
    let later = ended(bench).unwrap();
    assert_eq!((later.reason, later.evidence.ended_by.as_deref()), (Reason::Partial, Some("customer")));
}
