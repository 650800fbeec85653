//! The port of proof: what certificates, the plans' figures and the live board are made from. Read only.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use plan::{Dossier, PlanFigures};
use records::{PlanId, TaskId};
use serde::Serialize;

use crate::{Count, StoreError};

/// The days by which a plan's tasks are counted, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Days {
    /// The year so far, at Shanghai.
    pub fn this_year(now: DateTime<Utc>) -> Self {
        use chrono::Datelike;
        let to = now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        Self { from: NaiveDate::from_ymd_opt(to.year(), 1, 1).unwrap_or(to), to }
    }

    /// Whether a task that falls due on `due_on`, or was made then, is of these days.
    pub fn hold(&self, due_on: Option<NaiveDate>, made_at: DateTime<Utc>) -> bool {
        let made = || made_at.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        let day = due_on.unwrap_or_else(made);
        self.from <= day && day <= self.to
    }
}

/// Open attempts over one trunk, of every process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrunkUse {
    pub trunk: String,
    pub open: u64,
}

/// What is going on over the whole database, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// Open attempts by trunk, in order of their names.
    pub open: Vec<TrunkUse>,
    /// Attempts begun within the last minute.
    pub last_minute: u64,
    /// Attempts of ours that began within the last hour and ended, faults of our own side not among them; and those of them that
    /// were answered.
    pub hour_calls: u64,
    pub hour_answered: u64,
    /// Attempts that began today, at Shanghai, and ended, by reason.
    pub today: Vec<Count>,
    /// Items of the call-back queue that are not done; those taken; those whose time is over; and the oldest.
    pub queue_open: u64,
    pub queue_taken: u64,
    pub queue_overdue: u64,
    pub queue_oldest: Option<DateTime<Utc>>,
}

/// What proofs are made from.
#[async_trait]
pub trait Proofs: Send + Sync + 'static {
    /// Everything on file about a task, read at one moment.
    async fn dossier(&self, task: TaskId) -> Result<Dossier, StoreError>;
    /// Counts one plan's tasks, over the days given.
    async fn plan_figures(&self, plan: PlanId, days: Days) -> Result<PlanFigures, StoreError>;
    /// The figures of every plan that runs or pauses, over the year so far, by name. They are counted over again when they
    /// are older than `age`, by one process at a time; the others have what was counted last.
    async fn all_figures(&self, age: Duration) -> Result<Vec<PlanFigures>, StoreError>;
    async fn activity(&self) -> Result<Activity, StoreError>;
}
