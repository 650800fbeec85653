//! Random outcomes over whole tasks: never outside the windows, slots as promised, always an end.

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use plan::{
    Calendar, Decision, Ending, HalfDay, Past, Slot, after_attempt, first_due, may_call_now, pick_number,
};
use proptest::prelude::*;
use proptest::sample::select;
use records::{CallbackCause, HourSpan, NextStep, NextTry, Number, Policy, Reason};
use support::demonstration;

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

fn night_and_day() -> Policy {
    let mut policy = Policy::default();
    policy.windows.spans = vec![HourSpan::WHOLE_DAY];
    policy.windows.outer = HourSpan::WHOLE_DAY;
    policy.windows.working_days_only = false;
    policy
}

fn policies() -> impl Strategy<Value = Policy> {
    select(vec![Policy::default(), long_hours(), night_and_day(), demonstration()])
}

/// One task walked to its end.
struct Walk {
    policy: Policy,
    calendar: Calendar,
    zone: Tz,
    live: Vec<Number>,
    history: Vec<Past>,
}

impl Walk {
    /// Makes one attempt and decides.
    fn attempt(
        &mut self,
        at: DateTime<Utc>,
        lasts: i64,
        reason: Reason,
        time_asked: Option<&str>,
    ) -> Decision {
        assert_eq!(may_call_now(&self.policy, &self.calendar, self.zone, at), Ok(()), "outside the windows");
        let number = pick_number(&self.live, &self.history).expect("a live number").clone();
        let ending = Ending {
            direction: records::Direction::Outbound,
            number: &number,
            started_at: at,
            reason,
            flags: &[],
            person_asked: false,
            time_asked,
            other_numbers: self.live.len() - 1,
            seed: at.timestamp() as u64,
        };
        // As the store tells it while the attempt is being closed.
        self.history.push(Past {
            direction: records::Direction::Outbound,
            number: number.clone(),
            started_at: at,
            reason: None,
        });
        let now = at + Duration::seconds(lasts);
        let decision = after_attempt(&self.policy, &self.calendar, self.zone, now, &self.history, &ending);
        self.history.last_mut().unwrap().reason = Some(reason);
        if decision.number_dead {
            self.live.retain(|live| *live != number);
        }
        if let NextStep::TryAgain { at, .. } = decision.next {
            assert!(at > now, "in the past");
            assert!(!self.live.is_empty(), "no number to try");
        }
        decision
    }

    fn places(&self) -> BTreeSet<Slot> {
        self.used().map(|at| Slot::of(&self.policy.retry, self.zone, at)).collect()
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_the_rules(
        policy in policies(),
        zone in select(ZONES),
        start in 1_767_225_600_i64..1_830_000_000,
        count in 1_usize..=3,
        outcomes in prop::collection::vec((select(Reason::ALL), 5_i64..200, select(vec![None, Some("later_today"), Some("tomorrow_morning"), Some("tomorrow_afternoon")])), 60),
    ) {
        let mut walk = Walk { policy, calendar: Calendar::official(), zone, live: numbers(count), history: vec![] };
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let mut at = first_due(&walk.policy, &walk.calendar, zone, start);
        let mut last = None;
        for (reason, lasts, asked) in outcomes {
            let decision = walk.attempt(at, lasts, reason, asked);
            prop_assert_eq!(decision.number_dead, reason.next_try() == NextTry::OtherNumber);
            match &decision.next {
                NextStep::TryAgain { at: next, .. } => at = *next,
                NextStep::GoOn => prop_assert!(false, "no decision keeps the claim"),
                NextStep::Person => prop_assert!(decision.callback.is_some(), "nobody is told"),
                NextStep::End(state) => prop_assert!(state.ended()),
            }
            if !matches!(decision.next, NextStep::TryAgain { .. }) {
                last = Some((reason, decision));
                break;
            }
        }
        let counted = walk.history.iter().filter(|past| past.reason.is_some_and(Reason::counts)).count();
        let retry = &walk.policy.retry;
        let bound = retry.attempts * (2 + retry.soon_retries) + 3;
        prop_assert!(counted <= bound as usize, "{counted} attempts on one customer");
        let asked_for = walk.history.iter().any(|past| past.reason == Some(Reason::Inconvenient));
        if let Some((reason, Decision { callback: Some(callback), .. })) = last
            && matches!(callback.cause, CallbackCause::Exhausted { .. })
            && reason != Reason::Rejected
            && !asked_for
        {
            prop_assert!(walk.places().len() >= retry.attempts as usize, "{:?}", walk.history);
            prop_assert!(walk.half_days().len() >= retry.half_days as usize, "{:?}", walk.history);
        }
    }

    #[test]
    fn a_task_whose_line_works_ends(
        policy in policies(),
        zone in select(ZONES),
        start in 1_767_225_600_i64..1_830_000_000,
        outcomes in prop::collection::vec(select(vec![
            Reason::NoAnswer, Reason::Busy, Reason::AnsweredLate, Reason::Rejected, Reason::PoweredOff, Reason::Suspended,
            Reason::Partial, Reason::HungUpEarly, Reason::Inconvenient, Reason::AnsweringMachine, Reason::Barred, Reason::Vacant,
        ]), 40),
    ) {
        let mut walk = Walk { policy, calendar: Calendar::official(), zone, live: numbers(3), history: vec![] };
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let mut next = Some(first_due(&walk.policy, &walk.calendar, zone, start));
        for reason in outcomes {
            let Some(at) = next else { break };
            next = match walk.attempt(at, 30, reason, Some("later_today")).next {
                NextStep::TryAgain { at, .. } => Some(at),
                _ => None,
            };
        }
        prop_assert_eq!(next, None, "still going on after {} attempts", walk.history.len());
    }
}
