//! The store port, each operation handed to its aggregate: reads on a connection, writes in a transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::{
    Ask, Closing, Evaluation, ImportReport, InboundCall, KeptTasks, Listed, ManualCall, NewAttempt,
    NewQuestionnaire, NewRecording, OpenRefusal, Outlook, Page, PageOf, Planning, RangBack, Shares, Standing,
    StepEnd, StepFilter, StepRow, Steps, Store, StoreError, Summary, Switch, rules,
};
use records::{
    AccountId, Attempt, AttemptId, Because, Callback, CallbackId, CallbackOutcome, Claim, Customer,
    CustomerId, CustomerRow, Fact, Move, NewPlan, Number, Onward, Plan, PlanId, Recent, Recording,
    RecordingId, Step, StepForm, StepId, TaskId,
};

use crate::error::{Trouble, is_lost};
use crate::transact::{Frame, Locks};
use crate::{
    Postgres, attempts, callbacks, claims, closing, customers, due, facts, imports, listing, moves, numbers,
    opening, opt_outs, planning, plans, questionnaires, recordings, steps, trail, waivers,
};

/// Runs `$work` on a connection, and once more where that was found dead.
macro_rules! read {
    ($self:ident, |$connection:ident| $work:expr) => {{
        let mut again = true;
        loop {
            let mut reader = $self.reader().await?;
            let $connection = &mut *reader;
            match $work.await {
                Err(Trouble::Sql(error)) if again && is_lost(&error) => {
                    $self.lending.doubt();
                    again = false;
                }
                outcome => {
                    let outcome = outcome?;
                    reader.done();
                    return Ok(outcome);
                }
            }
        }
    }};
}

/// Runs `$work` in a transaction or in the frame given, with the named arguments copied so that it can be repeated.
macro_rules! write {
    ($self:ident, [$($name:ident = $value:expr),*] |$connection:ident| $work:expr) => {
        write!($self, Frame::Transaction(Locks::default()), [$($name = $value),*] |$connection| $work)
    };
    ($self:ident, $frame:expr, [$($name:ident = $value:expr),*] |$connection:ident| $work:expr) => {{
        let arguments = Arc::new(($($value,)*));
        $self
            .write($frame, move |$connection| {
                let arguments = Arc::clone(&arguments);
                Box::pin(async move {
                    let ($($name,)*) = &*arguments;
                    $work.await
                })
            })
            .await
    }};
}

pub(crate) use {read, write};

#[async_trait]
impl Store for Postgres {
    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        read!(self, |connection| trail::now(connection))
    }

    async fn import_customers(&self, rows: &[CustomerRow]) -> Result<ImportReport, StoreError> {
        let rows = rules::importable(rows)?;
        let key = self.number_key;
        write!(
            self,
            Frame::ManyRows,
            [rows = rows] | connection | imports::directly(connection, key.as_ref(), rows)
        )
    }

    async fn customer(&self, id: CustomerId) -> Result<Customer, StoreError> {
        read!(self, |connection| customers::one(connection, id))
    }

    async fn opt_out(&self, customer: CustomerId, source: &str) -> Result<(), StoreError> {
        write!(
            self,
            [source = source.to_owned()] | connection | {
                opt_outs::of_customer(connection, customer.0, None, source)
            }
        )
    }

    async fn publish_questionnaire(&self, questionnaire: &NewQuestionnaire) -> Result<(), StoreError> {
        write!(
            self,
            [fresh = questionnaire.clone()] | connection | { questionnaires::publish(connection, fresh) }
        )
    }

    async fn questionnaire(&self, version: &str) -> Result<NewQuestionnaire, StoreError> {
        read!(self, |connection| questionnaires::read(connection, version))
    }

    async fn create_plan(&self, id: PlanId, plan: &NewPlan, by: AccountId) -> Result<Plan, StoreError> {
        write!(self, [plan = plan.clone()] | connection | plans::create(connection, id, plan, by))
    }

    async fn approve_plan(&self, id: PlanId, by: AccountId, own_allowed: bool) -> Result<Plan, StoreError> {
        write!(self, [] | connection | plans::approve(connection, id, by, own_allowed))
    }

    async fn start_plan(&self, id: PlanId) -> Result<u64, StoreError> {
        write!(self, Frame::ManyRows, [] | connection | plans::start(connection, id))
    }

    async fn pause_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        write!(self, [] | connection | plans::pause(connection, id))
    }

    async fn resume_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        write!(self, [] | connection | plans::resume(connection, id))
    }

    async fn stop_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        write!(self, [] | connection | plans::stop(connection, id))
    }

    async fn plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        read!(self, |connection| plans::one(connection, id))
    }

    async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        read!(self, |connection| plans::all(connection))
    }

    async fn outlook(&self, most: u32) -> Result<Outlook, StoreError> {
        read!(self, |connection| due::outlook(connection, most))
    }

    async fn claim(&self, node: &str, asks: &[Ask], lease: Duration) -> Result<Vec<Claim>, StoreError> {
        write!(
            self,
            Frame::ManyRows,
            [node = node.to_owned(), asks = asks.to_vec()] | connection | {
                claims::claim(connection, node, asks, lease)
            }
        )
    }

    async fn reclaim(&self) -> Result<u64, StoreError> {
        write!(self, Frame::Statement, [] | connection | claims::reclaim(connection))
    }

    async fn heartbeat(&self, node: &str, lease: Duration) -> Result<u64, StoreError> {
        write!(
            self,
            Frame::ManyRows,
            [node = node.to_owned()] | connection | claims::heartbeat(connection, node, lease)
        )
    }

    async fn release(&self, claim: &Claim, at: DateTime<Utc>, because: &Because) -> Result<(), StoreError> {
        write!(
            self,
            [claim = claim.clone(), because = because.clone()] | connection | {
                claims::release(connection, claim, at, because)
            }
        )
    }

    async fn settle(&self, claim: &Claim, onward: &Onward) -> Result<(), StoreError> {
        write!(
            self,
            [claim = claim.clone(), onward = onward.clone()] | connection | {
                claims::settle(connection, claim, onward)
            }
        )
    }

    async fn history(&self, task: TaskId) -> Result<Vec<Summary>, StoreError> {
        read!(self, |connection| attempts::history(connection, task))
    }

    async fn live_numbers(&self, customer: CustomerId) -> Result<Vec<Number>, StoreError> {
        read!(self, |connection| numbers::live_of_known(connection, customer))
    }

    async fn numbers_to_call(&self, claim: &Claim) -> Result<Vec<Number>, StoreError> {
        read!(self, |connection| numbers::live(connection, claim.task.customer, &claim.task.role))
    }

    async fn recent(&self, customer: CustomerId, span: Duration) -> Result<Vec<Recent>, StoreError> {
        read!(self, |connection| attempts::recent(connection, customer, span))
    }

    async fn standing(&self, claim: &Claim) -> Result<Standing, StoreError> {
        let calls = self.in_call();
        read!(calls, |connection| attempts::standing(connection, claim))
    }

    async fn open_attempt(
        &self,
        claim: &Claim,
        attempt: &NewAttempt,
    ) -> Result<Result<Attempt, OpenRefusal>, StoreError> {
        let calls = self.in_call();
        let opened = write!(
            calls,
            Frame::Statement,
            [claim = claim.clone(), attempt = attempt.clone()] | connection | {
                opening::at_once(connection, claim, attempt)
            }
        )?;
        if let Some(opened) = opened {
            return Ok(Ok(opened));
        }
        write!(
            calls,
            Frame::Transaction(opening::locks(claim, attempt)),
            [claim = claim.clone(), attempt = attempt.clone()] | connection | {
                opening::planned(connection, claim, attempt)
            }
        )
    }

    async fn open_manual(&self, call: &ManualCall) -> Result<Result<Attempt, OpenRefusal>, StoreError> {
        let key = self.number_key;
        write!(
            self,
            Frame::Transaction(Locks { number: opening::key(&call.attempt.number), ..Locks::default() }),
            [call = call.clone()] | connection | opening::manual(connection, key.as_ref(), call)
        )
    }

    async fn open_inbound(&self, call: &InboundCall) -> Result<Result<RangBack, OpenRefusal>, StoreError> {
        write!(self, [call = call.clone()] | connection | opening::inbound(connection, call))
    }

    async fn note(&self, attempt: AttemptId, facts: &[Fact]) -> Result<(), StoreError> {
        let calls = self.in_call();
        write!(
            calls,
            facts::frame(facts),
            [facts = facts.to_vec()] | connection | facts::note(connection, attempt, facts)
        )
    }

    async fn close_attempt(
        &self,
        attempt: AttemptId,
        fence: i64,
        closing: &Closing,
    ) -> Result<(), StoreError> {
        let calls = self.in_call();
        if let Some(moved) = closing::as_usual(closing) {
            let ended = write!(
                calls,
                Frame::Statement,
                [end = closing.clone(), moved = moved] | connection | {
                    closing::at_once(connection, attempt, fence, (end, moved))
                }
            )?;
            if ended {
                return Ok(());
            }
        }
        write!(
            calls,
            Frame::Transaction(Locks { ending: Some(attempt), ..Locks::default() }),
            [end = closing.clone()] | connection | { closing::close(connection, attempt, fence, end) }
        )
    }

    async fn overdue_attempts(&self) -> Result<Vec<Attempt>, StoreError> {
        read!(self, |connection| attempts::overdue(connection))
    }

    async fn claim_of(&self, attempt: AttemptId) -> Result<Option<Claim>, StoreError> {
        read!(self, |connection| attempts::claim_of(connection, attempt))
    }

    async fn attempt(&self, id: AttemptId) -> Result<Attempt, StoreError> {
        read!(self, |connection| attempts::one(connection, id))
    }

    async fn facts(&self, attempt: AttemptId) -> Result<Vec<Fact>, StoreError> {
        read!(self, |connection| facts::of(connection, attempt))
    }

    async fn file_recording(&self, recording: &NewRecording) -> Result<(), StoreError> {
        let calls = self.in_call();
        write!(
            calls,
            Frame::Statement,
            [fresh = recording.clone()] | connection | recordings::file(connection, fresh)
        )
    }

    async fn recording(&self, id: RecordingId) -> Result<Recording, StoreError> {
        read!(self, |connection| recordings::one(connection, id))
    }

    async fn unrecorded_attempts(&self, since: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
        read!(self, |connection| attempts::unrecorded(connection, since))
    }

    async fn callback(&self, id: CallbackId) -> Result<Callback, StoreError> {
        read!(self, |connection| callbacks::one(connection, id))
    }

    async fn take_callback(&self, id: CallbackId, by: AccountId) -> Result<Callback, StoreError> {
        write!(self, [] | connection | callbacks::take(connection, id, by))
    }

    async fn finish_callback(
        &self,
        id: CallbackId,
        by: AccountId,
        outcome: CallbackOutcome,
        note: &str,
        onward: Option<&Onward>,
    ) -> Result<Callback, StoreError> {
        write!(
            self,
            [note = note.to_owned(), onward = onward.cloned()] | connection | {
                callbacks::finish(connection, id, by, outcome, (note, onward.as_ref()))
            }
        )
    }

    async fn switch(&self) -> Result<Switch, StoreError> {
        read!(self, |connection| trail::switch(connection))
    }

    async fn set_switch(&self, calling: bool, by: &str) -> Result<Switch, StoreError> {
        write!(self, [by = by.to_owned()] | connection | trail::set_switch(connection, calling, by))
    }

    async fn trail(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        // Not repeated: it might stand there twice.
        Ok(trail::write(&mut *self.reader().await?, actor, action, subject, &detail).await?)
    }
}

#[async_trait]
impl Planning for Postgres {
    async fn go_on_listing(&self, limit: u32) -> Result<Option<Listed>, StoreError> {
        write!(self, Frame::ManyRows, [] | connection | listing::go_on(connection, limit))
    }

    async fn take_evaluation(&self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError> {
        write!(self, [node = node.to_owned()] | connection | planning::take(connection, node, lease))
    }

    async fn next_customers(&self, round: &Evaluation, limit: u32) -> Result<Vec<Customer>, StoreError> {
        read!(self, |connection| planning::customers_of(connection, round, limit))
    }

    async fn keep_tasks(
        &self,
        round: &mut Evaluation,
        wanted: &[(CustomerId, Vec<plan::Occasion>)],
        lease: Duration,
    ) -> Result<KeptTasks, StoreError> {
        let last = wanted.iter().map(|(id, _)| *id).max();
        let done = write!(
            self,
            Frame::ManyRows,
            [round = round.clone(), wanted = wanted.to_vec()] | connection | {
                planning::keep(connection, round, wanted, lease)
            }
        )?;
        round.after = last.or(round.after);
        Ok(done)
    }

    async fn finish_evaluation(&self, round: &Evaluation) -> Result<(), StoreError> {
        write!(self, [round = round.clone()] | connection | planning::finish(connection, round))
    }

    async fn customers_after(
        &self,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<Customer>, StoreError> {
        read!(self, |connection| planning::customers_after(connection, after, limit))
    }

    async fn exemptions(
        &self,
        plan: PlanId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Vec<plan::Exemption>>, StoreError> {
        let ids: Vec<_> = customers.iter().map(|customer| customer.0).collect();
        read!(self, |connection| waivers::exemptions(connection, plan, &ids))
    }
}

#[async_trait]
impl Steps for Postgres {
    async fn moves(&self, task: TaskId) -> Result<Vec<Move>, StoreError> {
        read!(self, |connection| moves::of(connection, task))
    }

    async fn case(&self, task: TaskId) -> Result<Claim, StoreError> {
        read!(self, |connection| steps::case(connection, task))
    }

    async fn step(&self, id: StepId) -> Result<Step, StoreError> {
        read!(self, |connection| steps::one(connection, id))
    }

    async fn open_steps(&self, filter: StepFilter, page: Page) -> Result<PageOf<StepRow>, StoreError> {
        read!(self, |connection| steps::list(connection, filter, page))
    }

    async fn take_step(&self, id: StepId, by: AccountId) -> Result<Step, StoreError> {
        write!(self, [] | connection | steps::take(connection, id, by))
    }

    async fn carry_step(&self, id: StepId, by: AccountId, form: &StepForm) -> Result<Step, StoreError> {
        write!(self, [form = form.clone()] | connection | steps::carry(connection, id, by, form))
    }

    async fn finish_step(&self, id: StepId, end: &StepEnd) -> Result<Step, StoreError> {
        write!(self, [end = end.clone()] | connection | steps::finish(connection, id, end))
    }

    async fn lapsed_steps(&self, limit: u32) -> Result<Vec<Step>, StoreError> {
        read!(self, |connection| steps::lapsed(connection, limit))
    }

    async fn shares(&self, plan: PlanId) -> Result<Shares, StoreError> {
        read!(self, |connection| steps::shares(connection, plan))
    }
}
