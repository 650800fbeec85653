//! Callbacks (人工回访): items of the human call-back queue.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, AttemptId, CallbackId, CustomerId, Mode, PlanId, Reason, TaskId};

/// Why people must act. One open item per task; the graver cause wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum CallbackCause {
    /// All attempts made in vain; the last reason.
    Exhausted { last: Reason },
    /// The customer raised flags, such as `dissatisfied`, `complaint`.
    Flagged { flags: Vec<String> },
    /// The customer pressed 0 for a person.
    PersonAsked,
    /// What became of the call is unknown.
    Unknown,
    /// The number is wrong or dead and must be re-confirmed by the business side (L12).
    ReconfirmNumber { last: Reason },
    /// The plan has people carry the task out: a visit, a letter, a message, or a call of their own (W8.3).
    ByPlan { mode: Mode },
}

impl CallbackCause {
    /// The word used in database and API.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Exhausted { .. } => "exhausted",
            Self::Flagged { .. } => "flagged",
            Self::PersonAsked => "person_asked",
            Self::Unknown => "unknown",
            Self::ReconfirmNumber { .. } => "reconfirm_number",
            Self::ByPlan { .. } => "by_plan",
        }
    }
}

/// A callback to be queued, as the policy decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewCallback {
    #[serde(flatten)]
    pub cause: CallbackCause,
    /// 1 is first (a supervisor sees it at once), 3 is ordinary.
    pub priority: i16,
    pub due_at: DateTime<Utc>,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    Open,
    Taken,
    Done,
}

impl CallbackState {
    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Done => "done",
        }
    }
}

/// What the agent reached; it ends the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallbackOutcome {
    /// The task succeeded by a person.
    Succeeded,
    /// The customer refused.
    Refused,
    /// Nobody was reached: the task is exhausted.
    Exhausted,
    /// Call again by machine.
    TryAgain,
}

/// An item as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Callback {
    pub id: CallbackId,
    pub task: TaskId,
    pub plan: PlanId,
    pub customer: CustomerId,
    pub attempt: Option<AttemptId>,
    #[serde(flatten)]
    pub content: NewCallback,
    pub state: CallbackState,
    pub taken_by: Option<AccountId>,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}
