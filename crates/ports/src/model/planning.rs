//! Rounds of evaluation.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use plan::{Change, Exemption, Occasion, Present, Progress, Rank, Terms, reconcile, unwaived};
use records::{Customer, CustomerId, PlanId, PlanState, Task, TaskId, TaskState};
use uuid::Uuid;

use super::Model;
use super::state::{Lease, State, TaskEntry, conflict};
use crate::{Evaluation, KeptTasks, Listed, Planning, StoreError};

/// How far the evaluation of a plan is.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    asked: bool,
    day: Option<NaiveDate>,
    /// The round under way: its day, whether it is over everybody, and how far it is.
    under_way: Option<(NaiveDate, bool, Option<CustomerId>)>,
    lease: Option<Lease>,
    fence: i64,
}

#[async_trait]
impl Planning for Model {
    async fn go_on_listing(&self, limit: u32) -> Result<Option<Listed>, StoreError> {
        self.write(|state| Ok(state.go_on_listing(limit)))
    }

    async fn take_evaluation(&self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError> {
        self.write(|state| state.take_evaluation(node, lease))
    }

    async fn next_customers(&self, round: &Evaluation, limit: u32) -> Result<Vec<Customer>, StoreError> {
        self.read(|state| {
            state.round(round)?;
            if round.changed_since.is_none() {
                return Ok(state.customers_behind(round.after, limit));
            }
            let unseen = state.unseen_by(round.plan.id).filter(|id| Some(*id) > round.after);
            let changed = unseen.filter_map(|id| state.customers.get(&id));
            Ok(changed.take(limit as usize).map(|one| Customer::clone(one)).collect())
        })
    }

    async fn keep_tasks(
        &self,
        round: &mut Evaluation,
        wanted: &[(CustomerId, Vec<Occasion>)],
        lease: Duration,
    ) -> Result<KeptTasks, StoreError> {
        let done = self.write(|state| state.keep_tasks(round, wanted, lease))?;
        round.after = wanted.iter().map(|(id, _)| *id).max().or(round.after);
        Ok(done)
    }

    async fn finish_evaluation(&self, round: &Evaluation) -> Result<(), StoreError> {
        self.write(|state| {
            if state.round(round).is_ok() {
                state.evaluations.change(&round.plan.id, |kept| {
                    if let Some((day, ..)) = kept.under_way.take() {
                        kept.day = Some(day);
                        kept.lease = None;
                    }
                });
            }
            Ok(())
        })
    }

    async fn customers_after(
        &self,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<Customer>, StoreError> {
        self.read(|state| Ok(state.customers_behind(after, limit)))
    }

    async fn exemptions(
        &self,
        plan: PlanId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Vec<Exemption>>, StoreError> {
        self.read(|state| {
            let of_each = customers.iter().map(|customer| (*customer, state.exemptions(*customer, plan)));
            Ok(of_each.filter(|(_, found)| !found.is_empty()).collect())
        })
    }
}

impl State {
    /// A started plan is looked over at once.
    pub(super) fn ask_evaluation(&mut self, plan: PlanId) {
        let asked = self.evaluations.change(&plan, |kept| kept.asked = true);
        if asked.is_none() {
            self.evaluations.insert(plan, Round { asked: true, ..Round::default() });
        }
    }

    fn customers_behind(&self, after: Option<CustomerId>, limit: u32) -> Vec<Customer> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.customers.range((from, Bound::Unbounded));
        behind.take(limit as usize).map(|(_, one)| Customer::clone(one)).collect()
    }

    /// Customers who have changed since the plan's evaluation looked at them, in order of their ids.
    fn unseen_by(&self, plan: PlanId) -> impl Iterator<Item = CustomerId> {
        let (first, last) = (CustomerId(Uuid::nil()), CustomerId(Uuid::max()));
        self.unseen.range((plan, first)..=(plan, last)).map(|((_, customer), _)| *customer)
    }

    fn take_evaluation(&mut self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError> {
        let today = self.now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        let found = self.evaluations.iter().find(|(plan, kept)| {
            self.plans.get(plan).is_some_and(|plan| evaluated(plan.state))
                && kept.lease.as_ref().is_none_or(|lease| lease.until <= self.now)
                && (kept.asked
                    || kept.under_way.is_some()
                    || kept.day < Some(today)
                    || self.unseen_by(**plan).next().is_some())
        });
        let Some(id) = found.map(|(id, _)| *id) else { return Ok(None) };
        let plan = Arc::clone(self.plan(id)?);
        let until = self.now + lease;
        let taken = self.evaluations.change(&id, |kept| {
            if kept.under_way.is_none() {
                let everybody = kept.asked || kept.day < Some(today);
                kept.under_way = Some((today, everybody, None));
                kept.asked = false;
            }
            let (today, everybody, after) = kept.under_way.unwrap_or((today, true, None));
            kept.fence += 1;
            kept.lease = Some(Lease { node: node.to_owned(), until });
            let changed_since = (!everybody).then_some(DateTime::<Utc>::MIN_UTC);
            Evaluation { plan, today, changed_since, after, fence: kept.fence }
        });
        Ok(taken)
    }

    fn round(&self, round: &Evaluation) -> Result<&Arc<Round>, StoreError> {
        let kept = self.evaluations.get(&round.plan.id).filter(|kept| kept.fence == round.fence);
        kept.ok_or_else(|| conflict("another process evaluates this plan"))
    }

    fn keep_tasks(
        &mut self,
        round: &Evaluation,
        wanted: &[(CustomerId, Vec<Occasion>)],
        lease: Duration,
    ) -> Result<KeptTasks, StoreError> {
        self.round(round)?;
        if !evaluated(self.plan(round.plan.id)?.state) {
            return Err(conflict("the plan is stopped: nothing falls due under it"));
        }
        let mut done = KeptTasks::default();
        for (customer, occasions) in wanted {
            let present = self.present(round.plan.id, *customer);
            let exemptions = self.exemptions(*customer, round.plan.id);
            for change in reconcile(&present, &unwaived(occasions, &exemptions)) {
                self.bring_in_step(round, *customer, change, &mut done)?;
            }
            self.rank_again(round, *customer)?;
        }
        let until = self.now + lease;
        for (customer, _) in wanted {
            self.unseen.remove(&(round.plan.id, *customer));
        }
        self.evaluations.change(&round.plan.id, |kept| {
            if let (Some((.., after)), Some(last)) =
                (&mut kept.under_way, wanted.iter().map(|(id, _)| *id).max())
            {
                *after = Some(last);
            }
            if let Some(lease) = &mut kept.lease {
                lease.until = until;
            }
        });
        Ok(done)
    }

    fn present(&self, plan: PlanId, customer: CustomerId) -> Vec<Present<TaskId>> {
        let of_plan = self.tasks.index().of_plan.of(&(customer, plan)).iter();
        of_plan.filter_map(|id| self.tasks.get(id)).map(|entry| self.as_present(entry)).collect()
    }

    fn as_present(&self, entry: &TaskEntry) -> Present<TaskId> {
        let task = &entry.task;
        let tried = || self.attempts_of(task.id).next().is_some();
        let progress = match task.state {
            TaskState::Due | TaskState::Calling if !tried() => Progress::Untouched,
            TaskState::Withdrawn if entry.withdrawn_by_dates => Progress::Withdrawn,
            _ => Progress::Begun,
        };
        Present {
            id: task.id,
            key: task.occasion.clone(),
            role: task.role.clone(),
            progress,
            terms: Terms::from(task),
        }
    }

    fn bring_in_step(
        &mut self,
        round: &Evaluation,
        customer: CustomerId,
        change: Change<TaskId>,
        done: &mut KeptTasks,
    ) -> Result<(), StoreError> {
        let (plan, now) = (round.plan.id, self.now);
        match change {
            Change::Make(wanted) => {
                let refused = self.customer(customer)?.opt_out.is_some();
                let id = TaskId(self.fresh());
                let task = made(id, plan, customer, wanted, refused, now);
                // Ranked with the customer's other tasks.
                self.tasks.insert(id, TaskEntry::new(task, self.zone_of(customer), Rank::Usual));
                done.made += 1;
            }
            Change::Move(id, wanted) => {
                let refused = self.customer(customer)?.opt_out.is_some();
                let moved = self.tasks.change(&id, |entry| {
                    let created_at = entry.task.created_at;
                    entry.task = Task { created_at, ..made(id, plan, customer, wanted, refused, now) };
                    entry.lease = None;
                    entry.fence += 1;
                    entry.withdrawn_by_dates = false;
                });
                done.moved += u64::from(moved.is_some());
            }
            Change::Withdraw(id) => {
                let withdrawn = self.tasks.change(&id, |entry| {
                    entry.step(TaskState::Withdrawn, now);
                    entry.fence += 1;
                    entry.withdrawn_by_dates = true;
                });
                done.withdrawn += u64::from(withdrawn.is_some());
            }
        }
        Ok(())
    }
}

impl State {
    /// Gives what waits the rank it has today.
    fn rank_again(&mut self, round: &Evaluation, customer: CustomerId) -> Result<(), StoreError> {
        let class = self.customer(customer)?.row.class.clone();
        let of_plan = self.tasks.index().of_plan.of(&(customer, round.plan.id)).iter();
        let ranked: Vec<(TaskId, Rank)> = of_plan
            .filter_map(|id| self.tasks.get(id))
            .filter(|entry| matches!(entry.task.state, TaskState::Due | TaskState::Waiting))
            .map(|entry| {
                let terms = Terms::from(&entry.task);
                (entry, Rank::of(&round.plan.content, class.as_deref(), &terms, round.today))
            })
            .filter(|(entry, rank)| entry.rank != *rank)
            .map(|(entry, rank)| (entry.task.id, rank))
            .collect();
        for (id, rank) in ranked {
            self.tasks.change(&id, |entry| entry.rank = rank);
        }
        Ok(())
    }
}

/// Whether a plan's tasks go on falling due.
pub(super) fn evaluated(state: PlanState) -> bool {
    matches!(state, PlanState::Running | PlanState::Paused)
}

fn made(
    id: TaskId,
    plan: PlanId,
    customer: CustomerId,
    wanted: Occasion,
    refused: bool,
    now: DateTime<Utc>,
) -> Task {
    Task {
        id,
        plan,
        customer,
        occasion: wanted.key,
        role: wanted.role,
        mode: wanted.mode,
        state: if refused { TaskState::Refused } else { TaskState::Due },
        next_at: wanted.not_before,
        due_on: Some(wanted.due_on),
        aim_by: wanted.aim_by,
        due_by: wanted.due_by,
        attempts: 0,
        rung: 0,
        round_since: None,
        created_at: now,
        ended_at: refused.then_some(now),
    }
}
