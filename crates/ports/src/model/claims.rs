//! Leases on tasks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use records::{Because, Callback, CallbackState, Claim, Onward, PlanId, TaskId, TaskState};

use super::moves::With;
use super::state::{Lease, State, TaskEntry, conflict};
use crate::{Ask, Due, Outlook, StoreError, USUAL_ZONE, rules};

impl State {
    pub(super) fn outlook(&self, most: u32) -> Result<Outlook, StoreError> {
        let mut due: BTreeMap<(PlanId, &'static str), Due> = BTreeMap::new();
        for entry in self.tasks.values().filter(|entry| self.is_due(entry)) {
            let (plan, zone) = (Arc::clone(self.plan(entry.task.plan)?), self.zone_of(entry));
            let oldest = entry.task.next_at;
            let found = due.entry((entry.task.plan, zone.name())).or_insert_with(|| Due {
                plan,
                zone,
                waiting: 0,
                oldest,
            });
            found.waiting = (found.waiting + 1).min(most);
            found.oldest = found.oldest.min(oldest);
        }
        let open = |item: &&Callback| item.state != CallbackState::Done;
        let items = self.callbacks.iter().filter(open).count() as u32;
        // Nobody logs in to the model.
        Ok(Outlook { now: self.now, due: due.into_values().collect(), items, agents: 0 })
    }

    pub(super) fn claim_asked(
        &mut self,
        node: &str,
        asks: &[Ask],
        lease: Duration,
    ) -> Result<Vec<Claim>, StoreError> {
        let until = self.now + lease;
        let mut claims = Vec::new();
        for ask in asks {
            let asked = |entry: &&TaskEntry| entry.task.plan == ask.plan && self.zone_of(entry) == ask.zone;
            let mut found: Vec<(DateTime<Utc>, TaskId)> = self
                .tasks
                .values()
                .filter(asked)
                .filter(|entry| self.is_due(entry) && self.claimable(entry))
                .map(|entry| (entry.task.next_at, entry.task.id))
                .collect();
            found.sort_unstable();
            for (_, id) in found.into_iter().take(ask.most as usize) {
                let Some(entry) = self.tasks.get_mut(&id) else { continue };
                entry.fence += 1;
                entry.task.state = TaskState::Calling;
                entry.lease = Some(Lease { node: node.to_owned(), until });
                let entry = entry.clone();
                claims.push(self.claim(&entry)?);
            }
        }
        rules::in_order(&mut claims);
        Ok(claims)
    }

    pub(super) fn reclaim(&mut self) -> u64 {
        let ended = |entry: &&TaskEntry| {
            entry.lease.as_ref().is_some_and(|lease| lease.until <= self.now)
                && self.open_of(entry.task.id).is_none()
        };
        let ids: Vec<TaskId> = self.tasks.values().filter(ended).map(|entry| entry.task.id).collect();
        for id in &ids {
            self.wait_again(*id);
        }
        ids.len() as u64
    }

    fn is_due(&self, entry: &TaskEntry) -> bool {
        matches!(entry.task.state, TaskState::Due | TaskState::Waiting)
            && entry.task.next_at <= self.now
            && self.calls(entry.task.plan)
    }

    fn claimable(&self, entry: &TaskEntry) -> bool {
        let customer = entry.task.customer;
        let on_the_line = self
            .attempts
            .values()
            .any(|attempt| attempt.customer == Some(customer) && attempt.ended_at.is_none());
        !on_the_line && !self.opted_out(customer)
    }

    fn zone_of(&self, entry: &TaskEntry) -> chrono_tz::Tz {
        let customer = self.customers.get(&entry.task.customer);
        customer.and_then(|customer| customer.row.time_zone).unwrap_or(USUAL_ZONE)
    }

    /// Where a task stands that is nobody's any more.
    fn wait_again(&mut self, task: TaskId) {
        let tried = self.attempts.values().any(|attempt| attempt.task == Some(task));
        let now = self.now;
        if let Some(entry) = self.tasks.get_mut(&task) {
            entry.step(if tried { TaskState::Waiting } else { TaskState::Due }, now);
        }
    }

    pub(super) fn heartbeat(&mut self, node: &str, lease: Duration) -> u64 {
        let until = self.now + lease;
        let held = self.tasks.values_mut().filter_map(|entry| entry.lease.as_mut());
        held.filter(|held| held.node == node).map(|held| held.until = held.until.max(until)).count() as u64
    }

    pub(super) fn release(
        &mut self,
        claim: &Claim,
        at: DateTime<Utc>,
        because: &Because,
    ) -> Result<(), StoreError> {
        if !self.holds(claim)? {
            return Ok(());
        }
        self.wait_again(claim.task.id);
        if let Some(entry) = self.tasks.get_mut(&claim.task.id) {
            entry.task.next_at = at;
        }
        if rules::worth_telling(because.rule) {
            self.moved(claim.task.id, Some(TaskState::Calling), because.clone(), With::default());
        }
        Ok(())
    }

    pub(super) fn settle(&mut self, claim: &Claim, onward: &Onward) -> Result<(), StoreError> {
        let Onward { next, callback, because } = onward;
        if !self.holds(claim)? {
            return Ok(());
        }
        let state = rules::after_attempt(next, self.opted_out(claim.task.customer))?;
        if let Some(callback) = callback {
            self.queue(&claim.task, None, callback);
        }
        let wanting = state == TaskState::WithPerson && rules::needs_item(next);
        if wanting && self.item_of(claim.task.id).is_none() {
            return Err(rules::nobody_would_see_it());
        }
        self.move_task(claim.task.id, state, next, because, With::default());
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
}
