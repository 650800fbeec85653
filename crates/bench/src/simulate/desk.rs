//! People and other channels: they work off the call-back queue and carry out the steps of the ladder, as the console
//! lets them (`web/src/act/steps.rs`).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc, Weekday};
use plan::Case;
use ports::{StepEnd, Steps as _, Store as _, StoreError};
use rand::RngExt as _;
use records::{
    Callback, CallbackCause, CallbackId, CallbackOutcome, CallbackState, Claim, Climb, NextStep, Number,
    Onward, Reason, Step, StepForm, StepId, StepKind, StepOutcome, TaskId,
};

use super::SimulateError;
use super::agenda::Event;
use super::population;
use super::world::{HOME, World, author};

/// Items that one person sees to in an hour.
const ITEMS_AN_HOUR: u32 = 6;

/// The call-back queue as people see it: the gravest and the most urgent first.
pub(super) struct Desk {
    agents: u32,
    items: BinaryHeap<Reverse<(i16, DateTime<Utc>, CallbackId)>>,
    known: HashSet<CallbackId>,
    at_work: bool,
    /// Numbers looked up so far, so that each is another.
    looked_up: usize,
}

impl Desk {
    pub(super) fn of(agents: u32) -> Self {
        Self { agents, items: BinaryHeap::new(), known: HashSet::new(), at_work: false, looked_up: 0 }
    }

    fn hand(&mut self, item: &Callback) {
        if self.known.insert(item.id) {
            self.items.push(Reverse((item.content.priority, item.content.due_at, item.id)));
        }
    }

    fn next(&mut self) -> Option<CallbackId> {
        let Reverse((.., id)) = self.items.pop()?;
        self.known.remove(&id);
        Some(id)
    }
}

/// What is known of a task that goes up.
struct Around {
    claim: Claim,
    numbers: usize,
    last: Option<Reason>,
}

impl Around {
    fn case<'a>(&'a self, world: &'a World) -> Case<'a> {
        let policy = &self.claim.plan.content.policy;
        Case::of(policy, &world.calendar, self.claim.customer.row.zone(), world.now, &self.claim.task)
    }

    fn told(&self) -> CallbackCause {
        match (self.last, self.numbers) {
            (Some(last), 0) => CallbackCause::ReconfirmNumber { last },
            (last, _) => CallbackCause::Exhausted { last: last.unwrap_or(Reason::Cancelled) },
        }
    }
}

impl World {
    async fn around(&self, task: TaskId) -> Result<Around, SimulateError> {
        let claim = self.store.case(task).await?;
        let numbers = self.store.numbers_to_call(&claim).await?.len();
        let last = self.store.history(task).await?.iter().rev().find_map(|made| made.reason);
        Ok(Around { claim, numbers, last })
    }

    /// A task has moved: whoever has to do with it from here is told.
    pub(super) fn moved(&mut self, claim: &Claim, next: &NextStep) {
        if let Some(item) = self.store.open_item(claim.task.id) {
            self.desk.hand(&item);
            self.call_people();
        }
        let elsewhere = |climb: &Climb| !matches!(climb.step, StepKind::Phone | StepKind::Callback);
        if matches!(next, NextStep::Climb(climb) if elsewhere(climb)) {
            self.carry_out(claim);
        }
    }

    fn call_people(&mut self) {
        if !self.desk.at_work {
            self.desk.at_work = true;
            self.agenda.enter(working_hour(self.now + TimeDelta::minutes(20)), Event::People);
        }
    }

    /// An hour's share of the queue.
    pub(super) async fn people_work(&mut self) -> Result<(), SimulateError> {
        self.desk.at_work = false;
        for _ in 0..self.desk.agents * ITEMS_AN_HOUR {
            let Some(id) = self.desk.next() else { break };
            self.see_to(id).await?;
        }
        if !self.desk.items.is_empty() {
            self.desk.at_work = true;
            self.agenda.enter(working_hour(self.now + TimeDelta::hours(1)), Event::People);
        }
        Ok(())
    }

    async fn see_to(&mut self, id: CallbackId) -> Result<(), SimulateError> {
        let item = self.store.callback(id).await?;
        if item.state == CallbackState::Done {
            return Ok(());
        }
        self.store.take_callback(id, author()).await?;
        let around = self.around(item.task).await?;
        let outcome = self.person_reached(&item, around.claim.customer.opt_out.is_some());
        let onward = plan::after_callback(&around.case(self), outcome, around.numbers, around.told());
        self.store.finish_callback(id, author(), outcome, "", onward.as_ref()).await?;
        self.tally.by_people += 1;
        if let Some(onward) = onward {
            self.moved(&around.claim, &onward.next);
        }
        Ok(())
    }

    fn person_reached(&mut self, item: &Callback, opted_out: bool) -> CallbackOutcome {
        let by_plan = matches!(item.content.cause, CallbackCause::ByPlan { .. });
        match self.chance.random_range(0..100) {
            0..30 if opted_out => CallbackOutcome::Refused,
            0..90 if by_plan => CallbackOutcome::Succeeded,
            0..52 => CallbackOutcome::Succeeded,
            52..60 => CallbackOutcome::Refused,
            60..66 if !opted_out => CallbackOutcome::TryAgain,
            _ => CallbackOutcome::Exhausted,
        }
    }

    /// A step was opened: it is carried out, and answered some days later or never.
    fn carry_out(&mut self, claim: &Claim) {
        let Some(step) = self.store.open_step(claim.task.id) else { return };
        let (answers, days) = match step.kind {
            StepKind::Reconfirm => (90, 1..5),
            StepKind::Message => (25, 1..7),
            StepKind::Visit => (75, 2..15),
            _ => (40, 5..30),
        };
        if self.chance.random_range(0..100) < answers {
            let after = TimeDelta::days(self.chance.random_range(days));
            let at = working_hour(self.now + after);
            self.agenda.enter(at, Event::Answer(step.id));
        }
    }

    /// A step is answered.
    pub(super) async fn answer(&mut self, id: StepId) -> Result<(), SimulateError> {
        let step = self.store.step(id).await?;
        let around = self.around(step.task).await?;
        let (outcome, form) = self.answered(&step, &around.claim);
        let confirmed = match &form {
            Some(StepForm::Reconfirm { numbers, .. }) => numbers.len(),
            _ => 0,
        };
        self.finish_step(&step, &around, outcome, form, around.numbers.max(confirmed)).await
    }

    fn answered(&mut self, step: &Step, claim: &Claim) -> (StepOutcome, Option<StepForm>) {
        let lot = self.chance.random_range(0..100);
        match step.kind {
            StepKind::Reconfirm if lot < 80 => {
                let numbers = self.confirmed(claim, lot < 60);
                let form = StepForm::Reconfirm { numbers, confirmed_by: "branch".to_owned() };
                (StepOutcome::Confirmed, Some(form))
            }
            StepKind::Reconfirm => (StepOutcome::Failed, None),
            _ if lot < 85 => (StepOutcome::Succeeded, None),
            _ if lot < 92 => (StepOutcome::Refused, None),
            _ => (StepOutcome::Failed, None),
        }
    }

    /// What the business side knows of the customer's numbers: another one, or those on file.
    fn confirmed(&mut self, claim: &Claim, another: bool) -> Vec<Number> {
        if !another {
            return claim.customer.row.numbers.clone();
        }
        self.desk.looked_up += 1;
        vec![population::corrected(population::place(&claim.customer.row), self.desk.looked_up)]
    }

    async fn finish_step(
        &mut self,
        step: &Step,
        around: &Around,
        outcome: StepOutcome,
        form: Option<StepForm>,
        numbers: usize,
    ) -> Result<(), SimulateError> {
        let case = Case { rung: step.rung, ..around.case(self) };
        let onward: Onward = plan::after_step(&case, outcome, numbers, around.told());
        let by = (outcome != StepOutcome::Lapsed).then(author);
        let end = StepEnd { outcome, form, note: None, by, onward };
        match self.store.finish_step(step.id, &end).await {
            Ok(_) => {}
            // It lapsed, or the task went elsewhere, before the answer came.
            Err(StoreError::Conflict(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        self.tally.steps += 1;
        self.moved(&around.claim, &end.onward.next);
        Ok(())
    }

    /// Steps whose time is over (`app/ladder.rs`).
    pub(super) async fn lapse(&mut self) -> Result<(), SimulateError> {
        loop {
            let lapsed = self.store.lapsed_steps(200).await?;
            if lapsed.is_empty() {
                return Ok(());
            }
            for step in lapsed {
                let around = self.around(step.task).await?;
                let numbers = around.numbers;
                self.finish_step(&step, &around, StepOutcome::Lapsed, None, numbers).await?;
            }
        }
    }
}

/// That moment, or when people come to work after it.
fn working_hour(at: DateTime<Utc>) -> DateTime<Utc> {
    let mut at = at;
    loop {
        let local = at.with_timezone(&HOME);
        let weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
        if !weekend && (9..18).contains(&local.hour()) {
            return at;
        }
        at += TimeDelta::hours(1);
    }
}
