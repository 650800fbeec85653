//! What the model holds, and the look-ups everybody needs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use records::{
    Attempt, AttemptId, Callback, CallbackState, Claim, Customer, CustomerId, Fact, ImportId, Move, Number,
    Plan, PlanId, PlanState, Recording, RecordingId, Step, StepId, Task, TaskId, TaskState, Waiver,
};

use super::TrailEntry;
use super::lines::Lending;
use super::planning::Round;
use super::records::StagedImport;
use crate::{LendingId, NewQuestionnaire, StoreError, Switch, Traced};

/// Everything.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) now: DateTime<Utc>,
    pub(super) customers: BTreeMap<CustomerId, Arc<Customer>>,
    /// Merged or erased; kept for what refers to them.
    pub(super) gone: BTreeMap<CustomerId, Arc<Customer>>,
    /// External ids of those merged, and into whom.
    pub(super) aliases: BTreeMap<String, CustomerId>,
    /// Numbers that people or a merge added: imports let them be.
    pub(super) added: Vec<(CustomerId, Number)>,
    /// Numbers of the erased.
    pub(super) erased: Vec<Number>,
    pub(super) waivers: Vec<Waiver>,
    pub(super) imports: BTreeMap<ImportId, StagedImport>,
    /// Numbers not to be dialled for a customer any more.
    pub(super) dead: Vec<(CustomerId, Number)>,
    /// Numbers on which somebody opted out.
    pub(super) barred: Vec<Number>,
    pub(super) questionnaires: BTreeMap<String, NewQuestionnaire>,
    pub(super) plans: BTreeMap<PlanId, Arc<Plan>>,
    pub(super) tasks: BTreeMap<TaskId, TaskEntry>,
    pub(super) attempts: BTreeMap<AttemptId, Attempt>,
    pub(super) facts: BTreeMap<(AttemptId, u32), Fact>,
    pub(super) recordings: BTreeMap<RecordingId, Recording>,
    pub(super) callbacks: Vec<Callback>,
    pub(super) evaluations: BTreeMap<PlanId, Round>,
    pub(super) steps: BTreeMap<StepId, Step>,
    /// Of each task, oldest first.
    pub(super) moves: HashMap<TaskId, Vec<Move>>,
    pub(super) last_move: i64,
    pub(super) switch: Switch,
    pub(super) trail: Vec<TrailEntry>,
    pub(super) lendings: Vec<Lending>,
    /// Of which lending the line of an attempt is.
    pub(super) lent: BTreeMap<AttemptId, LendingId>,
    pub(super) messages: BTreeMap<(AttemptId, u32), Traced>,
}

/// A task and the lease on it.
#[derive(Clone, Debug)]
pub(super) struct TaskEntry {
    pub(super) task: Task,
    pub(super) fence: i64,
    pub(super) lease: Option<Lease>,
    /// The customer's dates do not ask for it any more; it comes back when they do.
    pub(super) withdrawn_by_dates: bool,
}

/// Who has a task, until when.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) node: String,
    pub(super) until: DateTime<Utc>,
}

impl State {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            customers: BTreeMap::new(),
            gone: BTreeMap::new(),
            aliases: BTreeMap::new(),
            added: Vec::new(),
            erased: Vec::new(),
            waivers: Vec::new(),
            imports: BTreeMap::new(),
            dead: Vec::new(),
            barred: Vec::new(),
            questionnaires: BTreeMap::new(),
            plans: BTreeMap::new(),
            tasks: BTreeMap::new(),
            attempts: BTreeMap::new(),
            facts: BTreeMap::new(),
            recordings: BTreeMap::new(),
            callbacks: Vec::new(),
            evaluations: BTreeMap::new(),
            steps: BTreeMap::new(),
            moves: HashMap::new(),
            last_move: 0,
            switch: Switch { calling: true, changed_at: now, changed_by: "huifang".to_owned() },
            trail: Vec::new(),
            lendings: Vec::new(),
            lent: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }

    pub(super) fn customer(&self, id: CustomerId) -> Result<&Arc<Customer>, StoreError> {
        self.customers.get(&id).or_else(|| self.gone.get(&id)).ok_or_else(|| missing("customer", id))
    }

    pub(super) fn plan(&self, id: PlanId) -> Result<&Arc<Plan>, StoreError> {
        self.plans.get(&id).ok_or_else(|| missing("plan", id))
    }

    pub(super) fn attempt(&self, id: AttemptId) -> Result<&Attempt, StoreError> {
        self.attempts.get(&id).ok_or_else(|| missing("attempt", id))
    }

    /// Whether calls are made under a plan at this moment.
    pub(super) fn calls(&self, plan: PlanId) -> bool {
        self.switch.calling && self.plans.get(&plan).is_some_and(|plan| plan.state == PlanState::Running)
    }

    pub(super) fn opted_out(&self, customer: CustomerId) -> bool {
        self.customers.get(&customer).is_some_and(|customer| customer.opt_out.is_some())
    }

    /// The open attempt of a task.
    pub(super) fn open_of(&self, task: TaskId) -> Option<&Attempt> {
        self.attempts.values().find(|attempt| attempt.task == Some(task) && attempt.ended_at.is_none())
    }

    /// The item of a task that is not done.
    pub(super) fn item_of(&mut self, task: TaskId) -> Option<&mut Callback> {
        self.callbacks.iter_mut().find(|item| item.task == task && item.state != CallbackState::Done)
    }

    pub(super) fn claim(&self, entry: &TaskEntry) -> Result<Claim, StoreError> {
        Ok(Claim {
            task: entry.task.clone(),
            plan: Arc::clone(self.plan(entry.task.plan)?),
            customer: Arc::clone(self.customer(entry.task.customer)?),
            fence: entry.fence,
        })
    }
}

impl TaskEntry {
    /// Moves the task out of its lease.
    pub(super) fn step(&mut self, state: TaskState, now: DateTime<Utc>) {
        self.lease = None;
        self.task.state = state;
        self.task.ended_at = state.ended().then_some(now);
    }
}

#[allow(clippy::needless_pass_by_value, reason = "ids are Copy")]
pub(super) fn missing(what: &'static str, id: impl ToString) -> StoreError {
    StoreError::Missing { what, id: id.to_string() }
}

pub(super) fn conflict(text: impl Into<String>) -> StoreError {
    StoreError::Conflict(text.into())
}
