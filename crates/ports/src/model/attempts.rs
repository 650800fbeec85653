//! Attempts: opened, closed, found overdue.

use std::sync::Arc;
use std::time::Duration;

use records::{
    Attempt, AttemptId, Because, Callback, CallbackCause, CallbackState, Capped, Claim, CustomerId,
    Direction, Evidence, MoveRule, Number, Reason, Recent, Task, TaskId, TaskState,
};

use super::moves::With;
use super::state::{Lease, State, TaskEntry, conflict, missing};
use crate::{Closing, InboundCall, ManualCall, NewAttempt, OpenRefusal, RangBack, StoreError, rules};

type Opened = Result<Attempt, OpenRefusal>;

impl State {
    pub(super) fn open_planned(&mut self, claim: &Claim, fresh: &NewAttempt) -> Result<Opened, StoreError> {
        let same = |made: &&Arc<Attempt>| {
            made.task == Some(claim.task.id) && made.number == fresh.number && made.ended_at.is_none()
        };
        if let Some(opened) = self.attempts.get(&fresh.id).filter(same) {
            return Ok(Ok(Attempt::clone(opened)));
        }
        if !self.calls(claim.task.plan) {
            return Ok(Err(OpenRefusal::Stopped));
        }
        if self.bars(Some(claim.task.customer), &fresh.number) {
            return Ok(Err(OpenRefusal::OptedOut));
        }
        if self.waived(claim.task.customer, claim.task.plan) {
            return Ok(Err(OpenRefusal::Waived));
        }
        if !self.is_ours(claim) {
            return Ok(Err(OpenRefusal::ClaimLost));
        }
        let policy = &claim.plan.content.policy;
        let recent = self.recent(claim.task.customer, policy.span())?;
        if let Some(Capped { until, rule }) =
            policy.caps.holds(policy.retry.gap(), &recent, &fresh.number, self.now)
        {
            return Ok(Err(OpenRefusal::Capped { until, rule }));
        }
        let opened = self.open(fresh, Direction::Outbound, Some(claim))?;
        if let Ok(opened) = &opened {
            self.tasks.change(&claim.task.id, |entry| {
                entry.lease.iter_mut().for_each(|lease| lease.until = lease.until.max(opened.alive_until));
            });
            let with = With { attempt: Some(opened.id), ..With::default() };
            let because = Because::of(MoveRule::Dialled);
            self.moved(claim.task.id, Some(TaskState::Calling), because, with);
        }
        Ok(opened)
    }

    pub(super) fn open_manual(&mut self, call: &ManualCall) -> Result<Opened, StoreError> {
        let fresh = &call.attempt;
        if !self.switch.calling {
            return Ok(Err(OpenRefusal::Stopped));
        }
        if self.bars(None, &fresh.number) || self.erased.contains_key(&fresh.number) {
            return Ok(Err(OpenRefusal::OptedOut));
        }
        let opened = self.open(fresh, Direction::Outbound, None)?;
        if opened.is_ok() && call.rehearsal_of.is_some() {
            self.rehearsals.add(fresh.id);
        }
        Ok(opened)
    }

    pub(super) fn open_inbound(
        &mut self,
        call: &InboundCall,
    ) -> Result<Result<RangBack, OpenRefusal>, StoreError> {
        if !self.switch.calling {
            return Ok(Err(OpenRefusal::Stopped));
        }
        let number = &call.attempt.number;
        let task = if call.withheld || self.bars(None, number) { None } else { self.task_to_ring(number) };
        let Some(task) = task else {
            if !call.strangers {
                return Ok(Err(OpenRefusal::Stranger));
            }
            let opened = self.open(&call.attempt, Direction::Inbound, None)?;
            return Ok(opened.map(|attempt| RangBack { attempt, claim: None }));
        };
        let entry = Arc::clone(self.tasks.get(&task).ok_or_else(|| missing("task", task))?);
        let claim = self.claim(&entry)?;
        let opened = self.open(&call.attempt, Direction::Inbound, Some(&claim))?;
        let Ok(attempt) = opened else { return Ok(opened.map(|attempt| RangBack { attempt, claim: None })) };
        let taken = TaskEntry {
            fence: entry.fence + 1,
            lease: Some(Lease { node: call.node.clone(), until: attempt.alive_until }),
            withdrawn_by_dates: false,
            zone: entry.zone,
            rank: entry.rank,
            task: Task { state: TaskState::Calling, ..entry.task.clone() },
        };
        self.tasks.insert(task, taken.clone());
        let with = With { attempt: Some(attempt.id), ..With::default() };
        self.moved(task, Some(entry.task.state), Because::of(MoveRule::RangBack), with);
        let claim = Some(self.claim(&taken)?);
        Ok(Ok(RangBack { attempt, claim }))
    }

    /// The open task whose customer has this number and was called last, on this number before any other.
    fn task_to_ring(&self, number: &Number) -> Option<TaskId> {
        let open = |entry: &&TaskEntry| {
            let waits = matches!(entry.task.state, TaskState::Due | TaskState::Waiting | TaskState::Calling);
            let customer = self.customers.get(&entry.task.customer);
            let theirs =
                customer.is_some_and(|customer| customer.row.numbers_of(&entry.task.role).contains(number));
            waits && theirs && self.calls(entry.task.plan)
        };
        let called = |entry: &TaskEntry| {
            let made = self.attempts_of(entry.task.id);
            let last = made
                .filter(|made| made.direction == Direction::Outbound)
                .map(|made| (made.number == *number, made.id))
                .max()?;
            Some((last, entry.task.id))
        };
        let theirs = self.customers.index().of_number.of(number).iter();
        theirs
            .filter(|customer| !self.dead.has(**customer, number) && !self.opted_out(**customer))
            .flat_map(|customer| self.tasks_of(*customer))
            .filter(open)
            .filter_map(called)
            .max()
            .map(|(_, task)| task)
    }

    /// Counted attempts on the customer and on the customer's numbers.
    pub(super) fn recent(&self, id: CustomerId, span: Duration) -> Result<Vec<Recent>, StoreError> {
        let customer = self.customer(id)?;
        let since = self.now - span;
        let counts = |made: &&Attempt| {
            let outbound = made.direction == Direction::Outbound;
            let ours = made.started_at > since && !self.rehearsals.contains_key(&made.id);
            outbound && ours && made.reason.is_none_or(Reason::counts)
        };
        let index = self.attempts.index();
        let on_numbers = customer.row.everybody().flat_map(|number| index.of_number.of(number));
        let late = index.of_customer.of(&id).iter().chain(on_numbers).filter(|(at, _)| *at > since);
        let mut ids: Vec<AttemptId> = late.map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        let recent = |made: &Attempt| Recent {
            attempt: made.id,
            number: made.number.clone(),
            started_at: made.started_at,
            on_customer: made.customer.is_none_or(|customer| customer == id),
        };
        let made = ids.iter().filter_map(|id| self.attempts.get(id)).map(Arc::as_ref);
        Ok(made.filter(counts).map(recent).collect())
    }

    fn open(
        &mut self,
        fresh: &NewAttempt,
        direction: Direction,
        of: Option<&Claim>,
    ) -> Result<Opened, StoreError> {
        let customer = of.map(|claim| claim.task.customer);
        if fresh.lent.is_some_and(|lending| !self.lends(lending)) {
            return Ok(Err(OpenRefusal::LineLost));
        }
        let index = self.attempts.index();
        let on_customer = customer.iter().flat_map(|customer| index.of_customer.of(customer));
        let others = index.of_number.of(&fresh.number).iter().chain(on_customer);
        let open = others
            .filter(|(_, id)| index.open.contains(id) && *id != fresh.id)
            .filter_map(|(_, id)| self.attempts.get(id))
            .map(|other| other.alive_until)
            .max();
        if let Some(until) = open {
            return Ok(Err(OpenRefusal::AlreadyOpen { until }));
        }
        if self.attempts.contains_key(&fresh.id) {
            return Err(conflict(format!("the attempt {} exists already: take a fresh id", fresh.id)));
        }
        let attempt = Attempt {
            id: fresh.id,
            task: of.map(|claim| claim.task.id),
            plan: of.map(|claim| claim.task.plan),
            customer,
            direction,
            number: fresh.number.clone(),
            trunk: fresh.trunk.clone(),
            caller: fresh.caller.clone(),
            started_at: self.now,
            answered_at: None,
            ended_at: None,
            alive_until: self.now + fresh.longest,
            reason: None,
            evidence: Evidence::default(),
        };
        self.attempts.insert(attempt.id, attempt.clone());
        if let Some(lending) = fresh.lent {
            self.lent.insert(attempt.id, lending);
        }
        Ok(Ok(attempt))
    }

    pub(super) fn close(&mut self, id: AttemptId, fence: i64, closing: &Closing) -> Result<(), StoreError> {
        let now = self.now;
        let kept = Arc::clone(self.attempt(id)?);
        let superseding = match kept.reason {
            None => false,
            Some(Reason::Unknown) if closing.reason != Reason::Unknown => true,
            Some(_) => return Ok(()),
        };
        let ended_at = kept.ended_at.unwrap_or(now);
        let answered_at = closing.answered_at.map(|at| at.max(kept.started_at).min(ended_at));
        let (task, customer, number) = (kept.task, kept.customer, kept.number.clone());
        let direction = kept.direction;
        let closed = Attempt {
            reason: Some(closing.reason),
            evidence: closing.evidence.clone(),
            ended_at: Some(ended_at),
            answered_at,
            ..Attempt::clone(&kept)
        };
        self.attempts.insert(id, closed);
        if let Some(customer) = customer.filter(|_| closing.number_dead) {
            self.dead.mark(customer, number);
        }
        match task {
            Some(task) => self.follow(task, (id, direction), fence, closing, superseding),
            None => Ok(()),
        }
    }

    /// What follows for the task and its item of the queue.
    fn follow(
        &mut self,
        task: TaskId,
        (attempt, direction): (AttemptId, Direction),
        fence: i64,
        closing: &Closing,
        superseding: bool,
    ) -> Result<(), StoreError> {
        let counted = self.tasks.change(&task, |entry| {
            if superseding && direction.counts(Reason::Unknown) {
                entry.task.attempts = entry.task.attempts.saturating_sub(1);
            }
            entry.task.attempts += u32::from(direction.counts(closing.reason));
        });
        let Some(entry) = self.tasks.get(&task).filter(|_| counted.is_some()).cloned() else { return Ok(()) };
        let now = self.now;
        let item = self.item_of(task);
        let holds = entry.fence == fence && still_moves(&entry, superseding, item);
        let settled = item.filter(|item| {
            let only_unknown = item.content.cause == CallbackCause::Unknown && item.attempt == Some(attempt);
            superseding && holds && only_unknown
        });
        match (settled.map(|item| item.id), &closing.callback) {
            (Some(item), Some(callback)) => {
                self.callbacks.change(&item, |item| item.content = callback.clone());
            }
            (Some(item), None) => {
                self.callbacks.change(&item, |item| {
                    item.state = CallbackState::Done;
                    item.done_at = Some(now);
                    item.note = Some(format!("the outcome of the call became known: {}", closing.reason));
                });
            }
            (None, Some(callback)) => self.queue(&entry.task, Some(attempt), callback),
            (None, None) => {}
        }
        if !holds {
            return Ok(());
        }
        let opted_out = self.opted_out(entry.task.customer);
        let with = With { attempt: Some(attempt), ..With::default() };
        if rules::goes_on(&closing.next, opted_out) {
            self.moved(task, Some(TaskState::Calling), closing.because.clone(), with);
            return Ok(());
        }
        let state = rules::after_attempt(&closing.next, opted_out)?;
        let wanting = state == TaskState::WithPerson && rules::needs_item(&closing.next);
        if wanting && self.item_of(task).is_none() {
            return Err(rules::nobody_would_see_it());
        }
        self.move_task(task, state, &closing.next, &closing.because, with);
        Ok(())
    }
}

/// Whether a closing with the right fence may move the task.
fn still_moves(entry: &TaskEntry, superseding: bool, item: Option<&Callback>) -> bool {
    if superseding {
        matches!(entry.task.state, TaskState::Waiting | TaskState::WithPerson)
            && item.is_none_or(|item| item.state == CallbackState::Open)
    } else {
        entry.task.state == TaskState::Calling
    }
}
