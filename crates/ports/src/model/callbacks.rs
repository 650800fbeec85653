//! The human call-back queue.

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
        if let Some(item) = self.item_of(task.id) {
            item.content = rules::sharpened(&item.content, fresh);
            item.attempt = attempt.or(item.attempt);
            return;
        }
        self.callbacks.push(Callback {
            id: CallbackId(uuid::Uuid::now_v7()),
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
        });
    }

    pub(super) fn callback(&self, id: CallbackId) -> Result<&Callback, StoreError> {
        self.callbacks.iter().find(|item| item.id == id).ok_or_else(|| missing("callback", id))
    }

    fn callback_mut(&mut self, id: CallbackId) -> Result<&mut Callback, StoreError> {
        self.callbacks.iter_mut().find(|item| item.id == id).ok_or_else(|| missing("callback", id))
    }

    pub(super) fn take(&mut self, id: CallbackId, by: AccountId) -> Result<Callback, StoreError> {
        let item = self.callback_mut(id)?;
        match (item.state, item.taken_by) {
            (CallbackState::Taken, Some(holder)) if holder == by => {}
            (CallbackState::Open, _) => {
                item.state = CallbackState::Taken;
                item.taken_by = Some(by);
            }
            (CallbackState::Taken, _) => return Err(conflict("somebody else has taken this item")),
            (CallbackState::Done, _) => return Err(conflict("this item is done")),
        }
        Ok(item.clone())
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
        let item = self.callback_mut(id)?;
        if item.state != CallbackState::Taken || item.taken_by != Some(by) {
            return Err(conflict("take this item before you finish it"));
        }
        item.state = CallbackState::Done;
        item.done_at = Some(now);
        item.note = Some(note.to_owned());
        let item = item.clone();
        let opted_out = self.opted_out(item.customer);
        let entry = self.tasks.get_mut(&item.task).ok_or_else(|| missing("task", item.task))?;
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
        let ended_at = entry.task.ended_at;
        entry.step(state, now);
        entry.task.ended_at = entry.task.ended_at.map(|at| ended_at.unwrap_or(at));
        entry.fence += 1;
        if state == TaskState::Waiting {
            entry.task.next_at = now;
            entry.task.rung = 0;
            entry.task.round_since = Some(now);
        }
        self.moved(item.task, Some(from), because, with);
        Ok(item)
    }
}
