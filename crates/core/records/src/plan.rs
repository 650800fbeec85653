//! Plans (回访计划): questionnaire, whom, when, policy; approved by another person before they start (W8.3).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AccountId, PlanId, Policy, Schedule};

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Written, not yet approved.
    Draft,
    /// Approved by another person.
    Approved,
    /// Calling.
    Running,
    /// No new calls for the moment; tasks go on falling due. Resumed as it was.
    Paused,
    /// No new calls, and nothing falls due; can be started again, which decides anew whom it calls.
    Stopped,
}

impl PlanState {
    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }
}

/// Whom a plan calls: a list's are decided when it starts, those of a schedule as their dates come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every customer on file.
    Everyone,
    /// The customers of one class.
    Class(String),
    /// The customers with these external ids.
    ExternalIds(Vec<String>),
    /// The customers that all of these name.
    Segment(Segment),
}

/// Customers by what is on file of them; an empty list leaves nobody out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Segment {
    pub classes: Vec<String>,
    pub branches: Vec<String>,
    pub products: Vec<String>,
}

/// A plan as its author gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// When its tasks fall due; the default is once, when it starts.
    #[serde(default)]
    pub schedule: Schedule,
}

/// A plan as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Plan {
    pub id: PlanId,
    #[serde(flatten)]
    pub content: NewPlan,
    pub state: PlanState,
    pub created_by: AccountId,
    pub created_at: DateTime<Utc>,
    pub approved_by: Option<AccountId>,
    /// Its author approved it, as this installation's setting allowed at that time.
    #[serde(default)]
    pub own_approval: bool,
    /// The first start: what had to be done before it is none of the plan's.
    pub first_started_at: Option<DateTime<Utc>>,
    /// The last start.
    pub started_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
}
