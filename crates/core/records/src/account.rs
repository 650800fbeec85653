//! Accounts and roles: who may do what.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::AccountId;

/// What an account may do; every route of the console and the API names the roles it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation: accounts, tokens, everything below.
    Admin,
    /// Imports customers, writes and starts plans.
    Planner,
    /// Works the human call-back queue.
    Agent,
    /// Oversees agents and plans, reviews, stops calling.
    Supervisor,
    /// Pulls records and recordings.
    Auditor,
    /// A machine.
    Integration,
}

/// A role that does not exist was named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role \"{0}\": use admin, planner, agent, supervisor, auditor or integration")]
pub struct UnknownRole(pub String);

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Planner, Self::Agent, Self::Supervisor, Self::Auditor, Self::Integration];

    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Planner => "planner",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Integration => "integration",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|r| r.slug() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A person or machine that may log in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    pub id: AccountId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub active: bool,
    pub created_at: DateTime<Utc>,
}
