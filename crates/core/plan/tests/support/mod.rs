//! One task on the desk: a clock in Shanghai and the attempts made so far.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use plan::{Calendar, Case, Decision, Ending, Past, after_attempt};
use records::{HourSpan, NextStep, Number, Policy, Reason};

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A moment in Shanghai: `11-20 10:05`.
pub fn cn(text: &str) -> DateTime<Utc> {
    at(&format!("2026-{}:00+08:00", text.replace(' ', "T")))
}

pub fn number() -> Number {
    Number::parse("13800138000").unwrap()
}

/// As a demonstration sets it: always open, slots and days of seconds.
pub fn demonstration() -> Policy {
    let mut policy = Policy::default();
    policy.windows.spans = vec![HourSpan::WHOLE_DAY];
    policy.windows.outer = HourSpan::WHOLE_DAY;
    policy.windows.working_days_only = false;
    let seconds = Duration::from_secs;
    policy.retry.slot = seconds(8);
    policy.retry.half_days = 1;
    policy.retry.soon = seconds(2);
    policy.retry.other_day = seconds(10);
    policy.retry.days_later = seconds(10);
    policy.retry.line_retry = seconds(1);
    policy.retry.later_today = seconds(6);
    policy
}

pub struct Desk {
    pub policy: Policy,
    pub other_numbers: usize,
    pub flags: Vec<String>,
    pub person_asked: bool,
    pub time_asked: Option<&'static str>,
    pub seed: u64,
    pub due_by: Option<DateTime<Utc>>,
    pub rung: u32,
    pub round_since: Option<DateTime<Utc>>,
}

impl Desk {
    pub fn new() -> Self {
        let policy = Policy::default();
        Self {
            policy,
            other_numbers: 0,
            flags: vec![],
            person_asked: false,
            time_asked: None,
            seed: 0,
            due_by: None,
            rung: 0,
            round_since: None,
        }
    }

    /// What follows after these attempts, the last one just ended.
    pub fn after(&self, attempts: &[(DateTime<Utc>, Reason)]) -> Decision {
        let number = number();
        let past = |(started_at, reason): &(DateTime<Utc>, Reason)| Past {
            direction: records::Direction::Outbound,
            number: number.clone(),
            started_at: *started_at,
            reason: Some(*reason),
        };
        let history: Vec<_> = attempts.iter().map(past).collect();
        let (started_at, reason) = *attempts.last().unwrap();
        let ending = Ending {
            direction: records::Direction::Outbound,
            number: &number,
            started_at,
            reason,
            flags: &self.flags,
            person_asked: self.person_asked,
            time_asked: self.time_asked,
            other_numbers: self.other_numbers,
            seed: self.seed,
        };
        let now = started_at + chrono::Duration::seconds(40);
        let calendar = Calendar::official();
        after_attempt(&self.case(&calendar, now), &history, &ending)
    }

    pub fn case<'a>(&'a self, calendar: &'a Calendar, now: DateTime<Utc>) -> Case<'a> {
        let Self { policy, due_by, rung, round_since, .. } = self;
        let (due_by, rung, round_since) = (*due_by, *rung, *round_since);
        Case { policy, calendar, zone: Tz::Asia__Shanghai, now, due_by, rung, round_since }
    }

    pub fn next(&self, attempts: &[(DateTime<Utc>, Reason)]) -> DateTime<Utc> {
        let decision = self.after(attempts);
        match decision.next {
            NextStep::TryAgain { at, .. } => at,
            other => panic!("{other:?} after {attempts:?}: {}", decision.because.why),
        }
    }
}
