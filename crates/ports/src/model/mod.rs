//! The store in memory: the reference that Postgres is compared with, and what the simulator runs on. Its clock
//! stands still until it is set, and every write happens as a whole or not at all.

mod attempts;
mod callbacks;
mod claims;
mod customer_port;
mod customers;
mod erasing;
mod facts;
mod history;
mod indexes;
mod joining;
mod lines;
mod listing;
mod marked;
mod moves;
mod pile;
mod planning;
mod plans;
mod proofs;
mod records;
mod state;
mod steps;
mod store;
mod table;
mod traces;
mod waivers;

use std::ops::Bound;
use std::time::Duration;

use ::records::{Answer, AttemptId, Callback, CustomerId, Step, Task, TaskId};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use crate::StoreError;
use state::State;

/// A store in memory.
#[derive(Debug)]
pub struct Model {
    state: Mutex<State>,
}

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailEntry {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: serde_json::Value,
}

impl Model {
    /// An empty store whose clock shows `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { state: Mutex::new(State::new(now)) }
    }

    /// Moves the clock on.
    pub fn pass(&self, time: Duration) {
        self.state.lock().now += time;
    }

    /// Sets the clock.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.state.lock().now = now;
    }

    /// All tasks by id.
    pub fn tasks(&self) -> Vec<Task> {
        self.state.lock().tasks.values().map(|entry| entry.task.clone()).collect()
    }

    /// Everybody on file, in the order they came.
    pub fn customer_ids(&self) -> Vec<CustomerId> {
        self.state.lock().customers.keys().copied().collect()
    }

    /// When the next of the tasks that wait falls due that is not due yet.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        let state = self.state.lock();
        let due = (Bound::Excluded(state.last_due()), Bound::Unbounded);
        state
            .tasks
            .index()
            .waiting
            .values()
            .filter_map(|waiting| waiting.range(due).next())
            .map(|(at, _)| *at)
            .min()
    }

    /// How many tasks have not ended.
    pub fn unended(&self) -> usize {
        self.state.lock().tasks.index().unended
    }

    /// The item of a task that is not done.
    pub fn open_item(&self, task: TaskId) -> Option<Callback> {
        self.state.lock().item_of(task).cloned()
    }

    /// The step of a task that is not done.
    pub fn open_step(&self, task: TaskId) -> Option<Step> {
        self.state.lock().open_step_of(task).cloned()
    }

    /// All items of the queue, in the order they were queued.
    pub fn callbacks(&self) -> Vec<Callback> {
        self.state.lock().callbacks.values().map(|item| Callback::clone(item)).collect()
    }

    /// The standing answers of an attempt, in the order they were given.
    pub fn answers(&self, attempt: AttemptId) -> Vec<Answer> {
        self.state.lock().standing_answers(attempt)
    }

    /// The trail, oldest first.
    pub fn trail_entries(&self) -> Vec<TrailEntry> {
        self.state.lock().trail.values().map(|entry| TrailEntry::clone(entry)).collect()
    }

    fn read<T>(&self, work: impl FnOnce(&State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&self.state.lock())
    }

    /// What was changed stays only when all went well.
    fn write<T>(&self, work: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut state = self.state.lock();
        let outcome = work(&mut state);
        if outcome.is_ok() {
            state.enter_untold();
            state.keep();
        } else {
            state.take_back();
        }
        outcome
    }
}
