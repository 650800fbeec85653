//! The store port: tasks, customers, queue. Every write is one short transaction; the store's clock is the truth.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use plan::Past;
use records::{
    AccountId, Attempt, AttemptId, Because, Callback, CallbackId, CallbackOutcome, Claim, Cue, Customer,
    CustomerId, CustomerRow, Direction, Evidence, Fact, MoveRule, NewCallback, NewPlan, NextStep, Number,
    Onward, Plan, PlanId, Reason, Recent, Recording, RecordingId, TaskId,
};

use crate::{Ask, LendingId, Outlook, Steps, StoreError};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ImportReport {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
}

/// A questionnaire as published: its text never changes under its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuestionnaire {
    /// Such as `satisfaction`.
    pub name: String,
    /// SHA-256 of `source`, hex.
    pub version: String,
    /// The YAML text.
    pub source: String,
}

/// An attempt to be committed as dialling, before its INVITE leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAttempt {
    pub id: AttemptId,
    pub number: Number,
    pub trunk: String,
    /// The company's number as shown to the customer.
    pub caller: Option<String>,
    /// Ring time, longest call and slack together: until then nobody may dial this customer or number again.
    pub longest: Duration,
    /// What its line is of; none where lines are not shared.
    pub lent: Option<LendingId>,
    /// What the caller knew of the attempts that caps count. Caps hold whatever it knew: a store that finds more than this
    /// looks again, and takes longer.
    pub seen: Seen,
}

/// The attempts that caps count, as [`Standing`] told them; those of somebody who never asked are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The store's clock at that time.
    pub at: DateTime<Utc>,
    pub recent: Vec<Recent>,
}

/// Why an attempt may not be made. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenRefusal {
    /// The task is no longer ours: the lease ended, or the plan or all calling was stopped.
    ClaimLost,
    /// All calling is stopped, or the task's plan is.
    Stopped,
    /// The customer or this number opted out (W3.1).
    OptedOut,
    /// The customer signed a waiver that covers the plan (L9.4).
    Waived,
    /// Another attempt to this customer or number is open until then.
    AlreadyOpen { until: DateTime<Utc> },
    /// The lending of its line has ended: the line may be in use by others.
    LineLost,
    /// No open task belongs to the caller, and strangers are not to be heard.
    Stranger,
    /// The customer or the number was called as often as the plan allows, or too short a time ago: `gap`,
    /// `customer_cap` or `number_cap`.
    Capped { until: DateTime<Utc>, rule: MoveRule },
}

/// A call placed by hand, outside any plan (`huifang call`).
#[derive(Clone, Debug, PartialEq)]
pub struct ManualCall {
    pub attempt: NewAttempt,
    /// The plan whose author hears it for himself by this call: no call on a customer.
    pub rehearsal_of: Option<PlanId>,
}

/// A call that came in.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundCall {
    /// Its number is the caller's.
    pub attempt: NewAttempt,
    /// Who is to have the task meanwhile.
    pub node: String,
    /// Whether the number was withheld or is none: then no task is looked for.
    pub withheld: bool,
    /// Whether a caller without an open task is heard at all.
    pub strangers: bool,
}

/// An inbound attempt, committed before it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct RangBack {
    pub attempt: Attempt,
    /// The caller's open task, taken from the dialers; none for a stranger and for whoever opted out.
    pub claim: Option<Claim>,
}

/// How an attempt ended, and what follows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Closing {
    pub reason: Reason,
    pub evidence: Evidence,
    pub answered_at: Option<DateTime<Utc>>,
    /// Applied to the task only while the claim's fence still holds.
    pub next: NextStep,
    /// By which rule.
    #[serde(default)]
    pub because: Because,
    /// Queued when the task has no open item; else the open item's cause, priority and due time are sharpened.
    pub callback: Option<NewCallback>,
    /// The number is dead (vacant, fax, wrong person): not dialled again for this customer.
    pub number_dead: bool,
}

/// One past attempt of a task, as the retry policy wants to see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub attempt: AttemptId,
    pub direction: Direction,
    pub number: Number,
    pub trunk: String,
    pub started_at: DateTime<Utc>,
    /// `None` while it is open.
    pub reason: Option<Reason>,
}

impl From<&Summary> for Past {
    fn from(summary: &Summary) -> Self {
        let Summary { direction, number, started_at, reason, .. } = summary;
        Self { direction: *direction, number: number.clone(), started_at: *started_at, reason: *reason }
    }
}

/// What a call to a claimed task is decided by.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The store's clock.
    pub now: DateTime<Utc>,
    /// As [`Store::history`] tells it.
    pub history: Vec<Summary>,
    /// As [`Store::numbers_to_call`] tells them.
    pub numbers: Vec<Number>,
    /// As [`Store::recent`] tells them.
    pub recent: Vec<Recent>,
}

/// A sealed recording to be filed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NewRecording {
    pub id: RecordingId,
    pub attempt: AttemptId,
    pub path: String,
    pub bytes: u64,
    pub seconds: f64,
    pub sha256: String,
    pub cues: Vec<Cue>,
}

/// The one switch that stops all calling.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Switch {
    pub calling: bool,
    pub changed_at: DateTime<Utc>,
    /// Login of who changed it.
    pub changed_by: String,
}

/// Tasks, customers and the queue.
#[async_trait]
pub trait Store: Steps {
    /// The store's clock.
    async fn now(&self) -> Result<DateTime<Utc>, StoreError>;

    /// Creates or updates customers by external id, all or none; the same rows again change nothing.
    async fn import_customers(&self, rows: &[CustomerRow]) -> Result<ImportReport, StoreError>;
    async fn customer(&self, id: CustomerId) -> Result<Customer, StoreError>;
    /// No calls by any plan to this customer, on any number, until withdrawn. Ends the customer's tasks that wait for a
    /// call as refused; one that is on the line is ended by its closing.
    async fn opt_out(&self, customer: CustomerId, source: &str) -> Result<(), StoreError>;

    /// Publishes a questionnaire version; the same version again changes nothing.
    async fn publish_questionnaire(&self, questionnaire: &NewQuestionnaire) -> Result<(), StoreError>;
    /// The text of a published version.
    async fn questionnaire(&self, version: &str) -> Result<NewQuestionnaire, StoreError>;

    async fn create_plan(&self, id: PlanId, plan: &NewPlan, by: AccountId) -> Result<Plan, StoreError>;
    /// Conflict when `by` wrote the plan and `own_allowed` is false (W8.3, W9.1).
    async fn approve_plan(&self, id: PlanId, by: AccountId, own_allowed: bool) -> Result<Plan, StoreError>;
    /// Sets the plan running. The missing tasks of a list's first customers are created, due at once; the others follow
    /// by [`crate::Planning::go_on_listing`], and those of a schedule by its evaluation. Conflict unless approved or
    /// stopped. Tasks of customers who opted out are created as refused, and none of those who waived the plan's calls.
    /// Answers how many tasks were created.
    async fn start_plan(&self, id: PlanId) -> Result<u64, StoreError>;
    /// No new calls for the moment; tasks go on falling due. Conflict unless running or paused already.
    async fn pause_plan(&self, id: PlanId) -> Result<Plan, StoreError>;
    /// Calls again as before. Conflict unless paused or running already.
    async fn resume_plan(&self, id: PlanId) -> Result<Plan, StoreError>;
    /// No new calls; tasks stay.
    async fn stop_plan(&self, id: PlanId) -> Result<Plan, StoreError>;
    async fn plan(&self, id: PlanId) -> Result<Plan, StoreError>;
    async fn plans(&self) -> Result<Vec<Plan>, StoreError>;

    /// What the dialer decides by. Of each plan and zone no more than `most` tasks are counted.
    async fn outlook(&self, most: u32) -> Result<Outlook, StoreError>;
    /// Leases due tasks to `node` as asked, of each plan and zone those that come first by [`plan::Rank`], and of one rank
    /// those due longest; none while calling or the plan is
    /// stopped, none whose customer opted out or has an open attempt.
    async fn claim(&self, node: &str, asks: &[Ask], lease: Duration) -> Result<Vec<Claim>, StoreError>;
    /// Tasks whose lease has ended and that have no open attempt wait again; answers how many.
    async fn reclaim(&self) -> Result<u64, StoreError>;
    /// Leases up to `limit` due tasks whatever the windows, by priority and age.
    async fn claim_due(&self, node: &str, limit: u32, lease: Duration) -> Result<Vec<Claim>, StoreError> {
        self.reclaim().await?;
        let asks = self.outlook(limit).await?.by_priority(limit);
        self.claim(node, &asks, lease).await
    }
    /// Extends all leases of `node`.
    async fn heartbeat(&self, node: &str, lease: Duration) -> Result<u64, StoreError>;
    /// Gives a task back unused, due again at `at` (window closed, no line, drain). Nothing happens when the claim is
    /// lost; Conflict while an attempt of the task is open.
    async fn release(&self, claim: &Claim, at: DateTime<Utc>, because: &Because) -> Result<(), StoreError>;
    /// Moves a claimed task that is not to be dialled: no number left, no window ever, another channel, people's work. One
    /// that a waiver covers is withdrawn instead. Nothing happens when the claim is lost; Conflict while an attempt of
    /// the task is open.
    async fn settle(&self, claim: &Claim, onward: &Onward) -> Result<(), StoreError>;
    /// The task's past attempts, oldest first.
    async fn history(&self, task: TaskId) -> Result<Vec<Summary>, StoreError>;
    /// The customer's numbers that are still to be tried, in order: neither dead nor opted out by anybody.
    async fn live_numbers(&self, customer: CustomerId) -> Result<Vec<Number>, StoreError>;
    /// The same of the contact whose role the task names, of the customer himself where nobody plays it: see
    /// [`records::CustomerRow::numbers_of`].
    async fn numbers_to_call(&self, claim: &Claim) -> Result<Vec<Number>, StoreError>;

    /// Counted attempts of the last `span` on the customer and on the customer's numbers, over all plans and by hand;
    /// open ones count, rehearsals do not.
    async fn recent(&self, customer: CustomerId, span: Duration) -> Result<Vec<Recent>, StoreError>;

    /// The store's clock, the task's history, its customer's live numbers and the attempts that caps count, at once:
    /// asked before every call.
    async fn standing(&self, claim: &Claim) -> Result<Standing, StoreError> {
        let history = self.history(claim.task.id).await?;
        let numbers = self.numbers_to_call(claim).await?;
        let recent = self.recent(claim.task.customer, claim.plan.content.policy.span()).await?;
        Ok(Standing { now: self.now().await?, history, numbers, recent })
    }

    /// Commits an attempt as dialling; the inner error says why it may not be made. Asked again while it is open, the
    /// answer is the same attempt: nobody knows of a connection that was lost whether the question arrived.
    async fn open_attempt(
        &self,
        claim: &Claim,
        attempt: &NewAttempt,
    ) -> Result<Result<Attempt, OpenRefusal>, StoreError>;
    /// The same for a call placed by hand; opt-outs hold, the plan's windows do not.
    async fn open_manual(&self, call: &ManualCall) -> Result<Result<Attempt, OpenRefusal>, StoreError>;
    /// Commits a call that came in, before it is answered, and takes the caller's open task (due, waiting or claimed
    /// but not yet dialled, under a running plan, called before) from the dialers with a new fence. Of several tasks
    /// the one called last takes it, on this number before any other.
    async fn open_inbound(&self, call: &InboundCall) -> Result<Result<RangBack, OpenRefusal>, StoreError>;
    /// Makes facts durable: answers, flags, opt-outs take effect in the same transaction. Writing a `seq` twice is
    /// harmless. Accepted whatever became of the claim.
    async fn note(&self, attempt: AttemptId, facts: &[Fact]) -> Result<(), StoreError>;
    /// Ends an attempt with its reason and moves its task, in one transaction. A second closing changes nothing,
    /// except that any reason supersedes `unknown`: then the task moves as well, unless it was claimed again or a
    /// person took its item, and an item queued for the unknown outcome alone is done.
    async fn close_attempt(
        &self,
        attempt: AttemptId,
        fence: i64,
        closing: &Closing,
    ) -> Result<(), StoreError>;
    /// Attempts that are open though their longest possible life has passed: nobody can be on the line any more.
    async fn overdue_attempts(&self) -> Result<Vec<Attempt>, StoreError>;
    /// The task and plan an attempt belongs to, with the current fence: for closing what another process left open.
    async fn claim_of(&self, attempt: AttemptId) -> Result<Option<Claim>, StoreError>;
    async fn attempt(&self, id: AttemptId) -> Result<Attempt, StoreError>;
    /// All facts of an attempt in order of `seq`.
    async fn facts(&self, attempt: AttemptId) -> Result<Vec<Fact>, StoreError>;

    /// Files a sealed recording; the same attempt again with the same hash changes nothing.
    async fn file_recording(&self, recording: &NewRecording) -> Result<(), StoreError>;
    async fn recording(&self, id: RecordingId) -> Result<Recording, StoreError>;
    /// Attempts that were answered, ended, started since then, and have no recording filed.
    async fn unrecorded_attempts(&self, since: DateTime<Utc>) -> Result<Vec<Attempt>, StoreError>;

    async fn callback(&self, id: CallbackId) -> Result<Callback, StoreError>;
    /// Conflict when somebody else has it.
    async fn take_callback(&self, id: CallbackId, by: AccountId) -> Result<Callback, StoreError>;
    /// Ends an item and moves its task by the outcome; `onward`: where it goes when nobody was reached, the end where
    /// absent. Conflict unless taken by `by`.
    async fn finish_callback(
        &self,
        id: CallbackId,
        by: AccountId,
        outcome: CallbackOutcome,
        note: &str,
        onward: Option<&Onward>,
    ) -> Result<Callback, StoreError>;

    async fn switch(&self) -> Result<Switch, StoreError>;
    /// Stops or allows all calling.
    async fn set_switch(&self, calling: bool, by: &str) -> Result<Switch, StoreError>;

    /// Writes an entry of the trail: who did what to which thing (W3.2).
    async fn trail(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError>;
}
