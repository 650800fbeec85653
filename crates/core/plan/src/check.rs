//! Whether a policy can do what it promises, before a plan with it may start.

use std::collections::BTreeSet;
use std::time::Duration;

use records::{NextTry, Policy, Reason, StepKind};

use crate::slot::{HalfDay, Slot};
use crate::windows::effective;

/// Why a plan with this policy is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}. {remedy}")]
pub struct PolicyProblem {
    /// Such as `retry.attempts`.
    pub key: &'static str,
    pub problem: String,
    pub remedy: &'static str,
}

/// A figure below the rules; allowed, but its author should know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}. {remedy}")]
pub struct PolicyWarning {
    pub key: &'static str,
    pub problem: String,
    pub remedy: &'static str,
}

/// Every problem of a policy, or what its author should know.
pub fn check(policy: &Policy) -> Result<Vec<PolicyWarning>, Vec<PolicyProblem>> {
    let problems: Vec<_> = [slots(policy), half_days(policy), figures(policy), table(policy), ladder(policy)]
        .into_iter()
        .flatten()
        .collect();
    if problems.is_empty() { Ok(warnings(policy)) } else { Err(problems) }
}

fn slots(policy: &Policy) -> Vec<PolicyProblem> {
    let spans = effective(&policy.windows);
    if spans.is_empty() {
        return vec![PolicyProblem {
            key: "windows.spans",
            problem: "no window lies within windows.outer, so nobody could ever be called".to_owned(),
            remedy: "Give at least one span such as 10:00-11:00 within the outer limit",
        }];
    }
    let mut touched: Vec<_> = spans.into_iter().map(|span| Slot::of_span(&policy.retry, span)).collect();
    touched.sort_unstable();
    let mut count = 0;
    let mut next = 0;
    for (first, last) in touched {
        count += (last + 1 - first.max(next)).max(0);
        next = next.max(last + 1);
    }
    let wanted = i64::from(policy.retry.attempts);
    if count >= wanted {
        return vec![];
    }
    vec![PolicyProblem {
        key: "windows.spans",
        problem: format!(
            "the windows give {count} slots a day, but {wanted} attempts take {wanted} different ones"
        ),
        remedy: "Add or lengthen windows, or lower retry.attempts",
    }]
}

fn half_days(policy: &Policy) -> Vec<PolicyProblem> {
    let wanted = policy.retry.half_days;
    let noon = 12 * 60;
    let halves: BTreeSet<_> = effective(&policy.windows)
        .into_iter()
        .flat_map(|span| {
            let morning = (span.start_minute() < noon).then_some(HalfDay::Morning);
            morning.into_iter().chain((span.end_minute() > noon).then_some(HalfDay::Afternoon))
        })
        .collect();
    let problem = |problem: String, remedy| vec![PolicyProblem { key: "retry.half_days", problem, remedy }];
    if wanted > 2 {
        problem(format!("{wanted} is more half-days than a day has"), "Give 1 or 2")
    } else if wanted > policy.retry.attempts {
        problem(
            format!("{} attempts cannot take {wanted} half-days", policy.retry.attempts),
            "Raise retry.attempts or lower retry.half_days",
        )
    } else if (halves.len() as u32) < wanted && !halves.is_empty() {
        problem(
            format!("the windows lie in one half of the day, but attempts are to take {wanted}"),
            "Add a window before or after noon, or lower retry.half_days to 1",
        )
    } else {
        vec![]
    }
}

/// A row may be changed only to what keeps every promise: who refused is never called again, what is our own fault is
/// never the customer's, and every round ends.
fn table(policy: &Policy) -> Vec<PolicyProblem> {
    let broken = |reason: &&Reason| {
        let rule = policy.retry.reasons.of(**reason);
        !may_follow(**reason, rule.next) || rule.tries == Some(0)
    };
    Reason::ALL
        .iter()
        .filter(broken)
        .map(|reason| PolicyProblem {
            key: "retry.reasons",
            problem: format!(
                "\"{reason}\" cannot be followed by {:?} with {:?} tries",
                policy.retry.reasons.of(*reason).next,
                policy.retry.reasons.of(*reason).tries
            ),
            remedy: "Leave this row out, or give other_slot, soon_then_other_slot, other_day, days_later or person",
        })
        .collect()
}

fn may_follow(reason: Reason, next: NextTry) -> bool {
    use Reason::{Barred, Fax, Suspended, Vacant, WrongPerson};
    if next == reason.next_try() {
        return true;
    }
    match reason {
        Reason::Completed
        | Reason::Declined
        | Reason::OptedOut
        | Reason::HandedOver
        | Reason::Unknown
        | Reason::NoticeOnly => false,
        _ if !reason.counts() => matches!(next, NextTry::LineRetry | NextTry::NextWindow | NextTry::Person),
        _ => match next {
            NextTry::OtherSlot
            | NextTry::SoonThenOtherSlot
            | NextTry::OtherDay
            | NextTry::DaysLater
            | NextTry::Person => true,
            NextTry::OtherNumber => matches!(reason, Barred | Fax | Suspended | Vacant | WrongPerson),
            _ => false,
        },
    }
}

fn ladder(policy: &Policy) -> Vec<PolicyProblem> {
    let problem =
        |problem: &str, remedy| PolicyProblem { key: "ladder", problem: problem.to_owned(), remedy };
    let rungs = &policy.ladder.0;
    let limited = |step| rungs.iter().any(|rung| rung.step == step && rung.within.is_some());
    let unlimited = rungs.iter().any(|rung| rung.within.is_some_and(|within| within.is_zero()));
    [
        rungs.first().is_none_or(|rung| rung.step != StepKind::Phone).then(|| {
            problem("it does not begin with a round of calls", "Begin it with {\"step\": \"phone\"}")
        }),
        limited(StepKind::Phone).then(|| {
            problem("a round of calls has a time limit of its own", "Leave out \"within\": its tries end it")
        }),
        limited(StepKind::Callback).then(|| {
            problem("the call-back queue has a time limit", "Leave out \"within\": a person ends each item")
        }),
        unlimited.then(|| problem("a step has no time at all", "Give \"within\" in seconds, above 0")),
        rungs
            .windows(2)
            .any(|pair| pair[0].step == StepKind::Phone && pair[1].step == StepKind::Phone)
            .then(|| problem("two rounds of calls follow each other", "Raise retry.attempts instead")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn figures(policy: &Policy) -> Vec<PolicyProblem> {
    let (retry, call) = (&policy.retry, &policy.call);
    let more_than_nothing = "Give a time above 0, in seconds";
    let problem = |key, problem: &str, remedy| PolicyProblem { key, problem: problem.to_owned(), remedy };
    [
        (retry.attempts == 0).then(|| {
            problem("retry.attempts", "nobody would be called", "Give at least 1; the rules ask for 3")
        }),
        (retry.rejected_attempts == 0).then(|| {
            problem(
                "retry.rejected_attempts",
                "0 attempts were made before the first rejection",
                "Give at least 1",
            )
        }),
        (retry.per_day == 0)
            .then(|| problem("retry.per_day", "no call could be made on any day", "Give at least 1")),
        (retry.gap() > Duration::from_secs(7 * 24 * 3600)).then(|| {
            problem("retry.gap", "a gap of more than a week", "Give it in seconds: 600 are ten minutes")
        }),
        policy
            .caps
            .customer
            .iter()
            .chain(&policy.caps.number)
            .any(|cap| cap.attempts == 0 || cap.within.is_zero())
            .then(|| {
                problem(
                    "caps",
                    "a cap of no attempts, or over no time, forbids every call or none",
                    "Give attempts of at least 1 and within in seconds",
                )
            }),
        [policy.watch.coverage_goal, policy.watch.visits_and_letters, policy.watch.near]
            .iter()
            .any(|share| !(0.0..=1.0).contains(share))
            .then(|| {
                problem("watch", "a share is not between 0 and 1", "Give shares as fractions: 0.1 is a tenth")
            }),
        retry.slot.is_zero().then(|| problem("retry.slot", "a slot of no length", more_than_nothing)),
        (retry.slot > Duration::from_secs(24 * 3600))
            .then(|| problem("retry.slot", "a slot longer than a day", "Give one hour (3600), or less")),
        retry.line_retry.is_zero().then(|| {
            problem(
                "retry.line_retry",
                "a faulty line would be tried again without a pause",
                more_than_nothing,
            )
        }),
        call.ring_time.is_zero().then(|| problem("call.ring_time", "it would never ring", more_than_nothing)),
        call.longest_call
            .is_zero()
            .then(|| problem("call.longest_call", "no call could be held", more_than_nothing)),
        call.no_media
            .is_zero()
            .then(|| problem("call.no_media", "every answer would be hung up", more_than_nothing)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn warnings(policy: &Policy) -> Vec<PolicyWarning> {
    let (retry, call) = (&policy.retry, &policy.call);
    let warning = |key, problem: String, remedy| PolicyWarning { key, problem, remedy };
    let seconds = |time: Duration| time.as_secs_f64();
    [
        (call.ring_time < Duration::from_secs(20)).then(|| {
            let problem = format!("{} s of ringing is less than the rules ask for", seconds(call.ring_time));
            warning("call.ring_time", problem, "Let it ring at least 20 s (W12.3)")
        }),
        (call.ring_time > Duration::from_secs(180)).then(|| {
            let problem = format!("carriers end the ringing before {} s", seconds(call.ring_time));
            warning("call.ring_time", problem, "Give less than 180 s (RFC 3261 timer C)")
        }),
        (call.setup_limit < call.ring_time).then(|| {
            let problem =
                format!("{} s is shorter than the ring time, which holds instead", seconds(call.setup_limit));
            warning("call.setup_limit", problem, "Give at least call.ring_time")
        }),
        (retry.attempts < 3).then(|| {
            let problem = format!("{} attempts are fewer than the rules ask for", retry.attempts);
            warning("retry.attempts", problem, "Make at least 3 (W12.3)")
        }),
        (retry.half_days < 2).then(|| {
            warning(
                "retry.half_days",
                "attempts may all fall in one half of the day".to_owned(),
                "Give 2 (W12.3)",
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}
