//! Plans (回访计划): questionnaire, whom, when, policy; approved by another person before they start (W8.3).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, PlanId, Policy};

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Written, not yet approved.
    Draft,
    /// Approved by another person.
    Approved,
    /// Calling.
    Running,
    /// No new calls; can be started again.
    Stopped,
}

impl PlanState {
    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Stopped => "stopped",
        }
    }
}

/// Whom a plan calls, decided when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every customer on file.
    Everyone,
    /// The customers of one class.
    Class(String),
    /// The customers with these external ids.
    ExternalIds(Vec<String>),
}

/// A plan as its author gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewPlan {
    pub name: String,
    /// Id of the questionnaire, such as `satisfaction`.
    pub questionnaire: String,
    /// SHA-256 of the questionnaire's text, hex: the published version this plan asks.
    pub questionnaire_version: String,
    pub audience: Audience,
    pub policy: Policy,
    /// Higher goes first.
    pub priority: i16,
}

/// A plan as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub id: PlanId,
    #[serde(flatten)]
    pub content: NewPlan,
    pub state: PlanState,
    pub created_by: AccountId,
    pub created_at: DateTime<Utc>,
    pub approved_by: Option<AccountId>,
    pub started_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
}
