//! The table of domain section 4, reason by reason, with the figures of the default policy.

mod support;

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use plan::Calendar;
use records::{CallbackCause, Climb, HourSpan, MoveRule, NextStep, Reason, StepKind, TaskState};
use support::{Desk, at, cn, demonstration};

/// The rung above the only round of calls.
fn queue() -> NextStep {
    NextStep::Climb(Climb { rung: 1, step: StepKind::Callback, at: None })
}

fn hour(moment: DateTime<Utc>) -> (String, u32) {
    let local = moment.with_timezone(&Tz::Asia__Shanghai);
    (local.format("%m-%d").to_string(), local.hour())
}

#[test]
fn an_unanswered_task_takes_three_slots_over_two_half_days() {
    use Reason::NoAnswer;
    let desk = Desk::new();
    let first = (cn("11-20 10:05"), NoAnswer);
    let second = desk.next(&[first]);
    assert_eq!(hour(second), ("11-20".to_owned(), 14));
    let third = desk.next(&[first, (second, NoAnswer)]);
    assert_eq!(hour(third), ("11-20".to_owned(), 15));
    let end = desk.after(&[first, (second, NoAnswer), (third, NoAnswer)]);
    assert_eq!(end.next, queue());
    assert_eq!(end.because.rule, MoveRule::RoundExhausted);
    let callback = end.callback.unwrap();
    assert_eq!(callback.cause, CallbackCause::Exhausted { last: NoAnswer });
    assert_eq!(callback.priority, 3);
}

#[test]
fn the_last_try_changes_the_half_day_when_the_others_did_not() {
    use Reason::NoAnswer;
    let mut desk = Desk::new();
    desk.policy.windows.spans = vec![HourSpan::WHOLE_DAY];
    let first = (cn("11-19 14:05"), NoAnswer);
    // The second may still fall in the afternoon; then the third must not, though the evening is open.
    assert_eq!(hour(desk.next(&[first])), ("11-19".to_owned(), 15));
    let third = desk.next(&[first, (cn("11-19 15:05"), NoAnswer)]);
    assert_eq!(hour(third), ("11-20".to_owned(), 8));
}

#[test]
fn busy_is_tried_soon_once_and_then_in_another_slot() {
    use Reason::Busy;
    let desk = Desk::new();
    let first = (cn("11-20 10:05"), Busy);
    let soon = desk.next(&[first]);
    assert_eq!(soon, at("2026-11-20T10:15:40+08:00"));
    assert_eq!(hour(desk.next(&[first, (soon, Busy)])), ("11-20".to_owned(), 14));
    // Too late in the window for soon.
    assert_eq!(hour(desk.next(&[(cn("11-20 10:55"), Busy)])), ("11-20".to_owned(), 14));
}

#[test]
fn both_calls_of_a_busy_slot_are_one_try() {
    use Reason::{AnsweredLate, Busy, NoAnswer};
    let desk = Desk::new();
    let attempts =
        [(cn("11-20 10:05"), Busy), (cn("11-20 10:16"), AnsweredLate), (cn("11-20 14:05"), NoAnswer)];
    assert_eq!(hour(desk.next(&attempts)), ("11-20".to_owned(), 15));
}

#[test]
fn who_pressed_us_away_is_tried_fewer_times() {
    use Reason::Rejected;
    let desk = Desk::new();
    let first = (cn("11-20 10:05"), Rejected);
    let second = desk.next(&[first]);
    let end = desk.after(&[first, (second, Rejected)]);
    assert_eq!(end.callback.unwrap().cause, CallbackCause::Exhausted { last: Rejected });
}

#[test]
fn powered_off_waits_for_another_day_and_suspended_for_some() {
    let desk = Desk::new();
    assert_eq!(hour(desk.next(&[(cn("11-19 10:05"), Reason::PoweredOff)])), ("11-20".to_owned(), 14));
    assert_eq!(hour(desk.next(&[(cn("11-19 15:55"), Reason::OutOfCoverage)])), ("11-20".to_owned(), 10));
    // Thursday and three days is a Sunday.
    assert_eq!(hour(desk.next(&[(cn("11-19 10:05"), Reason::Suspended)])), ("11-23".to_owned(), 14));
}

#[test]
fn a_number_still_suspended_is_to_be_re_confirmed() {
    use Reason::Suspended;
    let end = Desk::new().after(&[(cn("11-16 10:05"), Suspended), (cn("11-19 14:05"), Suspended)]);
    assert_eq!((end.next, end.because.rule), (queue(), MoveRule::StillSuspended));
    assert_eq!(end.callback.unwrap().cause, CallbackCause::ReconfirmNumber { last: Suspended });
    assert!(!end.number_dead);
}

#[test]
fn a_dead_number_gives_way_to_another_or_to_its_re_confirmation() {
    for reason in [Reason::Vacant, Reason::Fax, Reason::WrongPerson] {
        let mut desk = Desk::new();
        let attempts = [(cn("11-20 10:05"), reason)];
        let end = desk.after(&attempts);
        assert!(end.number_dead, "{reason}");
        assert_eq!(end.callback.unwrap().cause, CallbackCause::ReconfirmNumber { last: reason });
        desk.other_numbers = 1;
        assert!(desk.after(&attempts).number_dead);
        assert_eq!(desk.next(&attempts), at("2026-11-20T10:15:40+08:00"), "{reason}");
    }
}

#[test]
fn faults_of_the_line_use_up_no_try_and_wait_longer_each_time() {
    use Reason::{NoAnswer, TrunkCongested};
    let desk = Desk::new();
    let mut attempts = vec![(cn("11-20 14:00"), TrunkCongested)];
    let mut waits = vec![];
    for _ in 0..5 {
        let (last, _) = attempts[attempts.len() - 1];
        let next = desk.next(&attempts);
        waits.push((next - last).num_seconds() - 40);
        attempts.push((next, TrunkCongested));
    }
    assert_eq!(waits, [60, 120, 240, 480, 960]);
    // However long the fault lasts, the task stays, and the wait is bounded.
    attempts.extend((1..30).map(|day| (cn(&format!("10-{day:02} 14:00")), TrunkCongested)));
    attempts.push((cn("11-20 14:00"), TrunkCongested));
    assert_eq!(desk.next(&attempts), at("2026-11-20T15:04:40+08:00"));
    // All tries are still there.
    attempts.push((cn("11-20 15:10"), NoAnswer));
    assert_eq!(hour(desk.next(&attempts)), ("11-23".to_owned(), 10));
}

#[test]
fn a_cancelled_call_comes_again_in_the_next_window() {
    let desk = Desk::new();
    assert_eq!(hour(desk.next(&[(cn("11-20 10:59"), Reason::Cancelled)])), ("11-20".to_owned(), 14));
}

#[test]
fn a_customer_who_cannot_now_is_called_when_asked() {
    let mut desk = Desk::new();
    for (asked, started, expected) in [
        ("later_today", "11-20 10:05", "2026-11-20T14:00:00+08:00"),
        ("later_today", "11-20 15:30", "2026-11-23T10:00:00+08:00"),
        ("tomorrow_morning", "11-19 15:05", "2026-11-20T10:00:00+08:00"),
        ("tomorrow_afternoon", "11-19 15:05", "2026-11-20T14:00:00+08:00"),
        ("tomorrow_afternoon", "11-20 10:05", "2026-11-23T10:00:00+08:00"),
    ] {
        desk.time_asked = Some(asked);
        assert_eq!(desk.next(&[(cn(started), Reason::Inconvenient)]), at(expected), "{asked} at {started}");
    }
    desk.time_asked = None;
    assert_eq!(hour(desk.next(&[(cn("11-20 10:05"), Reason::Inconvenient)])), ("11-20".to_owned(), 14));
}

#[test]
fn a_customer_who_puts_us_off_every_time_is_left_to_a_person() {
    use Reason::Inconvenient;
    let mut desk = Desk::new();
    desk.time_asked = Some("later_today");
    let end = desk.after(&[
        (cn("11-19 10:05"), Inconvenient),
        (cn("11-19 14:05"), Inconvenient),
        (cn("11-20 10:05"), Inconvenient),
    ]);
    assert_eq!(end.callback.unwrap().cause, CallbackCause::Exhausted { last: Inconvenient });
}

#[test]
fn ends_are_ends() {
    for (reason, state) in [
        (Reason::Completed, TaskState::Succeeded),
        (Reason::Declined, TaskState::Refused),
        (Reason::OptedOut, TaskState::Refused),
    ] {
        let end = Desk::new().after(&[(cn("11-20 10:05"), reason)]);
        assert_eq!((end.next, end.callback), (NextStep::End(state), None), "{reason}");
    }
}

#[test]
fn a_wish_for_a_person_and_the_unknown_go_to_people() {
    let end = Desk::new().after(&[(cn("11-20 10:05"), Reason::HandedOver)]);
    assert_eq!(end.next, NextStep::Person);
    let callback = end.callback.unwrap();
    assert_eq!((callback.cause, callback.priority), (CallbackCause::PersonAsked, 1));
    assert_eq!(callback.due_at, at("2026-11-20T14:05:40+08:00"));

    let end = Desk::new().after(&[(cn("11-20 10:05"), Reason::Unknown)]);
    assert_eq!(end.next, NextStep::Person);
    let callback = end.callback.unwrap();
    assert_eq!((callback.cause, callback.priority), (CallbackCause::Unknown, 2));
}

#[test]
fn a_flag_always_brings_a_callback_and_a_major_one_at_once() {
    for (reason, flags, next, priority, due) in [
        (
            Reason::Completed,
            vec!["dissatisfied"],
            NextStep::End(TaskState::Succeeded),
            2,
            "2026-11-27T10:05:40+08:00",
        ),
        (
            Reason::Completed,
            vec!["dissatisfied", "complaint"],
            NextStep::End(TaskState::Succeeded),
            1,
            "2026-11-20T14:05:40+08:00",
        ),
        (Reason::Partial, vec!["violation"], NextStep::Person, 1, "2026-11-20T14:05:40+08:00"),
        (Reason::Partial, vec!["unresolved"], NextStep::Person, 2, "2026-11-27T10:05:40+08:00"),
        (
            Reason::Declined,
            vec!["data_wrong"],
            NextStep::End(TaskState::Refused),
            1,
            "2026-11-20T14:05:40+08:00",
        ),
        (Reason::Cancelled, vec!["dissatisfied"], NextStep::Person, 2, "2026-11-27T10:05:40+08:00"),
    ] {
        let mut desk = Desk::new();
        desk.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let end = desk.after(&[(cn("11-20 10:05"), reason)]);
        assert_eq!(end.next, next, "{reason} {flags:?}");
        let callback = end.callback.unwrap();
        assert_eq!(callback.cause, CallbackCause::Flagged { flags: desk.flags.clone() });
        assert_eq!((callback.priority, callback.due_at), (priority, at(due)), "{reason} {flags:?}");
    }
}

#[test]
fn a_major_flag_is_graver_than_the_wish_for_a_person_which_is_graver_than_a_plain_one() {
    for (flags, cause) in [
        (vec!["dissatisfied", "person_asked"], "person_asked"),
        (vec!["complaint", "person_asked"], "flagged"),
        (vec!["person_asked"], "person_asked"),
    ] {
        let mut desk = Desk::new();
        desk.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        desk.person_asked = true;
        let callback = desk.after(&[(cn("11-20 10:05"), Reason::HandedOver)]).callback.unwrap();
        assert_eq!((callback.cause.slug(), callback.priority), (cause, 1));
    }
}

#[test]
fn in_a_demonstration_days_are_seconds_long() {
    let mut desk = Desk::new();
    desk.policy = demonstration();
    desk.time_asked = Some("tomorrow_morning");
    let started = cn("11-20 10:05");
    for (reason, least, most) in [
        (Reason::NoAnswer, 0, 16),
        (Reason::Busy, 2, 10),
        (Reason::PoweredOff, 10, 26),
        (Reason::Suspended, 10, 26),
        (Reason::Inconvenient, 6, 6),
        (Reason::TrunkCongested, 1, 9),
    ] {
        let wait = (desk.next(&[(started, reason)]) - started).num_milliseconds() - 40_000;
        assert!((least * 1000..=most * 1000).contains(&wait), "{reason}: {wait} ms");
    }
}

#[test]
fn retries_of_many_tasks_are_spread_over_the_slot() {
    let mut desk = Desk::new();
    let mut minutes: Vec<_> = (0..200)
        .map(|seed| {
            desk.seed = seed;
            desk.next(&[(cn("11-20 10:05"), Reason::NoAnswer)]).minute()
        })
        .collect();
    assert!(minutes.iter().all(|minute| *minute < 45));
    minutes.sort_unstable();
    minutes.dedup();
    assert!(minutes.len() > 40, "{minutes:?}");
}

#[test]
fn windows_that_never_open_leave_the_task_to_a_person() {
    let mut desk = Desk::new();
    desk.policy.windows.spans.clear();
    let end = desk.after(&[(cn("11-20 10:05"), Reason::TrunkCongested)]);
    assert_eq!((end.next, end.because.rule), (queue(), MoveRule::NoSlotLeft));
    assert!(end.callback.is_some());
}

#[test]
fn a_decision_says_why() {
    let decision = Desk::new().after(&[(cn("11-20 10:05"), Reason::NoAnswer)]);
    assert_eq!(decision.because.why, "no_answer, 1 of 3 tries made: again in another slot");
    assert!(Calendar::official().is_working_day("2026-11-20".parse().unwrap()));
}
