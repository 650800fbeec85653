//! Identifiers: UUIDv7, one type per kind so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        /// As the octets are ordered, and so by age; compared as one number, which is quicker in large tables.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.as_u128().cmp(&other.0.as_u128())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A customer (客户).
    CustomerId,
    /// A person at the customer with a role and numbers.
    ContactId,
    /// A written waiver (免回访声明) of a customer.
    WaiverId,
    /// An import (导入) of customers.
    ImportId,
    /// A plan (回访计划).
    PlanId,
    /// A task (回访任务): one customer due under one plan.
    TaskId,
    /// An attempt (呼叫): one dial of one number for one task. Also the stem of its Call-ID and recording.
    AttemptId,
    /// A recording (录音) of one attempt.
    RecordingId,
    /// An item of the human call-back queue (人工回访).
    CallbackId,
    /// A step of the ladder carried out by people or another channel.
    StepId,
    /// A person or machine that may log in.
    AccountId,
}

/// The place of a move among all moves: it grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct MoveId(pub i64);
