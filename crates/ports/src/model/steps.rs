//! Steps of the ladder, and their port on the model.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use records::{
    AccountId, Because, CallbackCause, Claim, Climb, Customer, Mode, Move, MoveRule, Number, PlanId, Step,
    StepForm, StepId, StepKind, StepState, TaskId, TaskState,
};

use super::Model;
use super::moves::With;
use super::state::{State, missing};
use crate::{Page, PageOf, Shares, StepEnd, StepFilter, StepRow, Steps, StoreError, rules};

impl State {
    pub(super) fn open_step(&mut self, task: TaskId, climb: Climb) -> StepId {
        self.leave_steps(task);
        let id = StepId(self.fresh());
        let of = &self.tasks.get(&task).expect("a task that climbs is there").task;
        let step = Step {
            id,
            task,
            plan: of.plan,
            customer: of.customer,
            rung: climb.rung,
            kind: climb.step,
            state: StepState::Open,
            opened_at: self.now,
            due_at: climb.at,
            taken_by: None,
            taken_at: None,
            carried_at: None,
            done_at: None,
            outcome: None,
            form: None,
            note: None,
            by: None,
        };
        self.steps.insert(id, step);
        id
    }

    /// Steps of a task that went elsewhere are done.
    pub(super) fn leave_steps(&mut self, task: TaskId) {
        let now = self.now;
        for id in self.steps.index().of_task.of(&task).to_vec() {
            if self.steps.get(&id).is_none_or(|step| step.state == StepState::Done) {
                continue;
            }
            self.steps.change(&id, |step| {
                step.state = StepState::Done;
                step.done_at = Some(now);
                step.outcome = Some(records::StepOutcome::Failed);
                step.note = Some("the task went elsewhere".to_owned());
            });
        }
    }

    fn step(&self, id: StepId) -> Result<Step, StoreError> {
        self.steps.get(&id).map(|step| Step::clone(step)).ok_or_else(|| missing("step", id))
    }

    fn undone(&self, id: StepId, by: Option<AccountId>, form: Option<&StepForm>) -> Result<Step, StoreError> {
        let step = self.step(id)?;
        rules::may_work(&step, by)?;
        form.map_or(Ok(()), |form| rules::fits(form, step.kind))?;
        Ok(step)
    }

    fn take_step(&mut self, id: StepId, by: AccountId) -> Result<Step, StoreError> {
        let step = self.undone(id, Some(by), None)?;
        if step.taken_by.is_some() {
            return Ok(step);
        }
        let taken = Step { taken_by: Some(by), taken_at: Some(self.now), ..step };
        self.steps.insert(id, taken.clone());
        Ok(taken)
    }

    fn carry_step(&mut self, id: StepId, by: AccountId, form: &StepForm) -> Result<Step, StoreError> {
        let step = self.undone(id, Some(by), Some(form))?;
        let carried = Step {
            state: StepState::Carried,
            carried_at: Some(self.now),
            form: Some(form.clone()),
            by: Some(by),
            ..step
        };
        self.steps.insert(id, carried.clone());
        let from = self.tasks.get(&carried.task).map(|entry| entry.task.state);
        let with = With { step: Some(id), by: Some(by), ..With::default() };
        self.moved(carried.task, from, Because::of(MoveRule::StepCarried), with);
        Ok(carried)
    }

    fn finish_step(&mut self, id: StepId, end: &StepEnd) -> Result<Step, StoreError> {
        let step = self.undone(id, end.by, end.form.as_ref())?;
        let done = Step {
            state: StepState::Done,
            done_at: Some(self.now),
            outcome: Some(end.outcome),
            form: end.form.clone().or(step.form),
            note: end.note.clone(),
            by: end.by.or(step.by),
            ..step
        };
        self.steps.insert(id, done.clone());
        if let Some(StepForm::Reconfirm { numbers, .. }) = &end.form {
            self.confirm(&done, numbers)?;
        }
        let entry = self.tasks.get(&done.task).ok_or_else(|| missing("task", done.task))?;
        let waits_here = entry.task.state == TaskState::WithPerson && entry.task.rung == done.rung;
        if waits_here {
            let with = With { step: Some(id), by: end.by, ..With::default() };
            self.go_onward(done.task, &end.onward, with)?;
        }
        Ok(done)
    }

    /// Moves a task up or to its end, and takes the fence from whoever had it.
    pub(super) fn go_onward(
        &mut self,
        task: TaskId,
        onward: &records::Onward,
        with: With,
    ) -> Result<(), StoreError> {
        let taken = self.tasks.change(&task, |entry| {
            entry.fence += 1;
            entry.task.clone()
        });
        let of = taken.ok_or_else(|| missing("task", task))?;
        let state = rules::after_attempt(&onward.next, self.opted_out(of.customer))?;
        if let Some(callback) = &onward.callback {
            self.queue(&of, None, callback);
        }
        if state == TaskState::WithPerson && rules::needs_item(&onward.next) && self.item_of(task).is_none() {
            return Err(rules::nobody_would_see_it());
        }
        self.move_task(task, state, &onward.next, &onward.because, with);
        Ok(())
    }

    /// Numbers the business side confirmed live again; those it added come last.
    fn confirm(&mut self, step: &Step, numbers: &[Number]) -> Result<(), StoreError> {
        self.dead.unmark(step.customer, |number| numbers.contains(number));
        let mut changed = Customer::clone(self.customer(step.customer)?);
        for number in numbers {
            if !changed.row.numbers.contains(number) {
                changed.row.numbers.push(number.clone());
                self.added.mark(step.customer, number.clone());
            }
        }
        self.keep_customer(changed);
        Ok(())
    }

    fn open_steps(&self, filter: StepFilter, page: Page) -> Result<PageOf<StepRow>, StoreError> {
        let wanted = |step: &&Step| {
            step.state != StepState::Done
                && filter.plan.is_none_or(|plan| step.plan == plan)
                && filter.kind.is_none_or(|kind| step.kind == kind)
                && page.before.is_none_or(|before| step.id.0 < before)
        };
        let limit = page.limit.max(1) as usize;
        let found: Vec<&Step> =
            self.steps.values().rev().map(Arc::as_ref).filter(wanted).take(limit + 1).collect();
        let next = (found.len() > limit).then(|| found[limit - 1].id.0);
        let row = |step: &&Step| {
            Ok(StepRow {
                customer_name: self.customer(step.customer)?.row.name.clone(),
                plan_name: self.plan(step.plan)?.content.name.clone(),
                step: Step::clone(step),
            })
        };
        let items = found.iter().take(limit).map(row).collect::<Result<_, StoreError>>()?;
        Ok(PageOf { items, next })
    }

    /// The ways a task came to, beside calls of the service: by steps of the ladder, and by items of the queue that say how
    /// people are to reach the customer.
    pub(super) fn ways(&self, task: TaskId) -> BTreeSet<Mode> {
        let steps = self.steps.index().of_task.of(&task).iter().filter_map(|id| self.steps.get(id));
        let by_step = steps.filter_map(|step| match step.kind {
            StepKind::Visit => Some(Mode::Visit),
            StepKind::Letter => Some(Mode::Letter),
            StepKind::Message => Some(Mode::Message),
            StepKind::Phone | StepKind::Callback | StepKind::Reconfirm => None,
        });
        let items = self.callbacks.index().of_task.of(&task).iter().filter_map(|id| self.callbacks.get(id));
        let by_item = items.filter_map(|item| match item.content.cause {
            CallbackCause::ByPlan { mode } => Some(mode),
            _ => None,
        });
        by_step.chain(by_item).collect()
    }

    fn shares(&self, plan: PlanId) -> Shares {
        let mut shares = Shares::default();
        for entry in self.tasks.values().filter(|entry| entry.task.plan == plan) {
            let ways = self.ways(entry.task.id);
            let called = self
                .attempts_of(entry.task.id)
                .any(|made| made.reason.is_none_or(|reason| made.direction.counts(reason)));
            let (visited, wrote, sent) =
                (ways.contains(&Mode::Visit), ways.contains(&Mode::Letter), ways.contains(&Mode::Message));
            shares.made += u64::from(called || !ways.is_empty());
            shares.visits_and_letters += u64::from(visited || wrote);
            shares.visits += u64::from(visited);
            shares.letters += u64::from(wrote);
            shares.messages += u64::from(sent);
        }
        shares
    }
}

#[async_trait]
impl Steps for Model {
    async fn moves(&self, task: TaskId) -> Result<Vec<Move>, StoreError> {
        self.read(|state| state.moves_of(task))
    }

    async fn case(&self, task: TaskId) -> Result<Claim, StoreError> {
        self.read(|state| state.case(task))
    }

    async fn step(&self, id: StepId) -> Result<Step, StoreError> {
        self.read(|state| state.step(id))
    }

    async fn open_steps(&self, filter: StepFilter, page: Page) -> Result<PageOf<StepRow>, StoreError> {
        self.read(|state| state.open_steps(filter, page))
    }

    async fn take_step(&self, id: StepId, by: AccountId) -> Result<Step, StoreError> {
        self.write(|state| state.take_step(id, by))
    }

    async fn carry_step(&self, id: StepId, by: AccountId, form: &StepForm) -> Result<Step, StoreError> {
        self.write(|state| state.carry_step(id, by, form))
    }

    async fn finish_step(&self, id: StepId, end: &StepEnd) -> Result<Step, StoreError> {
        self.write(|state| state.finish_step(id, end))
    }

    async fn lapsed_steps(&self, limit: u32) -> Result<Vec<Step>, StoreError> {
        self.read(|state| {
            let over = state.steps.index().lapsing.iter().take_while(|(due, _)| *due <= state.now);
            over.take(limit as usize).map(|(_, id)| state.step(*id)).collect()
        })
    }

    async fn shares(&self, plan: PlanId) -> Result<Shares, StoreError> {
        self.read(|state| Ok(state.shares(plan)))
    }
}
