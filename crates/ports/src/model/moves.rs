//! The history of tasks: why each went where it went.

use std::sync::Arc;

use records::{Because, Claim, Move, MoveId, MoveRule, NextStep, TaskId, TaskState};

use super::state::{State, TaskEntry, missing};
use crate::{StoreError, rules};

/// What belongs to a move besides its states.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct With {
    pub(super) attempt: Option<records::AttemptId>,
    pub(super) step: Option<records::StepId>,
    pub(super) by: Option<records::AccountId>,
}

impl State {
    /// Enters the move that has just been made; `from` is where the task stood before.
    pub(super) fn moved(&mut self, task: TaskId, from: Option<TaskState>, because: Because, with: With) {
        let Some(entry) = self.tasks.get(&task) else { return };
        let to = entry.task.state;
        let waits = matches!(to, TaskState::Due | TaskState::Waiting);
        let next_at = waits.then_some(entry.task.next_at);
        let made = Move {
            id: MoveId(self.moves.len() as i64 + 1),
            task,
            at: self.now,
            from,
            to,
            because,
            next_at,
            attempt: with.attempt,
            step: with.step,
            by: with.by.map(|by| by.to_string()),
        };
        self.moves.add(made);
    }

    /// A task has come into being.
    fn born(&mut self, task: TaskId) {
        let Some(entry) = self.tasks.get(&task) else { return };
        let rule = match entry.task.state {
            TaskState::Refused => MoveRule::OptedOut,
            TaskState::Withdrawn => MoveRule::Waived,
            _ => MoveRule::FellDue,
        };
        self.moved(task, None, Because::of(rule), With::default());
    }

    /// Moves a task out of its lease, up its ladder where that is next, and enters why.
    pub(super) fn move_task(
        &mut self,
        id: TaskId,
        state: TaskState,
        next: &NextStep,
        because: &Because,
        with: With,
    ) {
        let now = self.now;
        let step = |entry: &mut TaskEntry| {
            let from = entry.task.state;
            entry.step(state, now);
            match next {
                NextStep::TryAgain { at, .. } if state == TaskState::Waiting => entry.task.next_at = *at,
                NextStep::Climb(climb) => {
                    entry.task.rung = climb.rung;
                    if state == TaskState::Waiting {
                        entry.task.next_at = climb.at.unwrap_or(now);
                        entry.task.round_since = Some(now);
                    }
                }
                _ => {}
            }
            from
        };
        let Some(from) = self.tasks.change(&id, step) else { return };
        let opened = rules::opens(next).filter(|_| state == TaskState::WithPerson);
        let opened = opened.map(|climb| self.open_step(id, climb));
        let because = rules::told(because, next, state);
        self.moved(id, Some(from), because, With { step: opened.or(with.step), ..with });
    }

    /// The net: enters tasks that have come into being and changes of state that nobody told of. What was given back
    /// for want of a line needs no word.
    pub(super) fn enter_untold(&mut self) {
        let before =
            |(id, row): &(TaskId, Option<Arc<TaskEntry>>)| (*id, row.as_ref().map(|row| row.task.state));
        let changed: Vec<_> = self.tasks.replaced().iter().map(before).collect();
        for (id, from) in changed {
            self.enter_if_untold(id, from);
        }
    }

    fn enter_if_untold(&mut self, id: TaskId, from: Option<TaskState>) {
        let Some(entry) = self.tasks.get(&id) else { return };
        let (state, customer, plan) = (entry.task.state, entry.task.customer, entry.task.plan);
        let told = self.moves.last(id).map(|made| made.to);
        if state == TaskState::Calling || told == Some(state) {
            return;
        }
        if told.is_none() {
            return self.born(id);
        }
        let rule = match state {
            TaskState::Due | TaskState::Waiting if from == Some(TaskState::Calling) => MoveRule::GivenBack,
            TaskState::Withdrawn if self.waived(customer, plan) => MoveRule::Waived,
            TaskState::Withdrawn if entry.withdrawn_by_dates => MoveRule::DateChanged,
            TaskState::Withdrawn => MoveRule::Withdrawn,
            _ => MoveRule::Unstated,
        };
        self.moved(id, from, Because::of(rule), With::default());
    }

    pub(super) fn moves_of(&self, task: TaskId) -> Result<Vec<Move>, StoreError> {
        if !self.tasks.contains_key(&task) {
            return Err(missing("task", task));
        }
        Ok(self.moves.of(task))
    }

    pub(super) fn case(&self, task: TaskId) -> Result<Claim, StoreError> {
        self.claim(self.tasks.get(&task).ok_or_else(|| missing("task", task))?)
    }
}
