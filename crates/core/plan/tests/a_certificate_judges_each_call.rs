//! What a certificate says of single calls: slots, windows, caps, the time asked for, ringing and recording, and
//! whether anybody was called who must not be.

mod story;

use std::sync::Arc;
use std::time::Duration;

use plan::{ClauseName, Proof, Verdict};
use records::{
    Cap, CustomerId, Declared, MoveRule, NewWaiver, OptOut, PlanId, Policy, Reason, Signature, TaskState,
    Waiver, WaiverId,
};
use story::{Story, cn, id, made, number};

#[test]
fn a_slot_is_taken_once_but_for_a_call_soon_after_busy() {
    let twice = |first, rule| {
        let story = Story::new().call("11-19 10:05", first, TaskState::Waiting, rule);
        story.again("11-19 10:20", Reason::NoAnswer).verdict(ClauseName::Slots)
    };
    assert_eq!(twice(Reason::Busy, MoveRule::Soon), Verdict::Kept);
    assert_eq!(twice(Reason::NoAnswer, MoveRule::OtherSlot), Verdict::NotKept);
    // A dead number takes nobody's time, and a fault of our own neither.
    assert_eq!(twice(Reason::Vacant, MoveRule::OtherNumber), Verdict::NotApplicable);
    assert_eq!(twice(Reason::TrunkCongested, MoveRule::LineRetry), Verdict::NotApplicable);
}

#[test]
fn one_half_of_the_day_is_not_enough() {
    let story = Story::new()
        .again("11-19 14:05", Reason::NoAnswer)
        .again("11-19 15:05", Reason::NoAnswer)
        .call("11-20 14:05", Reason::NoAnswer, TaskState::WithPerson, MoveRule::RoundExhausted);
    assert_eq!(story.verdict(ClauseName::Attempts), Verdict::Kept);
    assert_eq!(story.verdict(ClauseName::HalfDays), Verdict::NotKept);
}

#[test]
fn calls_outside_the_windows_are_named() {
    for (at, verdict) in [
        ("11-19 10:00", Verdict::Kept),
        ("11-19 10:59", Verdict::Kept),
        ("11-19 11:00", Verdict::NotKept),
        ("11-19 21:30", Verdict::NotKept),
        ("11-21 10:10", Verdict::NotKept), // a Saturday
    ] {
        let clause = Story::new().again(at, Reason::NoAnswer).clause(ClauseName::Windows);
        assert_eq!(clause.verdict, verdict, "{at}");
        let named = matches!(clause.proof[..], [Proof::Attempt { .. }]);
        assert_eq!(named, verdict == Verdict::NotKept, "{at}");
    }
}

#[test]
fn caps_count_calls_of_other_plans_and_by_hand() {
    let mut policy = Policy::default();
    policy.caps.number = vec![Cap { attempts: 2, within: Duration::from_secs(86_400) }];
    policy.caps.customer = vec![Cap { attempts: 9, within: Duration::from_secs(86_400) }];
    let mut story = Story::with(policy).again("11-19 14:10", Reason::NoAnswer);
    assert_eq!(story.verdict(ClauseName::NumberCap), Verdict::Kept);
    for at in ["11-19 09:00", "11-19 13:55"] {
        story.0.recent.push(made(cn(at), false));
    }
    assert_eq!(story.verdict(ClauseName::NumberCap), Verdict::NotKept);
    assert_eq!(story.verdict(ClauseName::CustomerCap), Verdict::Kept, "others have the number, too");
    assert_eq!(story.verdict(ClauseName::Gap), Verdict::Kept, "that gap is to this customer's calls");
    story.0.recent.push(made(cn("11-19 14:05"), true));
    assert_eq!(story.verdict(ClauseName::Gap), Verdict::NotKept);
    let mut full = Story::new();
    for minute in [10, 25, 40, 55] {
        full = full.again(&format!("11-19 14:{minute}"), Reason::Busy);
    }
    assert_eq!(full.verdict(ClauseName::PerDay), Verdict::Kept);
    assert_eq!(full.again("11-19 15:10", Reason::Busy).verdict(ClauseName::PerDay), Verdict::NotKept);
}

#[test]
fn the_time_a_customer_asked_for_is_kept() {
    let asked = |then: Option<&str>| {
        let mut story =
            Story::new().call("11-19 10:10", Reason::Inconvenient, TaskState::Waiting, MoveRule::AsAsked);
        story.0.moves.last_mut().unwrap().next_at = Some(cn("11-20 14:00"));
        match then {
            Some(at) => story.again(at, Reason::NoAnswer),
            None => story,
        }
        .verdict(ClauseName::AsAsked)
    };
    assert_eq!(asked(None), Verdict::Open);
    assert_eq!(asked(Some("11-20 14:03")), Verdict::Kept);
    assert_eq!(asked(Some("11-20 10:03")), Verdict::NotKept);
}

#[test]
fn a_short_ring_and_a_missing_recording_are_told() {
    let mut short = Story::new().again("11-19 10:10", Reason::NoAnswer);
    short.last().attempt.evidence.ring_ms = Some(19_000);
    assert_eq!(short.verdict(ClauseName::RingTime), Verdict::NotKept);
    short.last().attempt.evidence.ended_by = Some("carrier".to_owned());
    assert_eq!(short.verdict(ClauseName::RingTime), Verdict::NotApplicable, "we did not give up");

    let mut lost =
        Story::new().call("11-19 10:10", Reason::Completed, TaskState::Succeeded, MoveRule::Completed);
    lost.last().recording = None;
    assert_eq!(lost.verdict(ClauseName::Recordings), Verdict::NotKept);
    lost.0.now = cn("11-19 10:12");
    assert_eq!(lost.verdict(ClauseName::Recordings), Verdict::Open, "it is being sealed");
    lost.last().attempt.caller = None;
    assert_eq!(lost.verdict(ClauseName::Caller), Verdict::NotKept);
}

#[test]
fn nobody_is_called_after_an_opt_out_or_under_a_waiver() {
    let mut story = Story::new().again("11-19 10:10", Reason::NoAnswer);
    let out = |at: &str| Some(OptOut { number: number(), at: cn(at), source: "agent".to_owned() });
    Arc::make_mut(&mut story.0.customer).opt_out = out("11-19 11:00");
    assert_eq!(story.verdict(ClauseName::OptOut), Verdict::Kept);
    Arc::make_mut(&mut story.0.customer).opt_out = out("11-19 10:00");
    assert_eq!(story.verdict(ClauseName::OptOut), Verdict::NotKept);

    let signature = |name: &str| Signature { name: name.to_owned(), on: "2026-11-10".parse().unwrap() };
    let waiver = |plan, registered: &str, revoked: Option<&str>| Waiver {
        id: WaiverId(id(400)),
        customer_id: CustomerId(id(2)),
        content: NewWaiver {
            plan,
            contents: Declared::default(),
            customer: signature("李明"),
            salesperson: signature("王"),
            sales_manager: signature("赵"),
        },
        registered_by: "zhao".to_owned(),
        registered_at: cn(registered),
        revoked_by: None,
        revoked_at: revoked.map(cn),
    };
    for (kept, verdict) in [
        (waiver(None, "11-10 09:00", None), Verdict::NotKept),
        (waiver(None, "11-10 09:00", Some("11-18 09:00")), Verdict::Kept),
        (waiver(None, "11-19 12:00", None), Verdict::Kept),
        (waiver(Some(PlanId(id(99))), "11-10 09:00", None), Verdict::NotApplicable),
    ] {
        story.0.waivers = vec![kept];
        let clause = story.clause(ClauseName::Waiver);
        assert_eq!(clause.verdict, verdict);
        if verdict != Verdict::NotApplicable {
            assert!(clause.done.en.contains("李明 2026-11-10 / 王 2026-11-10 / 赵 2026-11-10"));
        }
    }
}
