//! The human call-back queue.

use std::sync::Arc;

use records::{
    AccountId, AttemptId, Because, Callback, CallbackId, CallbackOutcome, CallbackState, MoveRule,
    NewCallback, Onward, Task, TaskState,
};

use super::moves::With;
use super::state::{State, conflict, missing};
use crate::{StoreError, rules};

impl State {
    /// Queues an item, or sharpens the one that is there.
    pub(super) fn queue(&mut self, task: &Task, attempt: Option<AttemptId>, fresh: &NewCallback) {
        let created_at = self.now;
        if let Some(item) = self.item_of(task.id).map(|item| item.id) {
            self.callbacks.change(&item, |item| {
                item.content = rules::sharpened(&item.content, fresh);
                item.attempt = attempt.or(item.attempt);
            });
            return;
        }
        let id = CallbackId(self.fresh());
        let item = Callback {
            id,
            task: task.id,
            plan: task.plan,
            customer: task.customer,
            attempt,
            content: fresh.clone(),
            state: CallbackState::Open,
            taken_by: None,
            note: None,
            created_at,
            done_at: None,
        };
        self.callbacks.insert(id, item);
    }

    pub(super) fn callback(&self, id: CallbackId) -> Result<&Arc<Callback>, StoreError> {
        self.callbacks.get(&id).ok_or_else(|| missing("callback", id))
    }

    pub(super) fn take(&mut self, id: CallbackId, by: AccountId) -> Result<Callback, StoreError> {
        let item = self.callback(id)?;
        match (item.state, item.taken_by) {
            (CallbackState::Taken, Some(holder)) if holder == by => return Ok(Callback::clone(item)),
            (CallbackState::Open, _) => {}
            (CallbackState::Taken, _) => return Err(conflict("somebody else has taken this item")),
            (CallbackState::Done, _) => return Err(conflict("this item is done")),
        }
        let taken = Callback { state: CallbackState::Taken, taken_by: Some(by), ..Callback::clone(item) };
        self.callbacks.insert(id, taken.clone());
        Ok(taken)
    }

    pub(super) fn finish(
        &mut self,
        id: CallbackId,
        by: AccountId,
        outcome: CallbackOutcome,
        note: &str,
        onward: Option<&Onward>,
    ) -> Result<Callback, StoreError> {
        let now = self.now;
        let item = self.callback(id)?;
        if item.state != CallbackState::Taken || item.taken_by != Some(by) {
            return Err(conflict("take this item before you finish it"));
        }
        let item = Callback {
            state: CallbackState::Done,
            done_at: Some(now),
            note: Some(note.to_owned()),
            ..Callback::clone(item)
        };
        self.callbacks.insert(id, item.clone());
        let opted_out = self.opted_out(item.customer);
        let entry = self.tasks.get(&item.task).ok_or_else(|| missing("task", item.task))?;
        let mut because = rules::of_outcome(outcome, note);
        let reached = rules::after_callback(entry.task.state, outcome);
        let with = With { by: Some(by), ..With::default() };
        if let Some(onward) = onward.filter(|_| rules::goes_onward(outcome, reached)) {
            because.why = format!("{}; {}", because.why, onward.because.why);
            self.go_onward(item.task, &Onward { because, ..onward.clone() }, with)?;
            return Ok(item);
        }
        let from = entry.task.state;
        let state = match rules::after_callback(entry.task.state, outcome) {
            TaskState::Waiting if opted_out => {
                because = Because::of(MoveRule::OptedOut);
                TaskState::Refused
            }
            state => state,
        };
        self.tasks.change(&item.task, |entry| {
            let ended_at = entry.task.ended_at;
            entry.step(state, now);
            entry.task.ended_at = entry.task.ended_at.map(|at| ended_at.unwrap_or(at));
            entry.fence += 1;
            if state == TaskState::Waiting {
                entry.task.next_at = now;
                entry.task.rung = 0;
                entry.task.round_since = Some(now);
            }
        });
        self.moved(item.task, Some(from), because, with);
        Ok(item)
    }
}
