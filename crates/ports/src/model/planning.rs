//! Rounds of evaluation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use plan::{Change, Occasion, Present, Progress, Terms, reconcile};
use records::{Customer, CustomerId, CustomerRow, PlanId, PlanState, Task, TaskId, TaskState};

use super::Model;
use super::state::{Lease, State, TaskEntry, conflict};
use crate::{Evaluation, KeptTasks, Planning, StoreError};

/// How far the evaluation of a plan is.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    asked: bool,
    day: Option<NaiveDate>,
    /// What was on file of each customer when it was last looked at.
    seen: BTreeMap<CustomerId, CustomerRow>,
    /// The round under way: its day, whether it is over everybody, and how far it is.
    under_way: Option<(NaiveDate, bool, Option<CustomerId>)>,
    lease: Option<Lease>,
    fence: i64,
}

#[async_trait]
impl Planning for Model {
    async fn take_evaluation(&self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError> {
        self.write(|state| state.take_evaluation(node, lease))
    }

    async fn next_customers(&self, round: &Evaluation, limit: u32) -> Result<Vec<Customer>, StoreError> {
        self.read(|state| {
            let kept = state.round(round)?;
            let after = state.customers.values().filter(|one| Some(one.id) > round.after);
            let wanted =
                after.filter(|one| round.changed_since.is_none() || kept.seen.get(&one.id) != Some(&one.row));
            Ok(wanted.take(limit as usize).map(|one| Customer::clone(one)).collect())
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
            if state.round(round).is_ok()
                && let Some(kept) = state.evaluations.get_mut(&round.plan.id)
                && let Some((day, ..)) = kept.under_way.take()
            {
                kept.day = Some(day);
                kept.lease = None;
            }
            Ok(())
        })
    }

    async fn customers_after(
        &self,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<Customer>, StoreError> {
        self.read(|state| {
            let found = state.customers.values().filter(|one| Some(one.id) > after);
            Ok(found.take(limit as usize).map(|one| Customer::clone(one)).collect())
        })
    }
}

impl State {
    /// A started plan is looked over at once.
    pub(super) fn ask_evaluation(&mut self, plan: PlanId) {
        self.evaluations.entry(plan).or_default().asked = true;
    }

    fn take_evaluation(&mut self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError> {
        let today = self.now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        let changed =
            |kept: &Round| self.customers.values().any(|one| kept.seen.get(&one.id) != Some(&one.row));
        let found = self.evaluations.iter().find(|(plan, kept)| {
            self.plans.get(plan).is_some_and(|plan| evaluated(plan.state))
                && kept.lease.as_ref().is_none_or(|lease| lease.until <= self.now)
                && (kept.asked || kept.under_way.is_some() || kept.day < Some(today) || changed(kept))
        });
        let Some(id) = found.map(|(id, _)| *id) else { return Ok(None) };
        let plan = Arc::clone(self.plan(id)?);
        let until = self.now + lease;
        let Some(kept) = self.evaluations.get_mut(&id) else { return Ok(None) };
        if kept.under_way.is_none() {
            let everybody = kept.asked || kept.day < Some(today);
            kept.under_way = Some((today, everybody, None));
            kept.asked = false;
        }
        let (today, everybody, after) = kept.under_way.unwrap_or((today, true, None));
        kept.fence += 1;
        kept.lease = Some(Lease { node: node.to_owned(), until });
        let changed_since = (!everybody).then_some(DateTime::<Utc>::MIN_UTC);
        Ok(Some(Evaluation { plan, today, changed_since, after, fence: kept.fence }))
    }

    fn round(&self, round: &Evaluation) -> Result<&Round, StoreError> {
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
            for change in reconcile(&present, occasions) {
                self.bring_in_step(round.plan.id, *customer, change, &mut done)?;
            }
        }
        let until = self.now + lease;
        let rows: Vec<_> =
            wanted.iter().filter_map(|(id, _)| Some((*id, self.customers.get(id)?.row.clone()))).collect();
        if let Some(kept) = self.evaluations.get_mut(&round.plan.id) {
            kept.seen.extend(rows);
            if let (Some((.., after)), Some(last)) =
                (&mut kept.under_way, wanted.iter().map(|(id, _)| *id).max())
            {
                *after = Some(last);
            }
            if let Some(lease) = &mut kept.lease {
                lease.until = until;
            }
        }
        Ok(done)
    }

    fn present(&self, plan: PlanId, customer: CustomerId) -> Vec<Present<TaskId>> {
        let theirs = |entry: &&TaskEntry| entry.task.plan == plan && entry.task.customer == customer;
        self.tasks.values().filter(theirs).map(|entry| self.as_present(entry)).collect()
    }

    fn as_present(&self, entry: &TaskEntry) -> Present<TaskId> {
        let task = &entry.task;
        let tried = self.attempts.values().any(|attempt| attempt.task == Some(task.id));
        let progress = match task.state {
            TaskState::Due | TaskState::Calling if !tried => Progress::Untouched,
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
        plan: PlanId,
        customer: CustomerId,
        change: Change<TaskId>,
        done: &mut KeptTasks,
    ) -> Result<(), StoreError> {
        let now = self.now;
        match change {
            Change::Make(wanted) => {
                let refused = self.customer(customer)?.opt_out.is_some();
                let task = made(plan, customer, wanted, refused, now);
                self.tasks
                    .insert(task.id, TaskEntry { task, fence: 0, lease: None, withdrawn_by_dates: false });
                done.made += 1;
            }
            Change::Move(id, wanted) => {
                let refused = self.customer(customer)?.opt_out.is_some();
                if let Some(entry) = self.tasks.get_mut(&id) {
                    let created_at = entry.task.created_at;
                    entry.task = Task { id, created_at, ..made(plan, customer, wanted, refused, now) };
                    entry.lease = None;
                    entry.fence += 1;
                    entry.withdrawn_by_dates = false;
                    done.moved += 1;
                }
            }
            Change::Withdraw(id) => {
                if let Some(entry) = self.tasks.get_mut(&id) {
                    entry.step(TaskState::Withdrawn, now);
                    entry.fence += 1;
                    entry.withdrawn_by_dates = true;
                    done.withdrawn += 1;
                }
            }
        }
        Ok(())
    }
}

/// Whether a plan's tasks go on falling due.
fn evaluated(state: PlanState) -> bool {
    matches!(state, PlanState::Running | PlanState::Paused)
}

fn made(plan: PlanId, customer: CustomerId, wanted: Occasion, refused: bool, now: DateTime<Utc>) -> Task {
    Task {
        id: TaskId(uuid::Uuid::now_v7()),
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
