//! What the console and the API list. Read only.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use records::{
    Answer, Attempt, AttemptId, Callback, CallbackState, Customer, CustomerId, Direction, PlanId, Reason,
    Recording, Task, TaskId, TaskState,
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// Which part of a list: newest first, keyset by id.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Page {
    /// Ids strictly older than this one; the newest where absent.
    pub before: Option<uuid::Uuid>,
    /// 1 to 500.
    pub limit: u32,
}

/// A part of a list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PageOf<T> {
    pub items: Vec<T>,
    /// Give as `before` for the next part; `None` at the end.
    pub next: Option<uuid::Uuid>,
}

/// Which tasks.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TaskFilter {
    pub plan: Option<PlanId>,
    pub customer: Option<CustomerId>,
    pub state: Option<TaskState>,
}

/// Which attempts.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttemptFilter {
    pub plan: Option<PlanId>,
    pub task: Option<TaskId>,
    pub customer: Option<CustomerId>,
    pub reason: Option<Reason>,
    pub direction: Option<Direction>,
    /// Still on the line.
    pub open: Option<bool>,
    pub since: Option<DateTime<Utc>>,
}

/// A task with the names people look for.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TaskRow {
    #[serde(flatten)]
    pub task: Task,
    pub customer_name: String,
    pub plan_name: String,
}

/// An attempt with what belongs to it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttemptRow {
    #[serde(flatten)]
    pub attempt: Attempt,
    pub customer_name: Option<String>,
    pub plan_name: Option<String>,
    pub answers: Vec<Answer>,
    pub recording: Option<Recording>,
}

/// A queue item with the names people look for.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CallbackRow {
    #[serde(flatten)]
    pub callback: Callback,
    pub customer_name: String,
    pub plan_name: String,
    pub taken_by_name: Option<String>,
}

/// How many of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Count {
    pub name: String,
    pub count: u64,
}

/// The figures of the console's first page.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutcomeCounts {
    pub tasks: Vec<Count>,
    pub reasons: Vec<Count>,
    pub callbacks: Vec<Count>,
    /// Attempts that ended, by who called whom.
    pub directions: Vec<Count>,
}

/// Ended calls that reached the network under one shown number, within one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallerCounts {
    /// The company's number as shown.
    pub caller: String,
    /// Calls that count as made on a customer.
    pub calls: u64,
    pub answered: u64,
    /// Ended as `barred`.
    pub barred: u64,
}

/// Lists for console and API.
#[async_trait]
pub trait Overview: Send + Sync + 'static {
    /// `search` matches external id, name or the end of a number.
    async fn customers(&self, search: Option<&str>, page: Page) -> Result<PageOf<Customer>, StoreError>;
    async fn tasks(&self, filter: TaskFilter, page: Page) -> Result<PageOf<TaskRow>, StoreError>;
    async fn attempts(&self, filter: &AttemptFilter, page: Page) -> Result<PageOf<AttemptRow>, StoreError>;
    async fn attempt_row(&self, id: AttemptId) -> Result<AttemptRow, StoreError>;
    async fn recordings(&self, page: Page) -> Result<PageOf<Recording>, StoreError>;
    /// Open and taken items by priority and due time, or those of one state.
    async fn callbacks(
        &self,
        state: Option<CallbackState>,
        page: Page,
    ) -> Result<PageOf<CallbackRow>, StoreError>;
    /// Counts over one plan, or over all.
    async fn outcome_counts(&self, plan: Option<PlanId>) -> Result<OutcomeCounts, StoreError>;
    /// Counts of each shown number over calls begun within the last `window`.
    async fn caller_counts(&self, window: Duration) -> Result<Vec<CallerCounts>, StoreError>;
    /// Answers per question and value.
    async fn answer_counts(&self, plan: Option<PlanId>) -> Result<Vec<(String, Count)>, StoreError>;
}
