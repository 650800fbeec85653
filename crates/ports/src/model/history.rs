//! The moves of all tasks, in the order they were made. Each knows the one of the same task before it.

use std::collections::HashMap;

use records::{Move, TaskId};

use super::pile::Pile;
use super::table::Undo;

/// Only added to.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Each with the place of its task's move before.
    made: Pile<(Move, Option<usize>)>,
    last: HashMap<TaskId, usize>,
    /// So many were made by writes that are over.
    kept: usize,
}

impl History {
    pub(super) fn add(&mut self, made: Move) {
        let before = self.last.insert(made.task, self.made.len());
        self.made.push((made, before));
    }

    /// How many were ever made.
    pub(super) fn len(&self) -> usize {
        self.made.len()
    }

    pub(super) fn last(&self, task: TaskId) -> Option<&Move> {
        self.last.get(&task).map(|place| &self.made[*place].0)
    }

    /// A task's moves, oldest first.
    pub(super) fn of(&self, task: TaskId) -> Vec<Move> {
        let first = self.last.get(&task).copied();
        let places = std::iter::successors(first, |place| self.made[*place].1);
        let mut moves: Vec<Move> = places.map(|place| self.made[place].0.clone()).collect();
        moves.reverse();
        moves
    }
}

impl Undo for History {
    fn keep(&mut self) {
        self.kept = self.made.len();
    }

    fn take_back(&mut self) {
        while self.made.len() > self.kept
            && let Some((made, before)) = self.made.pop()
        {
            match before {
                Some(place) => self.last.insert(made.task, place),
                None => self.last.remove(&made.task),
            };
        }
    }
}
