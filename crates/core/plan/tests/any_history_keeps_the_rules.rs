//! Random outcomes over whole tasks: never outside the windows, slots as promised, always an end.

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use plan::{
    Calendar, Case, Decision, Ending, HalfDay, Past, Slot, after_attempt, first_due, may_dial, pick_number,
};
use proptest::prelude::*;
use proptest::sample::select;
use records::{
    AttemptId, Cap, Climb, Direction, HourSpan, Ladder, MoveRule, NextStep, NextTry, Number, Policy, Reason,
    ReasonRule, Recent, StepKind,
};
use support::demonstration;
use uuid::Uuid;

const ZONES: &[Tz] = &[
    Tz::Asia__Shanghai,
    Tz::Asia__Kolkata,
    Tz::America__New_York,
    Tz::America__Santiago,
    Tz::Australia__Lord_Howe,
    Tz::Europe__London,
    Tz::Africa__Casablanca,
];

fn long_hours() -> Policy {
    let mut policy = Policy::default();
    policy.windows.spans =
        ["09:00-12:00", "13:30-20:15"].map(|span| HourSpan::try_from(span.to_owned()).unwrap()).to_vec();
    policy.retry.attempts = 5;
    policy.retry.soon_retries = 2;
    policy
}

/// A plan with rows and bounds of its own.
fn own_figures() -> Policy {
    let mut policy = long_hours();
    policy.retry.attempts = 4;
    policy.retry.per_day = 2;
    policy.retry.gap = Some(std::time::Duration::from_secs(5400));
    policy.caps.number = vec![Cap { attempts: 3, within: std::time::Duration::from_secs(4 * 24 * 3600) }];
    policy.caps.customer = vec![Cap { attempts: 4, within: std::time::Duration::from_secs(2 * 24 * 3600) }];
    let row = |next, tries| ReasonRule { next, tries, wait: None };
    policy.retry.reasons.set(Reason::Busy, row(NextTry::OtherDay, None));
    policy.retry.reasons.set(Reason::HungUpEarly, row(NextTry::Person, None));
    policy.retry.reasons.set(Reason::Barred, row(NextTry::DaysLater, Some(2)));
    policy.ladder = Ladder::full();
    policy
}

fn night_and_day() -> Policy {
    let mut policy = Policy::default();
    policy.windows.spans = vec![HourSpan::WHOLE_DAY];
    policy.windows.outer = HourSpan::WHOLE_DAY;
    policy.windows.working_days_only = false;
    policy
}

fn policies() -> impl Strategy<Value = Policy> {
    select(vec![Policy::default(), long_hours(), own_figures(), night_and_day(), demonstration()])
}

/// One task walked to its end.
struct Walk {
    policy: Policy,
    calendar: Calendar,
    zone: Tz,
    due_by: Option<DateTime<Utc>>,
    live: Vec<Number>,
    history: Vec<Past>,
    /// Calls of other plans and by hand.
    elsewhere: Vec<Recent>,
}

impl Walk {
    fn new(policy: Policy, zone: Tz, numbers: Vec<Number>) -> Self {
        let calendar = Calendar::official();
        Self { policy, calendar, zone, due_by: None, live: numbers, history: vec![], elsewhere: vec![] }
    }

    fn case(&self, now: DateTime<Utc>) -> Case<'_> {
        let Self { policy, calendar, zone, due_by, .. } = self;
        Case { policy, calendar, zone: *zone, now, due_by: *due_by, rung: 0, round_since: None }
    }

    /// Counted attempts over all plans.
    fn recent(&self) -> Vec<Recent> {
        let made = self.history.iter().filter(|past| past.reason.is_some_and(Reason::counts));
        let made = made.map(|past| Recent {
            attempt: AttemptId(Uuid::nil()),
            number: past.number.clone(),
            started_at: past.started_at,
            on_customer: true,
        });
        made.chain(self.elsewhere.iter().cloned()).collect()
    }

    /// When the dialer, waiting until told not to, dials; none: the round is over by that rule.
    fn dialled_from(&self, mut at: DateTime<Utc>) -> Result<(DateTime<Utc>, Number), MoveRule> {
        let number =
            pick_number(&self.policy.retry.reasons, &self.live, &self.history).expect("a live number");
        let recent = self.recent();
        for _ in 0..100 {
            let before: Vec<_> = recent.iter().filter(|made| made.started_at <= at).cloned().collect();
            match may_dial(&self.case(at), &self.history, &before, number) {
                Ok(()) => {
                    self.assert_within_the_bounds(at, number);
                    return Ok((at, number.clone()));
                }
                Err(hold) => {
                    let Some(until) = hold.until else { return Err(hold.because.rule) };
                    assert!(until > at, "put off to the past: {hold:?}");
                    at = until;
                }
            }
        }
        panic!("put off for ever")
    }

    /// Said again from the rules, without the code under test.
    fn assert_within_the_bounds(&self, at: DateTime<Utc>, number: &Number) {
        let local = at.with_timezone(&self.zone);
        let windows = &self.policy.windows;
        let open = windows.spans.iter().any(|span| span.contains(local.time()));
        assert!(open && windows.outer.contains(local.time()), "outside the windows: {local}");
        assert!(!windows.working_days_only || self.calendar.is_working_day(local.date_naive()), "{local}");
        assert!(self.due_by.is_none_or(|due| at < due), "after the deadline");
        let recent: Vec<_> = self.recent().into_iter().filter(|made| made.started_at <= at).collect();
        let on_customer: Vec<_> = recent.iter().filter(|made| made.on_customer).collect();
        let gap = Duration::from_std(self.policy.retry.gap()).unwrap();
        assert!(on_customer.iter().all(|made| at - made.started_at >= gap), "too soon");
        let today = |past: &&Past| {
            past.reason.is_some_and(Reason::counts)
                && past.started_at.with_timezone(&self.zone).date_naive() == local.date_naive()
        };
        assert!(
            self.history.iter().filter(today).count() < self.policy.retry.per_day as usize,
            "too many a day"
        );
        let within =
            |made: &Recent, cap: &Cap| at - made.started_at < Duration::from_std(cap.within).unwrap();
        for cap in &self.policy.caps.number {
            let made = recent.iter().filter(|made| made.number == *number && within(made, cap)).count();
            assert!(made < cap.attempts as usize, "over the number's cap");
        }
        for cap in &self.policy.caps.customer {
            let made = on_customer.iter().filter(|made| within(made, cap)).count();
            assert!(made < cap.attempts as usize, "over the customer's cap");
        }
    }

    /// Makes one attempt and decides.
    fn attempt(
        &mut self,
        at: DateTime<Utc>,
        number: &Number,
        (lasts, reason): (i64, Reason),
        time_asked: Option<&str>,
    ) -> Decision {
        let ending = Ending {
            direction: Direction::Outbound,
            number,
            started_at: at,
            reason,
            flags: &[],
            person_asked: false,
            time_asked,
            other_numbers: self.live.len() - 1,
            seed: at.timestamp() as u64,
        };
        // As the store tells it while the attempt is being closed.
        let open =
            Past { direction: Direction::Outbound, number: number.clone(), started_at: at, reason: None };
        self.history.push(open);
        let now = at + Duration::seconds(lasts);
        let decision = after_attempt(&self.case(now), &self.history, &ending);
        self.history.last_mut().unwrap().reason = Some(reason);
        if decision.number_dead {
            self.live.retain(|live| live != number);
        }
        if let NextStep::TryAgain { at, .. } = decision.next {
            assert!(at > now, "in the past");
            assert!(!self.live.is_empty(), "no number to try");
        }
        assert!(!decision.because.why.is_empty(), "no reason is given");
        decision
    }

    fn places(&self) -> BTreeSet<Slot> {
        self.used().map(|at| Slot::of(&self.policy.retry, self.zone, at)).collect()
    }

    fn dated_places(&self) -> BTreeSet<(NaiveDate, Slot)> {
        let place = |at: DateTime<Utc>| {
            (at.with_timezone(&self.zone).date_naive(), Slot::of(&self.policy.retry, self.zone, at))
        };
        self.used().map(place).collect()
    }

    fn half_days(&self) -> BTreeSet<HalfDay> {
        self.used().map(|at| HalfDay::of(self.zone, at)).collect()
    }

    /// The moments of attempts that were tries on the customer.
    fn used(&self) -> impl Iterator<Item = DateTime<Utc>> {
        let tried = |past: &&Past| {
            past.reason.is_some_and(|reason| reason.counts() && reason.next_try() != NextTry::OtherNumber)
        };
        self.history.iter().filter(tried).map(|past| past.started_at)
    }
}

fn numbers(count: usize) -> Vec<Number> {
    let all = ["13800138000", "13900139000", "010-88886666"];
    all[..count].iter().map(|text| Number::parse(text).unwrap()).collect()
}

/// What the calls bring: reason, length in seconds, time asked for.
fn outcomes(
    reasons: Vec<Reason>,
    most: usize,
) -> impl Strategy<Value = Vec<(Reason, i64, Option<&'static str>)>> {
    let asked = vec![None, Some("later_today"), Some("tomorrow_morning"), Some("tomorrow_afternoon")];
    prop::collection::vec((select(reasons), 5_i64..200, select(asked)), most)
}

/// Calls of other plans on the same customer, in the days around.
fn elsewhere(start: DateTime<Utc>, calls: &[(i64, usize, bool)]) -> Vec<Recent> {
    let call = |(minute, place, on_customer): &(i64, usize, bool)| Recent {
        attempt: AttemptId(Uuid::nil()),
        number: numbers(3)[*place].clone(),
        started_at: start + Duration::minutes(*minute),
        on_customer: *on_customer,
    };
    calls.iter().map(call).collect()
}

/// Walks a task until its round is over; by which rule, and what was decided last.
fn walk(
    walk: &mut Walk,
    start: DateTime<Utc>,
    outcomes: Vec<(Reason, i64, Option<&str>)>,
) -> Option<(MoveRule, Option<Decision>)> {
    let mut at = first_due(&walk.policy, &walk.calendar, walk.zone, start);
    for (reason, lasts, asked) in outcomes {
        let (moment, number) = match walk.dialled_from(at) {
            Ok(dialled) => dialled,
            Err(rule) => return Some((rule, None)),
        };
        let decision = walk.attempt(moment, &number, (lasts, reason), asked);
        let row = walk.policy.retry.reasons.of(reason).next;
        assert_eq!(decision.number_dead, row == NextTry::OtherNumber);
        match &decision.next {
            NextStep::TryAgain { at: next, .. } => at = *next,
            NextStep::GoOn => panic!("no decision keeps the claim"),
            NextStep::Person | NextStep::Climb(Climb { step: StepKind::Callback, .. }) => {
                assert!(decision.callback.is_some(), "nobody is told");
                return Some((decision.because.rule, Some(decision)));
            }
            NextStep::Climb(_) => return Some((decision.because.rule, Some(decision))),
            NextStep::End(state) => {
                assert!(state.ended());
                return Some((decision.because.rule, Some(decision)));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_the_rules(
        policy in policies(),
        zone in select(ZONES),
        start in 1_767_225_600_i64..1_830_000_000,
        count in 1_usize..=3,
        due in prop::option::of(1_i64..400),
        calls in prop::collection::vec((-3_000_i64..6_000, 0_usize..3, any::<bool>()), 0..12),
        outcomes in outcomes(Reason::ALL.to_vec(), 60),
    ) {
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let mut task = Walk {
            due_by: due.map(|hours| start + Duration::hours(hours)),
            elsewhere: elsewhere(start, &calls),
            ..Walk::new(policy, zone, numbers(count))
        };
        let over = walk(&mut task, start, outcomes);
        let counted = task.history.iter().filter(|past| past.reason.is_some_and(Reason::counts)).count();
        let retry = &task.policy.retry;
        let bound = retry.attempts * (2 + retry.soon_retries) + 3;
        prop_assert!(counted <= bound as usize, "{counted} attempts on one customer");
        // Given up for want of an answer alone: every try was made, each at another time.
        let last = task.history.last().and_then(|past| past.reason);
        let asked_for = task.history.iter().any(|past| past.reason == Some(Reason::Inconvenient));
        if let (Some((MoveRule::RoundExhausted, Some(_))), Some(last)) = (over, last)
            && retry.tries_after(last) == retry.attempts
            && retry.reasons.of(last).next != NextTry::Person
            && !asked_for
        {
            prop_assert!(task.places().len() >= retry.attempts as usize, "{:?}", task.history);
            prop_assert!(task.half_days().len() >= retry.half_days as usize, "{:?}", task.history);
        }
    }

    #[test]
    fn a_task_whose_line_works_ends(
        policy in policies(),
        zone in select(ZONES),
        start in 1_767_225_600_i64..1_830_000_000,
        outcomes in outcomes(vec![
            Reason::NoAnswer, Reason::Busy, Reason::AnsweredLate, Reason::Rejected, Reason::PoweredOff, Reason::Suspended,
            Reason::Partial, Reason::HungUpEarly, Reason::Inconvenient, Reason::AnsweringMachine, Reason::Barred, Reason::Vacant,
        ], 40),
    ) {
        let mut task = Walk::new(policy, zone, numbers(3));
        let over = walk(&mut task, DateTime::from_timestamp(start, 0).unwrap(), outcomes);
        prop_assert!(over.is_some(), "still going on after {} attempts", task.history.len());
    }

    #[test]
    fn nobody_is_given_up_before_three_slots_over_two_half_days_but_by_a_rule_that_says_so(
        zone in select(ZONES),
        start in 1_767_225_600_i64..1_830_000_000,
        due in prop::option::of(1_i64..200),
        outcomes in outcomes(Reason::ALL.to_vec(), 60),
    ) {
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let due_by = due.map(|hours| start + Duration::hours(hours));
        let mut task = Walk { due_by, ..Walk::new(Policy::default(), zone, numbers(2)) };
        let Some((rule, _)) = walk(&mut task, start, outcomes) else { return Ok(()) };
        // A customer may ask to be called at an hour at which we have called before: then the day tells the slots apart.
        let asked_for = task.history.iter().any(|past| past.reason == Some(Reason::Inconvenient));
        let slots = if asked_for { task.dated_places().len() } else { task.places().len() };
        let kept = slots >= 3 && task.half_days().len() >= 2;
        let rejected = task.history.last().is_some_and(|past| past.reason == Some(Reason::Rejected));
        let ends_earlier = matches!(
            rule,
            MoveRule::Completed | MoveRule::Declined | MoveRule::OptedOut | MoveRule::PersonAsked
                | MoveRule::OutcomeUnknown | MoveRule::PutOffTooOften | MoveRule::NumberDead
                | MoveRule::StillSuspended | MoveRule::Deadline
        );
        prop_assert!(
            kept || ends_earlier || (rejected && rule == MoveRule::RoundExhausted),
            "given up by {rule}: {:?}", task.history
        );
    }
}
