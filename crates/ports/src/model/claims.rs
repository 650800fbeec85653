//! Leases on tasks.

use std::cmp::Reverse;
use std::time::Duration;

use chrono::{DateTime, Utc};
use records::{Claim, NewCallback, NextStep, TaskId, TaskState};

use super::state::{Lease, State, TaskEntry, conflict};
use crate::{StoreError, rules};

impl State {
    pub(super) fn claim_due(
        &mut self,
        node: &str,
        limit: u32,
        lease: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut due: Vec<(Reverse<i16>, DateTime<Utc>, TaskId)> = self
            .tasks
            .values()
            .filter(|entry| self.claimable(entry))
            .filter_map(|entry| {
                let plan = self.plans.get(&entry.task.plan)?;
                Some((Reverse(plan.content.priority), entry.task.next_at, entry.task.id))
            })
            .collect();
        due.sort();
        due.truncate(limit as usize);
        let until = self.now + lease;
        due.into_iter()
            .filter_map(|(_, _, id)| {
                let entry = self.tasks.get_mut(&id)?;
                entry.fence += 1;
                entry.task.state = TaskState::Calling;
                entry.lease = Some(Lease { node: node.to_owned(), until });
                let entry = entry.clone();
                Some(self.claim(&entry))
            })
            .collect()
    }

    fn claimable(&self, entry: &TaskEntry) -> bool {
        let waits = match entry.task.state {
            TaskState::Due | TaskState::Waiting => true,
            TaskState::Calling => entry.lease.as_ref().is_none_or(|lease| lease.until <= self.now),
            _ => false,
        };
        let customer = entry.task.customer;
        let on_the_line = self
            .attempts
            .values()
            .any(|attempt| attempt.customer == Some(customer) && attempt.ended_at.is_none());
        waits
            && entry.task.next_at <= self.now
            && self.calls(entry.task.plan)
            && !on_the_line
            && !self.opted_out(customer)
    }

    pub(super) fn heartbeat(&mut self, node: &str, lease: Duration) -> u64 {
        let until = self.now + lease;
        let held = self.tasks.values_mut().filter_map(|entry| entry.lease.as_mut());
        held.filter(|held| held.node == node).map(|held| held.until = held.until.max(until)).count() as u64
    }

    pub(super) fn release(&mut self, claim: &Claim, at: DateTime<Utc>) -> Result<(), StoreError> {
        if !self.holds(claim)? {
            return Ok(());
        }
        let tried = self.attempts.values().any(|attempt| attempt.task == Some(claim.task.id));
        let now = self.now;
        if let Some(entry) = self.tasks.get_mut(&claim.task.id) {
            entry.step(if tried { TaskState::Waiting } else { TaskState::Due }, now);
            entry.task.next_at = at;
        }
        Ok(())
    }

    pub(super) fn settle(
        &mut self,
        claim: &Claim,
        next: &NextStep,
        callback: Option<&NewCallback>,
    ) -> Result<(), StoreError> {
        if !self.holds(claim)? {
            return Ok(());
        }
        let state = rules::after_attempt(next, self.opted_out(claim.task.customer))?;
        if let Some(callback) = callback {
            self.queue(&claim.task, None, callback);
        }
        if state == TaskState::WithPerson && self.item_of(claim.task.id).is_none() {
            return Err(rules::nobody_would_see_it());
        }
        self.move_task(claim.task.id, state, next);
        Ok(())
    }

    fn holds(&self, claim: &Claim) -> Result<bool, StoreError> {
        let ours = |entry: &TaskEntry| entry.fence == claim.fence && entry.task.state == TaskState::Calling;
        if !self.tasks.get(&claim.task.id).is_some_and(ours) {
            return Ok(false);
        }
        match self.open_of(claim.task.id) {
            Some(open) => Err(conflict(format!("the attempt {} of this task is open: close it", open.id))),
            None => Ok(true),
        }
    }

    pub(super) fn move_task(&mut self, id: TaskId, state: TaskState, next: &NextStep) {
        let now = self.now;
        let Some(entry) = self.tasks.get_mut(&id) else { return };
        entry.step(state, now);
        if let (TaskState::Waiting, NextStep::TryAgain { at, .. }) = (state, next) {
            entry.task.next_at = *at;
        }
    }
}
