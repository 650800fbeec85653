//! The history of tasks: why each went where it went.

use records::{Because, Claim, Move, MoveId, MoveRule, NextStep, TaskId, TaskState};

use super::state::{State, missing};
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
        self.last_move += 1;
        let made = Move {
            id: MoveId(self.last_move),
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
        self.moves.entry(task).or_default().push(made);
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
        let Some(entry) = self.tasks.get_mut(&id) else { return };
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
        let opened = rules::opens(next).filter(|_| state == TaskState::WithPerson);
        let opened = opened.map(|climb| self.open_step(id, climb));
        let because = rules::told(because, next, state);
        self.moved(id, Some(from), because, With { step: opened.or(with.step), ..with });
    }

    /// The net: enters tasks that have come into being and changes of state that nobody told of. What was given back for want of a line needs no word.
    pub(super) fn enter_untold(&mut self, before: &State) {
        let untold = |entry: &super::state::TaskEntry| {
            let told = self.moves.get(&entry.task.id).and_then(|moves| moves.last()).map(|made| made.to);
            entry.task.state != TaskState::Calling && told != Some(entry.task.state)
        };
        let found: Vec<_> = self
            .tasks
            .values()
            .filter(|entry| untold(entry))
            .map(|entry| (entry.task.clone(), entry.withdrawn_by_dates))
            .collect();
        for (task, by_dates) in found {
            if !self.moves.contains_key(&task.id) {
                self.born(task.id);
                continue;
            }
            let waived = task.state == TaskState::Withdrawn && self.waived(task.customer, task.plan);
            let from = before.tasks.get(&task.id).map(|entry| entry.task.state);
            let rule = match task.state {
                TaskState::Due | TaskState::Waiting if from == Some(TaskState::Calling) => {
                    MoveRule::GivenBack
                }
                TaskState::Withdrawn if by_dates => MoveRule::DateChanged,
                TaskState::Withdrawn if waived => MoveRule::Waived,
                TaskState::Withdrawn => MoveRule::Withdrawn,
                _ => MoveRule::Unstated,
            };
            self.moved(task.id, from, Because::of(rule), With::default());
        }
    }

    pub(super) fn moves_of(&self, task: TaskId) -> Result<Vec<Move>, StoreError> {
        if !self.tasks.contains_key(&task) {
            return Err(missing("task", task));
        }
        Ok(self.moves.get(&task).cloned().unwrap_or_default())
    }

    pub(super) fn case(&self, task: TaskId) -> Result<Claim, StoreError> {
        self.claim(self.tasks.get(&task).ok_or_else(|| missing("task", task))?)
    }
}
