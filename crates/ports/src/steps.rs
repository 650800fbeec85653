//! The ladder's port: a task's moves, and the steps that people and other channels carry out. A person does it in the
//! console, a gateway by the API; both end a step with its outcome and its form.

use async_trait::async_trait;
use records::{
    AccountId, Claim, Move, Onward, PlanId, Step, StepForm, StepId, StepKind, StepOutcome, TaskId,
};
use serde::{Deserialize, Serialize};

use crate::{Page, PageOf, StoreError};

/// Which open steps.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepFilter {
    pub plan: Option<PlanId>,
    pub kind: Option<StepKind>,
}

/// A step with the names people look for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepRow {
    #[serde(flatten)]
    pub step: Step,
    pub customer_name: String,
    pub plan_name: String,
}

/// How a step ended, and where its task goes from there.
#[derive(Clone, Debug, PartialEq)]
pub struct StepEnd {
    pub outcome: StepOutcome,
    /// Of the step's kind; numbers of a re-confirmation are taken over. None: what was carried out stands.
    pub form: Option<StepForm>,
    pub note: Option<String>,
    /// None: its time was over.
    pub by: Option<AccountId>,
    /// Reckoned from the rung of the step.
    pub onward: Onward,
}

/// How a plan's call-backs were made, for the limit on visits and letters (L5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shares {
    /// Tasks that were tried in whatever way: the call-backs made.
    pub made: u64,
    /// Of these, those that came to a visit or a letter: by a step of the ladder, by the task's own mode, or because the
    /// customer asked for it.
    pub visits_and_letters: u64,
    pub visits: u64,
    pub letters: u64,
    pub messages: u64,
}

impl Shares {
    /// Visits and letters among all call-backs, from 0 to 1; 0 while none is made.
    pub fn of_visits_and_letters(&self) -> f64 {
        if self.made == 0 { 0.0 } else { self.visits_and_letters as f64 / self.made as f64 }
    }
}

/// The history of tasks, and the rungs of their ladders beside calls and the call-back queue.
#[async_trait]
pub trait Steps: Send + Sync + 'static {
    /// Why a task went where it went, oldest first; never changed, only added to.
    async fn moves(&self, task: TaskId) -> Result<Vec<Move>, StoreError>;
    /// A task with its plan and customer and the fence of its last claim, whoever has it.
    async fn case(&self, task: TaskId) -> Result<Claim, StoreError>;

    async fn step(&self, id: StepId) -> Result<Step, StoreError>;
    /// Steps that are not done, newest first.
    async fn open_steps(&self, filter: StepFilter, page: Page) -> Result<PageOf<StepRow>, StoreError>;
    /// The step is the account's: nobody else carries it out or ends it. Taken again by the same account nothing changes.
    /// Conflict when somebody else has it, or it is done.
    async fn take_step(&self, id: StepId, by: AccountId) -> Result<Step, StoreError>;
    /// The step is carried out (sent, posted) and waits for its answer. Conflict when it is done, somebody else has taken
    /// it, or the form is another kind's.
    async fn carry_step(&self, id: StepId, by: AccountId, form: &StepForm) -> Result<Step, StoreError>;
    /// Ends a step and moves its task, in one transaction. Conflict when it is done already, somebody else has taken
    /// it, or the form is another kind's. A task that meanwhile ended or went elsewhere is left where it is.
    async fn finish_step(&self, id: StepId, end: &StepEnd) -> Result<Step, StoreError>;
    /// Up to `limit` steps whose time is over, the longest ago first.
    async fn lapsed_steps(&self, limit: u32) -> Result<Vec<Step>, StoreError>;
    async fn shares(&self, plan: PlanId) -> Result<Shares, StoreError>;
}
