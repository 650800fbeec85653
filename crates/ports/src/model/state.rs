//! What the model holds, and the look-ups everybody needs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use plan::Rank;
use records::{
    Attempt, AttemptId, Callback, CallbackId, Claim, Customer, CustomerId, Fact, ImportId, Number, Plan,
    PlanId, PlanState, Recording, RecordingId, Step, StepId, StepState, Task, TaskId, TaskState, Waiver,
    WaiverId,
};
use uuid::Uuid;

use super::TrailEntry;
use super::history::History;
use super::indexes::{AttemptIndex, CustomerIndex, ItemIndex, StepIndex, TaskIndex, WaiverIndex};
use super::lines::Lending;
use super::marked::Marked;
use super::planning::Round;
use super::records::StagedImport;
use super::table::{Set, Table, Undo};
use crate::{LendingId, NewQuestionnaire, StoreError, Switch, Traced, USUAL_ZONE};

/// Everything. What a write changes is kept in tables, so that it can be taken back; a new one goes into
/// [`State::tables`] as well.
#[derive(Debug)]
pub(super) struct State {
    pub(super) now: DateTime<Utc>,
    pub(super) customers: Table<CustomerId, Customer, CustomerIndex>,
    /// Merged or erased; kept for what refers to them.
    pub(super) gone: Table<CustomerId, Customer>,
    /// External ids of those merged, and into whom.
    pub(super) aliases: Table<String, CustomerId>,
    /// Numbers that people or a merge added: imports let them be.
    pub(super) added: Marked,
    /// Numbers of the erased.
    pub(super) erased: Set<Number>,
    pub(super) waivers: Table<WaiverId, Waiver, WaiverIndex>,
    pub(super) imports: Table<ImportId, StagedImport>,
    /// Numbers not to be dialled for a customer any more.
    pub(super) dead: Marked,
    /// Numbers on which somebody opted out.
    pub(super) barred: Set<Number>,
    pub(super) questionnaires: Table<String, NewQuestionnaire>,
    pub(super) plans: Table<PlanId, Plan>,
    pub(super) tasks: Table<TaskId, TaskEntry, TaskIndex>,
    pub(super) attempts: Table<AttemptId, Attempt, AttemptIndex>,
    /// Attempts that plans' authors made to themselves.
    pub(super) rehearsals: Set<AttemptId>,
    pub(super) facts: Table<(AttemptId, u32), Fact>,
    pub(super) recordings: Table<RecordingId, Recording>,
    pub(super) callbacks: Table<CallbackId, Callback, ItemIndex>,
    pub(super) evaluations: Table<PlanId, Round>,
    /// Lists whose tasks are being made, and the last customer who has his.
    pub(super) listings: Table<PlanId, CustomerId>,
    /// Customers whose record has changed since a plan's evaluation looked at them.
    pub(super) unseen: Set<(PlanId, CustomerId)>,
    pub(super) steps: Table<StepId, Step, StepIndex>,
    pub(super) moves: History,
    pub(super) trail: Table<usize, TrailEntry>,
    pub(super) lendings: Table<LendingId, Lending>,
    /// Of which lending the line of an attempt is.
    pub(super) lent: Table<AttemptId, LendingId>,
    pub(super) messages: Table<(AttemptId, u32), Traced>,
    /// Set by a write that cannot fail.
    pub(super) switch: Switch,
    ids: Ids,
}

/// A task and the lease on it.
#[derive(Clone, Debug)]
pub(super) struct TaskEntry {
    pub(super) task: Task,
    pub(super) fence: i64,
    pub(super) lease: Option<Lease>,
    /// Withdrawn untouched: the customer's dates do not ask for it any more, or a waiver covers it; comes back when that ends.
    pub(super) withdrawn_by_dates: bool,
    /// The customer's.
    pub(super) zone: Tz,
    pub(super) rank: Rank,
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
            customers: Table::default(),
            gone: Table::default(),
            aliases: Table::default(),
            added: Table::default(),
            erased: Table::default(),
            waivers: Table::default(),
            imports: Table::default(),
            dead: Table::default(),
            barred: Table::default(),
            questionnaires: Table::default(),
            plans: Table::default(),
            tasks: Table::default(),
            attempts: Table::default(),
            rehearsals: Table::default(),
            facts: Table::default(),
            recordings: Table::default(),
            callbacks: Table::default(),
            evaluations: Table::default(),
            listings: Table::default(),
            unseen: Table::default(),
            steps: Table::default(),
            moves: History::default(),
            trail: Table::default(),
            lendings: Table::default(),
            lent: Table::default(),
            messages: Table::default(),
            switch: Switch { calling: true, changed_at: now, changed_by: "huifang".to_owned() },
            ids: Ids::default(),
        }
    }

    /// All that a write may change and a failed one takes back.
    fn tables(&mut self) -> [&mut dyn Undo; 26] {
        [
            &mut self.customers,
            &mut self.gone,
            &mut self.aliases,
            &mut self.added,
            &mut self.erased,
            &mut self.waivers,
            &mut self.imports,
            &mut self.dead,
            &mut self.barred,
            &mut self.questionnaires,
            &mut self.plans,
            &mut self.tasks,
            &mut self.attempts,
            &mut self.rehearsals,
            &mut self.facts,
            &mut self.recordings,
            &mut self.callbacks,
            &mut self.evaluations,
            &mut self.listings,
            &mut self.unseen,
            &mut self.steps,
            &mut self.moves,
            &mut self.trail,
            &mut self.lendings,
            &mut self.lent,
            &mut self.messages,
        ]
    }

    /// A write went well.
    pub(super) fn keep(&mut self) {
        self.tables().into_iter().for_each(Undo::keep);
    }

    /// A write failed.
    pub(super) fn take_back(&mut self) {
        self.tables().into_iter().for_each(Undo::take_back);
    }

    /// An id of its own, the next in order. The same acts at the same times give the same ids.
    pub(super) fn fresh(&mut self) -> Uuid {
        self.ids.next(self.now)
    }

    pub(super) fn customer(&self, id: CustomerId) -> Result<&Arc<Customer>, StoreError> {
        self.customers.get(&id).or_else(|| self.gone.get(&id)).ok_or_else(|| missing("customer", id))
    }

    pub(super) fn plan(&self, id: PlanId) -> Result<&Arc<Plan>, StoreError> {
        self.plans.get(&id).ok_or_else(|| missing("plan", id))
    }

    pub(super) fn attempt(&self, id: AttemptId) -> Result<&Arc<Attempt>, StoreError> {
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
        let index = self.attempts.index();
        let open = index.of_task.of(&task).iter().find(|id| index.open.contains(id))?;
        self.attempts.get(open).map(Arc::as_ref)
    }

    /// The attempts of a task, in the order they were opened.
    pub(super) fn attempts_of(&self, task: TaskId) -> impl DoubleEndedIterator<Item = &Attempt> {
        let ids = self.attempts.index().of_task.of(&task);
        ids.iter().filter_map(|id| self.attempts.get(id)).map(Arc::as_ref)
    }

    /// The tasks of a customer, in the order they came.
    pub(super) fn tasks_of(&self, customer: CustomerId) -> impl Iterator<Item = &TaskEntry> {
        let ids = self.tasks.index().of_customer.of(&customer);
        ids.iter().filter_map(|id| self.tasks.get(id)).map(Arc::as_ref)
    }

    /// The item of a task that is not done.
    pub(super) fn item_of(&self, task: TaskId) -> Option<&Callback> {
        let item = self.callbacks.index().undone.get(&task)?;
        self.callbacks.get(item).map(Arc::as_ref)
    }

    /// The step of a task that is not done.
    pub(super) fn open_step_of(&self, task: TaskId) -> Option<&Step> {
        let steps = self.steps.index().of_task.of(&task).iter();
        steps.filter_map(|id| self.steps.get(id)).map(Arc::as_ref).find(|step| step.state != StepState::Done)
    }

    /// Where the task's customer lives.
    pub(super) fn zone_of(&self, customer: CustomerId) -> Tz {
        let customer = self.customers.get(&customer);
        customer.map_or(USUAL_ZONE, |customer| customer.row.zone())
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

/// The model's ids: UUIDv7 by its own clock, growing whatever the clock does.
#[derive(Debug, Default)]
struct Ids {
    last_ms: u64,
    given: u64,
}

impl Ids {
    fn next(&mut self, now: DateTime<Utc>) -> Uuid {
        self.last_ms = self.last_ms.max(now.timestamp_millis().unsigned_abs());
        self.given += 1;
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.given.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.last_ms, &counter).into_uuid()
    }
}

impl TaskEntry {
    /// A task nobody has had yet.
    pub(super) fn new(task: Task, zone: Tz, rank: Rank) -> Self {
        Self { task, fence: 0, lease: None, withdrawn_by_dates: false, zone, rank }
    }

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
