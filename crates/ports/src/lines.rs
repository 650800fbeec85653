//! The lines and calls per second of a trunk, divided among the processes on one store.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use trunk::Share;
use uuid::Uuid;

use crate::StoreError;

/// A part of a trunk that is lent to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LendingId(pub Uuid);

/// A lending with less time left opens nothing: the INVITE that follows must leave while it holds.
pub const LAST_CALL: Duration = Duration::from_secs(5);
/// What does not divide evenly goes round so often.
pub const TURN: Duration = Duration::from_secs(20);

/// What a process says of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAsk {
    pub trunk: String,
    /// The whole as this process is configured; where processes differ, the least counts.
    pub whole: Share,
    /// What may be in use until it is told otherwise.
    pub held: Share,
    /// What it could use now.
    pub wanted: Share,
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    pub id: LendingId,
    pub trunk: String,
    /// Its part from now on.
    pub held: Share,
    /// What it is to come down to, as its calls allow, because others are short.
    pub keep: Share,
    /// The whole that all processes agree on.
    pub whole: Share,
}

/// Lends trunks' lines. An attempt names the lending its line is of, and is refused when that has fallen to others.
#[async_trait]
pub trait Lines: Send + Sync + 'static {
    /// Renews what `node` holds for `lease`, and lends it more where there is more. What is lent to all together never
    /// exceeds the whole. Of a process that has not renewed in time nothing is kept but the lines of its open attempts,
    /// until their longest life has passed.
    async fn lend(&self, node: &str, asks: &[LineAsk], lease: Duration) -> Result<Vec<Lent>, StoreError>;
    /// The process ends: others have what it held, but for the lines of attempts that are open still.
    async fn give_back(&self, node: &str) -> Result<(), StoreError>;
}
