//! The judge: looks at every call and every end by the figures of the plan and by nothing else. It shares no code with
//! what decides (`plan`), and tells a broken rule with the customer's whole history.

mod cadence;
mod court;
mod day;
mod finale;
#[cfg(test)]
mod tests;
mod violation;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use records::{
    AttemptId, Because, Cap, CustomerId, MoveRule, NextStep, NextTry, Number, Plan, PlanId, Policy, Reason,
    Task, TaskId, TaskState,
};

pub(super) use cadence::asked;
pub(super) use court::{Court, Heard};
use day::Days;
pub use violation::Violation;

/// What the judge knows of a task that is called, as it stood before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matter {
    task: TaskId,
    customer: CustomerId,
    due_on: Option<NaiveDate>,
    due_by: Option<DateTime<Utc>>,
    round_since: Option<DateTime<Utc>>,
}

impl From<&Task> for Matter {
    fn from(task: &Task) -> Self {
        let Task { id, customer, due_on, due_by, round_since, .. } = *task;
        Self { task: id, customer, due_on, due_by, round_since }
    }
}

/// A call that is about to be made.
#[derive(Clone, Debug)]
pub(super) struct Dial {
    pub(super) attempt: AttemptId,
    pub(super) plan: Arc<Plan>,
    pub(super) matter: Matter,
    pub(super) zone: Tz,
    pub(super) number: Number,
    pub(super) at: DateTime<Utc>,
    /// The customer rang back.
    pub(super) inbound: bool,
}

/// How a call ended, and what was decided then.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) attempt: AttemptId,
    pub(super) plan: Arc<Plan>,
    pub(super) matter: Matter,
    pub(super) reason: Reason,
    pub(super) next: NextStep,
    pub(super) because: Because,
}

/// A call as the judge saw it.
#[derive(Clone, Debug)]
struct Seen {
    number: Number,
    task: TaskId,
    zone: Tz,
    at: DateTime<Utc>,
    inbound: bool,
    reason: Option<Reason>,
}

impl Seen {
    /// Counts against the customer.
    fn counts(&self) -> bool {
        !self.inbound && self.reason.is_none_or(Reason::counts)
    }
}

/// Everything the judge has seen.
pub(super) struct Judge {
    days: Days,
    lines: usize,
    seen: Vec<Seen>,
    by_id: HashMap<AttemptId, usize>,
    of_customer: HashMap<CustomerId, Vec<usize>>,
    of_number: HashMap<Number, Vec<usize>>,
    of_task: HashMap<TaskId, Vec<usize>>,
    /// Those that are up.
    up: BTreeSet<usize>,
    most_up: usize,
    opted_out: HashSet<CustomerId>,
    waived: HashSet<(CustomerId, PlanId)>,
}

type Verdict = Result<(), Violation>;

impl Judge {
    pub(super) fn new(lines: usize) -> Self {
        Self {
            days: Days::announced(),
            lines,
            seen: Vec::new(),
            by_id: HashMap::new(),
            of_customer: HashMap::new(),
            of_number: HashMap::new(),
            of_task: HashMap::new(),
            up: BTreeSet::new(),
            most_up: 0,
            opted_out: HashSet::new(),
            waived: HashSet::new(),
        }
    }

    /// The customer wants no calls from now on.
    pub(super) fn opted_out(&mut self, customer: CustomerId) {
        self.opted_out.insert(customer);
    }

    /// A waiver exempts the customer from the plan from now on.
    pub(super) fn waived(&mut self, customer: CustomerId, plan: PlanId) {
        self.waived.insert((customer, plan));
    }

    pub(super) fn has_waived(&self, customer: CustomerId, plan: PlanId) -> bool {
        self.waived.contains(&(customer, plan))
    }

    /// The most calls that were up at once.
    pub(super) fn most_up(&self) -> usize {
        self.most_up
    }

    /// A call begins: whether it may.
    pub(super) fn dialled(&mut self, dial: &Dial) -> Verdict {
        let kept = self.check(dial);
        let place = self.seen.len();
        self.seen.push(Seen {
            number: dial.number.clone(),
            task: dial.matter.task,
            zone: dial.zone,
            at: dial.at,
            inbound: dial.inbound,
            reason: None,
        });
        self.by_id.insert(dial.attempt, place);
        self.of_customer.entry(dial.matter.customer).or_default().push(place);
        self.of_number.entry(dial.number.clone()).or_default().push(place);
        self.of_task.entry(dial.matter.task).or_default().push(place);
        self.up.insert(place);
        self.most_up = self.most_up.max(self.up.len());
        kept.map_err(|(rule, what)| self.violation(rule, what, &dial.matter))
    }

    fn check(&self, dial: &Dial) -> Result<(), (&'static str, String)> {
        let customer = dial.matter.customer;
        let broken = |is: bool, rule, what: &str| if is { Err((rule, what.to_owned())) } else { Ok(()) };
        let up = |places: Option<&Vec<usize>>| {
            places.is_some_and(|places| places.iter().rev().any(|place| self.up.contains(place)))
        };
        broken(self.up.len() >= self.lines, "lines", "more calls than lines")?;
        broken(up(self.of_customer.get(&customer)), "one call a customer", "the customer is on the line")?;
        broken(up(self.of_number.get(&dial.number)), "one call a number", "the number is on the line")?;
        if dial.inbound {
            return Ok(());
        }
        broken(self.opted_out.contains(&customer), "W3.1 opt-out", "the customer wants no calls")?;
        let waived = self.has_waived(customer, dial.plan.id);
        broken(waived, "L9.4 waiver", "a waiver exempts the customer from this plan")?;
        let policy = &dial.plan.content.policy;
        self.days.allow(&policy.windows, dial.zone, dial.at)?;
        let late = dial.matter.due_by.is_some_and(|due| dial.at >= due) && !policy.retry.after_deadline;
        broken(late, "deadline", "the deadline is past")?;
        let early =
            dial.matter.due_on.is_some_and(|due| dial.at.with_timezone(&dial.zone).date_naive() < due);
        broken(early, "due date", "the task is not due yet")?;
        self.check_frequency(policy, dial)
    }

    fn check_frequency(&self, policy: &Policy, dial: &Dial) -> Result<(), (&'static str, String)> {
        let ago = |places: Option<&Vec<usize>>| -> Vec<TimeDelta> {
            let seen = places.into_iter().flatten().rev().map(|place| &self.seen[*place]);
            let recent = seen.take_while(|seen| dial.at - seen.at <= TimeDelta::days(31));
            recent.filter(|seen| seen.counts()).map(|seen| dial.at - seen.at).collect()
        };
        let (customer, number) =
            (ago(self.of_customer.get(&dial.matter.customer)), ago(self.of_number.get(&dial.number)));
        let within = |time: &TimeDelta, span: std::time::Duration| {
            *time < TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
        };
        let full = |made: &[TimeDelta], cap: &Cap| {
            made.iter().filter(|time| within(time, cap.within)).count() >= cap.attempts as usize
        };
        if customer.iter().any(|time| within(time, policy.retry.gap())) {
            return Err(("gap", "too soon after the last call".to_owned()));
        }
        if let Some(cap) = policy.caps.customer.iter().find(|cap| full(&customer, cap)) {
            return Err(("cap of the customer", format!("{} calls are the most", cap.attempts)));
        }
        if let Some(cap) = policy.caps.number.iter().find(|cap| full(&number, cap)) {
            return Err(("cap of the number", format!("{} calls are the most", cap.attempts)));
        }
        let day = |at: DateTime<Utc>| at.with_timezone(&dial.zone).date_naive();
        let of_task =
            self.of_task.get(&dial.matter.task).into_iter().flatten().map(|place| &self.seen[*place]);
        let today = of_task.filter(|seen| seen.counts() && day(seen.at) == day(dial.at)).count();
        if today >= policy.retry.per_day as usize {
            return Err(("maximum a day", format!("{} calls a day are the most", policy.retry.per_day)));
        }
        Ok(())
    }

    /// A call is over: whether it has its reason, and whether nobody is given up too early.
    pub(super) fn ended(&mut self, ended: &Ended) -> Verdict {
        let place = self.by_id.get(&ended.attempt).copied();
        let Some(place) = place.filter(|place| self.up.remove(place)) else {
            return Err(self.violation(
                "one reason",
                "a call ended twice, or was never begun",
                &ended.matter,
            ));
        };
        self.seen[place].reason = Some(ended.reason);
        if ended.because.rule == MoveRule::Unstated || ended.because.why.is_empty() {
            return Err(self.violation("every reason", "nobody said why", &ended.matter));
        }
        let gives_up = matches!(ended.next, NextStep::Climb(_) | NextStep::End(TaskState::Exhausted));
        if gives_up { self.gave_up(ended) } else { Ok(()) }
    }

    /// A round of calls is over without the customer: three tries in distinct slots over two half-days (W12.3), or a
    /// rule that says why not.
    fn gave_up(&self, ended: &Ended) -> Verdict {
        let rule = ended.because.rule;
        if matches!(
            rule,
            MoveRule::Deadline | MoveRule::NumberDead | MoveRule::StillSuspended | MoveRule::PutOffTooOften
        ) {
            return Ok(());
        }
        let retry = &ended.plan.content.policy.retry;
        let of_task =
            self.of_task.get(&ended.matter.task).into_iter().flatten().map(|place| &self.seen[*place]);
        let round = of_task.filter(|seen| ended.matter.round_since.is_none_or(|since| seen.at >= since));
        let round: Vec<&Seen> = round.collect();
        let is_try = |seen: &&&Seen| {
            let next = seen.reason.map(|reason| retry.reasons.of(reason).next);
            seen.counts() && next.is_some_and(|next| next != NextTry::OtherNumber)
        };
        let tries: Vec<&Seen> = round.iter().filter(is_try).copied().collect();
        let asked = round.iter().any(|seen| seen.reason == Some(Reason::Inconvenient));
        let local = |seen: &Seen| seen.at.with_timezone(&seen.zone);
        let hours: BTreeSet<_> = tries.iter().map(|seen| local(seen).hour()).collect();
        let dated: BTreeSet<_> =
            tries.iter().map(|seen| (local(seen).date_naive(), local(seen).hour())).collect();
        let halves: BTreeSet<_> = tries.iter().map(|seen| local(seen).hour() < 12).collect();
        // A customer may ask for an hour at which he was called before, or for the same half of the day.
        let slots = if asked { dated.len() } else { hours.len() };
        let wanted = if ended.reason == Reason::Rejected {
            retry.attempts.min(retry.rejected_attempts)
        } else {
            retry.attempts
        };
        let enough = slots >= wanted as usize && (halves.len() >= 2 || wanted < 3 || asked);
        if rule == MoveRule::RoundExhausted && enough {
            return Ok(());
        }
        let what = format!("given up by {rule} after {slots} slots in {} half-days", halves.len());
        Err(self.violation("W12.3 three slots", what, &ended.matter))
    }

    fn violation(&self, rule: &'static str, what: impl Into<String>, matter: &Matter) -> Violation {
        Violation { task: Some(matter.task), ..self.about(matter.customer, rule, what) }
    }

    /// A broken rule that is no single task's.
    pub(super) fn about(
        &self,
        customer: CustomerId,
        rule: &'static str,
        what: impl Into<String>,
    ) -> Violation {
        let places = self.of_customer.get(&customer).into_iter().flatten();
        Violation {
            rule,
            what: what.into(),
            customer,
            task: None,
            history: places.map(|place| violation::told(&self.seen[*place])).collect(),
        }
    }
}
