//! The store port on the model.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use records::{
    AccountId, Attempt, AttemptId, Because, Callback, CallbackId, CallbackOutcome, Claim, Customer,
    CustomerId, CustomerRow, Fact, NewPlan, Number, Onward, Plan, PlanId, Recent, Recording, RecordingId,
    TaskId,
};

use super::state::missing;
use super::{Model, TrailEntry};
use crate::{
    Ask, Closing, ImportReport, InboundCall, ManualCall, NewAttempt, NewQuestionnaire, NewRecording,
    OpenRefusal, Outlook, RangBack, Store, StoreError, Summary, Switch,
};

#[async_trait]
impl Store for Model {
    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        self.read(|state| Ok(state.now))
    }

    async fn import_customers(&self, rows: &[CustomerRow]) -> Result<ImportReport, StoreError> {
        self.write(|state| state.import(rows))
    }

    async fn customer(&self, id: CustomerId) -> Result<Customer, StoreError> {
        self.read(|state| Ok(Customer::clone(state.customer(id)?)))
    }

    async fn opt_out(&self, customer: CustomerId, source: &str) -> Result<(), StoreError> {
        self.write(|state| state.opt_out(customer, None, source))
    }

    async fn publish_questionnaire(&self, questionnaire: &NewQuestionnaire) -> Result<(), StoreError> {
        self.write(|state| state.publish(questionnaire))
    }

    async fn questionnaire(&self, version: &str) -> Result<NewQuestionnaire, StoreError> {
        self.read(|state| {
            let kept = state
                .questionnaires
                .get(&version.to_owned())
                .ok_or_else(|| missing("questionnaire", version))?;
            Ok(NewQuestionnaire::clone(kept))
        })
    }

    async fn create_plan(&self, id: PlanId, plan: &NewPlan, by: AccountId) -> Result<Plan, StoreError> {
        self.write(|state| state.create_plan(id, plan, by))
    }

    async fn approve_plan(&self, id: PlanId, by: AccountId, own_allowed: bool) -> Result<Plan, StoreError> {
        self.write(|state| state.approve_plan(id, by, own_allowed))
    }

    async fn start_plan(&self, id: PlanId) -> Result<u64, StoreError> {
        self.write(|state| state.start_plan(id))
    }

    async fn pause_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        self.write(|state| state.pause_plan(id))
    }

    async fn resume_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        self.write(|state| state.resume_plan(id))
    }

    async fn stop_plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        self.write(|state| state.stop_plan(id))
    }

    async fn plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        self.read(|state| Ok(Plan::clone(state.plan(id)?)))
    }

    async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        self.read(|state| Ok(state.plans.values().rev().map(|plan| Plan::clone(plan)).collect()))
    }

    async fn outlook(&self, most: u32) -> Result<Outlook, StoreError> {
        self.read(|state| state.outlook(most))
    }

    async fn claim(&self, node: &str, asks: &[Ask], lease: Duration) -> Result<Vec<Claim>, StoreError> {
        self.write(|state| state.claim_asked(node, asks, lease))
    }

    async fn reclaim(&self) -> Result<u64, StoreError> {
        self.write(|state| Ok(state.reclaim()))
    }

    async fn heartbeat(&self, node: &str, lease: Duration) -> Result<u64, StoreError> {
        self.write(|state| Ok(state.heartbeat(node, lease)))
    }

    async fn release(&self, claim: &Claim, at: DateTime<Utc>, because: &Because) -> Result<(), StoreError> {
        self.write(|state| state.release(claim, at, because))
    }

    async fn settle(&self, claim: &Claim, onward: &Onward) -> Result<(), StoreError> {
        self.write(|state| state.settle(claim, onward))
    }

    async fn history(&self, task: TaskId) -> Result<Vec<Summary>, StoreError> {
        self.read(|state| {
            if !state.tasks.contains_key(&task) {
                return Err(missing("task", task));
            }
            let mut history: Vec<Summary> = state
                .attempts_of(task)
                .map(|attempt| Summary {
                    attempt: attempt.id,
                    direction: attempt.direction,
                    number: attempt.number.clone(),
                    trunk: attempt.trunk.clone(),
                    started_at: attempt.started_at,
                    reason: attempt.reason,
                })
                .collect();
            history.sort_by_key(|summary| (summary.started_at, summary.attempt));
            Ok(history)
        })
    }

    async fn live_numbers(&self, customer: CustomerId) -> Result<Vec<Number>, StoreError> {
        self.read(|state| state.live_numbers(customer))
    }

    async fn numbers_to_call(&self, claim: &Claim) -> Result<Vec<Number>, StoreError> {
        self.read(|state| state.numbers_to_call(claim))
    }

    async fn recent(&self, customer: CustomerId, span: Duration) -> Result<Vec<Recent>, StoreError> {
        self.read(|state| state.recent(customer, span))
    }

    async fn open_attempt(
        &self,
        claim: &Claim,
        attempt: &NewAttempt,
    ) -> Result<Result<Attempt, OpenRefusal>, StoreError> {
        self.write(|state| state.open_planned(claim, attempt))
    }

    async fn open_manual(&self, call: &ManualCall) -> Result<Result<Attempt, OpenRefusal>, StoreError> {
        self.write(|state| state.open_manual(call))
    }

    async fn open_inbound(&self, call: &InboundCall) -> Result<Result<RangBack, OpenRefusal>, StoreError> {
        self.write(|state| state.open_inbound(call))
    }

    async fn note(&self, attempt: AttemptId, facts: &[Fact]) -> Result<(), StoreError> {
        self.write(|state| state.note(attempt, facts))
    }

    async fn close_attempt(
        &self,
        attempt: AttemptId,
        fence: i64,
        closing: &Closing,
    ) -> Result<(), StoreError> {
        self.write(|state| state.close(attempt, fence, closing))
    }

    async fn overdue_attempts(&self) -> Result<Vec<Attempt>, StoreError> {
        self.read(|state| {
            let open = state.attempts.index().open.iter().filter_map(|id| state.attempts.get(id));
            let overdue = open.filter(|attempt| attempt.alive_until <= state.now);
            let mut found: Vec<Attempt> = overdue.map(|attempt| Attempt::clone(attempt)).collect();
            found.sort_by_key(|attempt| attempt.alive_until);
            Ok(found)
        })
    }

    async fn claim_of(&self, attempt: AttemptId) -> Result<Option<Claim>, StoreError> {
        self.read(|state| match state.attempt(attempt)?.task.and_then(|task| state.tasks.get(&task)) {
            Some(entry) => state.claim(entry).map(Some),
            None => Ok(None),
        })
    }

    async fn attempt(&self, id: AttemptId) -> Result<Attempt, StoreError> {
        self.read(|state| state.attempt(id).map(|attempt| Attempt::clone(attempt)))
    }

    async fn facts(&self, attempt: AttemptId) -> Result<Vec<Fact>, StoreError> {
        self.read(|state| state.facts(attempt))
    }

    async fn file_recording(&self, recording: &NewRecording) -> Result<(), StoreError> {
        self.write(|state| state.file_recording(recording))
    }

    async fn recording(&self, id: RecordingId) -> Result<Recording, StoreError> {
        self.read(|state| {
            let kept = state.recordings.get(&id).ok_or_else(|| missing("recording", id))?;
            Ok(Recording::clone(kept))
        })
    }

    async fn unrecorded_attempts(&self, since: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError> {
        self.read(|state| {
            let recorded = |id: AttemptId| state.recordings.values().any(|kept| kept.attempt == id);
            let wanting = |attempt: &&Arc<Attempt>| {
                let over = attempt.answered_at.is_some() && attempt.ended_at.is_some();
                over && attempt.started_at >= since && !recorded(attempt.id)
            };
            Ok(state.attempts.values().filter(wanting).map(|attempt| Attempt::clone(attempt)).collect())
        })
    }

    async fn callback(&self, id: CallbackId) -> Result<Callback, StoreError> {
        self.read(|state| state.callback(id).map(|item| Callback::clone(item)))
    }

    async fn take_callback(&self, id: CallbackId, by: AccountId) -> Result<Callback, StoreError> {
        self.write(|state| state.take(id, by))
    }

    async fn finish_callback(
        &self,
        id: CallbackId,
        by: AccountId,
        outcome: CallbackOutcome,
        note: &str,
        onward: Option<&Onward>,
    ) -> Result<Callback, StoreError> {
        self.write(|state| state.finish(id, by, outcome, note, onward))
    }

    async fn switch(&self) -> Result<Switch, StoreError> {
        self.read(|state| Ok(state.switch.clone()))
    }

    async fn set_switch(&self, calling: bool, by: &str) -> Result<Switch, StoreError> {
        self.write(|state| {
            state.switch = Switch { calling, changed_at: state.now, changed_by: by.to_owned() };
            Ok(state.switch.clone())
        })
    }

    async fn trail(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let entry = TrailEntry {
                at: state.now,
                actor: actor.to_owned(),
                action: action.to_owned(),
                subject: subject.to_owned(),
                detail,
            };
            state.trail.insert(state.trail.len(), entry);
            Ok(())
        })
    }
}
