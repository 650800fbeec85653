//! What is found without looking at every row: who is due, who is on the line, whose number it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use plan::Rank;
use records::{
    Attempt, AttemptId, Callback, CallbackId, CallbackState, Customer, CustomerId, Number, PlanId, Step,
    StepId, StepState, TaskId, TaskState, Waiver, WaiverId,
};

use super::state::TaskEntry;
use super::table::{Groups, Index};

/// A plan, the name of a zone, and a rank.
pub(super) type Queue = (PlanId, &'static str, Rank);
/// When a task is due.
pub(super) type Turn = (DateTime<Utc>, TaskId);

/// Tasks.
#[derive(Debug, Default)]
pub(super) struct TaskIndex {
    pub(super) of_customer: Groups<CustomerId, TaskId>,
    /// A customer's under one plan.
    pub(super) of_plan: Groups<(CustomerId, PlanId), TaskId>,
    /// Those that wait for a call, by plan, zone and rank, in the order they are due.
    pub(super) waiting: BTreeMap<Queue, BTreeSet<Turn>>,
    pub(super) leased: BTreeSet<TaskId>,
    /// How many have not ended.
    pub(super) unended: usize,
}

impl TaskIndex {
    fn place(entry: &TaskEntry) -> Option<(Queue, Turn)> {
        let task = &entry.task;
        let waits = matches!(task.state, TaskState::Due | TaskState::Waiting);
        waits.then(|| ((task.plan, entry.zone.name(), entry.rank), (task.next_at, task.id)))
    }
}

impl Index<TaskEntry> for TaskIndex {
    fn follow(&mut self, before: Option<&TaskEntry>, after: Option<&TaskEntry>) {
        let Some(id) = before.or(after).map(|entry| entry.task.id) else { return };
        let customer = |entry: &TaskEntry| entry.task.customer;
        self.of_customer.follow(id, before.map(customer).as_ref(), after.map(customer).as_ref());
        let under = |entry: &TaskEntry| (entry.task.customer, entry.task.plan);
        self.of_plan.follow(id, before.map(under).as_ref(), after.map(under).as_ref());
        let (was, is) = (before.and_then(Self::place), after.and_then(Self::place));
        if was != is {
            if let Some((group, place)) = was
                && let Some(waiting) = self.waiting.get_mut(&group)
            {
                waiting.remove(&place);
            }
            if let Some((group, place)) = is {
                self.waiting.entry(group).or_default().insert(place);
            }
        }
        let goes_on = |entry: &TaskEntry| !entry.task.state.ended();
        self.unended += usize::from(after.is_some_and(goes_on));
        self.unended -= usize::from(before.is_some_and(goes_on));
        if after.is_some_and(|entry| entry.lease.is_some()) {
            self.leased.insert(id);
        } else {
            self.leased.remove(&id);
        }
    }
}

/// When an attempt began.
pub(super) type Start = (DateTime<Utc>, AttemptId);

/// Attempts.
#[derive(Debug, Default)]
pub(super) struct AttemptIndex {
    pub(super) of_task: Groups<TaskId, AttemptId>,
    pub(super) of_customer: Groups<CustomerId, Start>,
    pub(super) of_number: Groups<Number, Start>,
    pub(super) open: BTreeSet<AttemptId>,
    /// Customers of those that are open.
    pub(super) busy: HashSet<CustomerId>,
}

impl Index<Attempt> for AttemptIndex {
    fn follow(&mut self, before: Option<&Attempt>, after: Option<&Attempt>) {
        let Some(id) = before.or(after).map(|made| made.id) else { return };
        self.of_task.follow(
            id,
            before.and_then(|made| made.task.as_ref()),
            after.and_then(|made| made.task.as_ref()),
        );
        let start = |made: &Attempt| (made.started_at, made.id);
        let Some(start) = before.or(after).map(start) else { return };
        self.of_customer.follow(
            start,
            before.and_then(|made| made.customer.as_ref()),
            after.and_then(|made| made.customer.as_ref()),
        );
        self.of_number.follow(start, before.map(|made| &made.number), after.map(|made| &made.number));
        let busy = |made: &Attempt| made.customer.filter(|_| made.ended_at.is_none());
        if let Some(customer) = before.and_then(busy) {
            self.busy.remove(&customer);
        }
        self.busy.extend(after.and_then(busy));
        if after.is_some_and(|made| made.ended_at.is_none()) {
            self.open.insert(id);
        } else {
            self.open.remove(&id);
        }
    }
}

/// Customers.
#[derive(Debug, Default)]
pub(super) struct CustomerIndex {
    pub(super) of_external_id: HashMap<String, CustomerId>,
    /// Who has a number, or somebody there.
    pub(super) of_number: Groups<Number, CustomerId>,
    /// Those who opted out.
    pub(super) opted_out: HashSet<CustomerId>,
}

impl Index<Customer> for CustomerIndex {
    fn follow(&mut self, before: Option<&Customer>, after: Option<&Customer>) {
        let Some(id) = before.or(after).map(|one| one.id) else { return };
        let external = |one: Option<&Customer>| one.map(|one| one.row.external_id.clone());
        let (was, is) = (external(before), external(after));
        if was != is {
            was.map(|external| self.of_external_id.remove(&external));
            is.map(|external| self.of_external_id.insert(external, id));
        }
        let numbers = |one: Option<&Customer>| {
            one.map(|one| one.row.everybody().cloned().collect::<Vec<_>>()).unwrap_or_default()
        };
        let (was, is) = (numbers(before), numbers(after));
        was.iter()
            .filter(|number| !is.contains(number))
            .for_each(|number| self.of_number.follow(id, Some(number), None));
        is.iter()
            .filter(|number| !was.contains(number))
            .for_each(|number| self.of_number.follow(id, None, Some(number)));
        if after.is_some_and(|one| one.opt_out.is_some()) {
            self.opted_out.insert(id);
        } else {
            self.opted_out.remove(&id);
        }
    }
}

/// Waivers.
#[derive(Debug, Default)]
pub(super) struct WaiverIndex(pub(super) Groups<CustomerId, WaiverId>);

impl Index<Waiver> for WaiverIndex {
    fn follow(&mut self, before: Option<&Waiver>, after: Option<&Waiver>) {
        let Some(id) = before.or(after).map(|waiver| waiver.id) else { return };
        self.0.follow(id, before.map(|one| &one.customer_id), after.map(|one| &one.customer_id));
    }
}

/// Items of the call-back queue.
#[derive(Debug, Default)]
pub(super) struct ItemIndex {
    /// The item of a task that is not done: there is one at most.
    pub(super) undone: HashMap<TaskId, CallbackId>,
    pub(super) of_task: Groups<TaskId, CallbackId>,
}

impl Index<Callback> for ItemIndex {
    fn follow(&mut self, before: Option<&Callback>, after: Option<&Callback>) {
        let Some(id) = before.or(after).map(|item| item.id) else { return };
        self.of_task.follow(id, before.map(|item| &item.task), after.map(|item| &item.task));
        let undone = |item: &&Callback| item.state != CallbackState::Done;
        if let Some(item) = before.filter(undone) {
            self.undone.remove(&item.task);
        }
        if let Some(item) = after.filter(undone) {
            self.undone.insert(item.task, item.id);
        }
    }
}

/// Steps of the ladder.
#[derive(Debug, Default)]
pub(super) struct StepIndex {
    pub(super) of_task: Groups<TaskId, StepId>,
    /// Those not done, by when their time is over.
    pub(super) lapsing: BTreeSet<(DateTime<Utc>, StepId)>,
}

impl Index<Step> for StepIndex {
    fn follow(&mut self, before: Option<&Step>, after: Option<&Step>) {
        let Some(id) = before.or(after).map(|step| step.id) else { return };
        self.of_task.follow(id, before.map(|step| &step.task), after.map(|step| &step.task));
        let due = |step: &Step| step.due_at.filter(|_| step.state != StepState::Done);
        if let Some(due) = before.and_then(due) {
            self.lapsing.remove(&(due, id));
        }
        if let Some(due) = after.and_then(due) {
            self.lapsing.insert((due, id));
        }
    }
}
