//! Leases on tasks.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use plan::Rank;
use records::{Because, Claim, CustomerId, MoveRule, NextStep, Onward, TaskId, TaskState};

use super::moves::With;
use super::state::{Lease, State, TaskEntry, conflict};
use crate::{Ask, Due, Outlook, StoreError, USUAL_ZONE, rules};

impl State {
    pub(super) fn outlook(&self, most: u32) -> Result<Outlook, StoreError> {
        let mut due: Vec<Due> = Vec::new();
        for ((plan, ..), waiting) in &self.tasks.index().waiting {
            let Some((oldest, first)) = waiting.first().copied().filter(|(at, _)| *at <= self.now) else {
                continue;
            };
            if !self.calls(*plan) {
                continue;
            }
            let counted = waiting.range(..=self.last_due()).take(most as usize).count() as u32;
            let zone = self.tasks.get(&first).map_or(USUAL_ZONE, |entry| entry.zone);
            match due.last_mut().filter(|last| last.plan.id == *plan && last.zone == zone) {
                // Another rank of the same.
                Some(last) => {
                    last.waiting = (last.waiting + counted).min(most);
                    last.oldest = last.oldest.min(oldest);
                }
                None => due.push(Due { plan: Arc::clone(self.plan(*plan)?), zone, waiting: counted, oldest }),
            }
        }
        let items = self.callbacks.index().undone.len() as u32;
        // Nobody logs in to the model.
        Ok(Outlook { now: self.now, due, items, agents: 0 })
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
            for id in self.claimable(ask) {
                self.tasks.change(&id, |entry| {
                    entry.fence += 1;
                    entry.task.state = TaskState::Calling;
                    entry.lease = Some(Lease { node: node.to_owned(), until });
                });
                claims.extend(self.tasks.get(&id).map(|entry| self.claim(entry)).transpose()?);
            }
        }
        rules::in_order(&mut claims);
        Ok(claims)
    }

    /// Those that come first, of customers who may be called.
    fn claimable(&self, ask: &Ask) -> Vec<TaskId> {
        let waiting = |rank| self.tasks.index().waiting.get(&(ask.plan, ask.zone.name(), rank));
        let due = Rank::ALL.into_iter().filter_map(waiting).filter(|_| self.calls(ask.plan));
        let due = due.flat_map(|waiting| waiting.range(..=self.last_due())).map(|(_, id)| *id);
        due.filter(|id| self.tasks.get(id).is_some_and(|entry| self.is_free(entry.task.customer)))
            .take(ask.most as usize)
            .collect()
    }

    /// Behind everything that is due now.
    pub(super) fn last_due(&self) -> (DateTime<Utc>, TaskId) {
        (self.now, TaskId(uuid::Uuid::max()))
    }

    pub(super) fn reclaim(&mut self) -> u64 {
        let ended = |entry: &TaskEntry| {
            entry.lease.as_ref().is_some_and(|lease| lease.until <= self.now)
                && self.open_of(entry.task.id).is_none()
        };
        let leased = self.tasks.index().leased.iter();
        let ids: Vec<TaskId> =
            leased.filter(|id| self.tasks.get(id).is_some_and(|entry| ended(entry))).copied().collect();
        for id in &ids {
            self.wait_again(*id);
        }
        ids.len() as u64
    }

    /// Whether the customer may be called: not on the line, nor opted out.
    fn is_free(&self, customer: CustomerId) -> bool {
        let index = self.attempts.index();
        let on_the_line = index.busy.contains(&customer);
        !on_the_line && !self.opted_out(customer)
    }

    /// Where a task stands that is nobody's any more.
    fn wait_again(&mut self, task: TaskId) {
        let tried = self.attempts_of(task).next().is_some();
        let now = self.now;
        let back = if tried { TaskState::Waiting } else { TaskState::Due };
        self.tasks.change(&task, |entry| entry.step(back, now));
    }

    pub(super) fn heartbeat(&mut self, node: &str, lease: Duration) -> u64 {
        let until = self.now + lease;
        let held = |entry: &TaskEntry| entry.lease.as_ref().is_some_and(|lease| lease.node == node);
        let leased = self.tasks.index().leased.iter();
        let ids: Vec<TaskId> =
            leased.filter(|id| self.tasks.get(id).is_some_and(|entry| held(entry))).copied().collect();
        for id in &ids {
            self.tasks.change(id, |entry| {
                entry.lease.iter_mut().for_each(|held| held.until = held.until.max(until));
            });
        }
        ids.len() as u64
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
        self.tasks.change(&claim.task.id, |entry| entry.task.next_at = at);
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
        if self.waived(claim.task.customer, claim.task.plan) {
            let withdrawn = NextStep::End(TaskState::Withdrawn);
            let because = Because::of(MoveRule::Waived);
            self.move_task(claim.task.id, TaskState::Withdrawn, &withdrawn, &because, With::default());
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

    /// Whether a claim still holds its task.
    pub(super) fn is_ours(&self, claim: &Claim) -> bool {
        let entry = self.tasks.get(&claim.task.id);
        entry.is_some_and(|entry| entry.fence == claim.fence && entry.task.state == TaskState::Calling)
    }

    fn holds(&self, claim: &Claim) -> Result<bool, StoreError> {
        if !self.is_ours(claim) {
            return Ok(false);
        }
        match self.open_of(claim.task.id) {
            Some(open) => Err(conflict(format!("the attempt {} of this task is open: close it", open.id))),
            None => Ok(true),
        }
    }
}
