//! What a year comes to.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{Datelike as _, NaiveDate, Timelike as _};
use chrono_tz::Tz;
use ports::{Shares, Steps as _};
use records::{
    Attempt, Because, Claim, CustomerId, Direction, MoveRule, NextStep, Plan, PlanId, Reason, Task, TaskState,
};
use serde::Serialize;

use super::SimulateError;
use super::judge::{Judge, Violation, asked};
use super::world::World;

/// One plan's year.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PlanFigures {
    pub plan: String,
    /// Tasks that fell due.
    pub due: u64,
    pub succeeded: u64,
    pub refused: u64,
    pub exhausted: u64,
    /// Taken back: a waiver, or dates that changed.
    pub withdrawn: u64,
    /// Calls that count on the customer.
    pub attempts: u64,
    /// Done later than the plan aims at, or than its deadline.
    pub overdue: u64,
    pub visits: u64,
    pub letters: u64,
    pub messages: u64,
    /// Call-backs made, in whatever way.
    pub made: u64,
    /// Rounds of calls given up, by rule.
    pub given_up: BTreeMap<&'static str, u64>,
    /// Calls by reason.
    pub reasons: BTreeMap<&'static str, u64>,
}

impl PlanFigures {
    /// Customers reached or refusing among those due, in percent: whoever was taken back was not due.
    pub fn coverage(&self) -> f64 {
        let due = self.due - self.withdrawn;
        if due == 0 { 100.0 } else { 100.0 * (self.succeeded + self.refused) as f64 / due as f64 }
    }

    /// Successful among those due, refusals and those taken back apart, in percent (L7).
    pub fn success(&self) -> f64 {
        let due = self.due - self.withdrawn - self.refused;
        if due == 0 { 100.0 } else { 100.0 * self.succeeded as f64 / due as f64 }
    }

    pub fn attempts_per_success(&self) -> f64 {
        if self.succeeded == 0 { 0.0 } else { self.attempts as f64 / self.succeeded as f64 }
    }
}

/// Calls, and those of them that somebody answered.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Calls {
    pub placed: u64,
    pub answered: u64,
}

/// The whole year.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    pub customers: usize,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub lines: u32,
    pub agents: u32,
    pub plans: Vec<PlanFigures>,
    /// By hour of the customer's day.
    pub by_hour: [Calls; 24],
    /// By the customer's day of the week, Monday first.
    pub by_weekday: [Calls; 7],
    pub tasks: usize,
    pub calls: u64,
    pub rang_back: u64,
    /// Dials that were put off when the task was looked at, and that the store refused at the moment of dialling.
    pub put_off: u64,
    pub refused_to_open: u64,
    pub most_lines_up: usize,
    pub items_by_people: u64,
    pub steps: u64,
    /// Customers looked at by evaluations.
    pub evaluated: u64,
    /// Customers whose number of tasks was compared with what the cadences ask.
    pub counted: usize,
    pub events: u64,
    pub prepared_seconds: f64,
    pub wall_seconds: f64,
}

/// What is counted on the way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    plans: BTreeMap<PlanId, PlanFigures>,
    by_hour: [Calls; 24],
    by_weekday: [Calls; 7],
    calls: u64,
    rang_back: u64,
    pub(super) put_off: u64,
    pub(super) refused: u64,
    pub(super) by_people: u64,
    pub(super) steps: u64,
    pub(super) evaluated: u64,
}

impl Tally {
    pub(super) fn of(plans: &[Plan]) -> Self {
        let figures = |plan: &Plan| PlanFigures { plan: plan.content.name.clone(), ..PlanFigures::default() };
        Self { plans: plans.iter().map(|plan| (plan.id, figures(plan))).collect(), ..Self::default() }
    }

    /// A call is over.
    pub(super) fn ended(
        &mut self,
        claim: &Claim,
        attempt: &Attempt,
        zone: Tz,
        (reason, answered): (Reason, bool),
        (next, because): (&NextStep, &Because),
    ) {
        let Some(plan) = self.plans.get_mut(&claim.plan.id) else { return };
        *plan.reasons.entry(reason.slug()).or_default() += 1;
        plan.attempts += u64::from(attempt.direction.counts(reason));
        if matches!(next, NextStep::Climb(_) | NextStep::End(TaskState::Exhausted)) {
            *plan.given_up.entry(because.rule.slug()).or_default() += 1;
        }
        if attempt.direction == Direction::Inbound {
            self.rang_back += 1;
            return;
        }
        self.calls += 1;
        let local = attempt.started_at.with_timezone(&zone);
        let weekday = local.weekday().num_days_from_monday() as usize;
        for calls in [&mut self.by_hour[local.hour() as usize], &mut self.by_weekday[weekday]] {
            calls.placed += 1;
            calls.answered += u64::from(answered);
        }
    }

    /// A round was given up without a call.
    pub(super) fn gave_up(&mut self, plan: PlanId, rule: MoveRule) {
        if let Some(plan) = self.plans.get_mut(&plan) {
            *plan.given_up.entry(rule.slug()).or_default() += 1;
        }
    }

    fn task(&mut self, task: &Task) {
        let Some(plan) = self.plans.get_mut(&task.plan) else { return };
        plan.due += 1;
        match task.state {
            TaskState::Succeeded => plan.succeeded += 1,
            TaskState::Refused => plan.refused += 1,
            TaskState::Exhausted => plan.exhausted += 1,
            _ => plan.withdrawn += 1,
        }
        let limit = task.aim_by.or(task.due_by);
        let late = limit.zip(task.ended_at).is_some_and(|(limit, ended)| ended > limit);
        plan.overdue += u64::from(late && task.state != TaskState::Withdrawn);
    }

    fn shares(&mut self, plan: PlanId, shares: Shares) {
        if let Some(plan) = self.plans.get_mut(&plan) {
            let Shares { made, visits, letters, messages, .. } = shares;
            (plan.made, plan.visits, plan.letters, plan.messages) = (made, visits, letters, messages);
        }
    }
}

impl World {
    /// Judges how everything ended, and answers the figures.
    pub(super) async fn figures(
        mut self,
        prepared: Duration,
        lived: impl FnOnce() -> Duration,
    ) -> Result<Figures, SimulateError> {
        let judge = self.court.adjourn()?;
        let tasks = self.store.tasks();
        let mut made: BTreeMap<(CustomerId, PlanId), usize> = BTreeMap::new();
        for task in &tasks {
            let Some(plan) = self.plans.iter().find(|plan| plan.id == task.plan) else { continue };
            let moves = self.store.moves(task.id).await?;
            judge.over(plan, task, &moves, self.now)?;
            self.tally.task(task);
            *made.entry((task.customer, task.plan)).or_default() += 1;
        }
        let counted = self.count(&judge, &made)?;
        for plan in &self.plans {
            self.tally.shares(plan.id, self.store.shares(plan.id).await?);
        }
        let Tally {
            plans,
            by_hour,
            by_weekday,
            calls,
            rang_back,
            put_off,
            refused,
            by_people,
            steps,
            evaluated,
        } = self.tally;
        Ok(Figures {
            customers: self.ids.len(),
            from: self.from,
            to: self.to,
            lines: self.lines,
            agents: self.people.agents_at_least,
            plans: plans.into_values().collect(),
            by_hour,
            by_weekday,
            tasks: tasks.len(),
            calls,
            rang_back,
            put_off,
            refused_to_open: refused,
            most_lines_up: judge.most_up(),
            items_by_people: by_people,
            steps,
            evaluated,
            counted,
            events: self.agenda.entered(),
            prepared_seconds: prepared.as_secs_f64(),
            wall_seconds: lived().as_secs_f64(),
        })
    }

    /// Whether the tasks are as many as the cadences ask. Those whose contract ended in the year are left out: what
    /// falls away depends on how far it was when the end became known. Who waived a plan has no more than it asks for.
    fn count(&self, judge: &Judge, made: &BTreeMap<(CustomerId, PlanId), usize>) -> Result<usize, Violation> {
        let mut counted = 0;
        for (place, person) in self.population.people.iter().enumerate() {
            if person.ends.is_some() {
                continue;
            }
            counted += 1;
            let repairs: Vec<(&str, NaiveDate)> =
                person.repairs.iter().map(|day| ("repaired", *day)).collect();
            for plan in &self.plans {
                let row = &self.population.rows[place];
                let wanted = asked(&plan.content.schedule, row, &repairs, self.from, self.to);
                let has = made.get(&(self.ids[place], plan.id)).copied().unwrap_or_default();
                let waived = judge.has_waived(self.ids[place], plan.id);
                if has > wanted || (has < wanted && !waived) {
                    let what = format!(
                        "{} asks for {wanted} tasks, and there are {has}: {row:?}, {repairs:?}",
                        plan.content.name
                    );
                    return Err(judge.about(self.ids[place], "the cadence's tasks", what));
                }
            }
        }
        Ok(counted)
    }
}
