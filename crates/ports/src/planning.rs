//! The planning port: the tasks of plans kept in step with the dates of their customers, a part at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use plan::{Exemption, Occasion};
use records::{Customer, CustomerId, Plan, PlanId};
use serde::Serialize;

use crate::StoreError;

/// A round over the customers of a running or paused plan that has a schedule, leased to one process. Whatever is done
/// twice, by two processes or after a crash, is done once.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub plan: Arc<Plan>,
    /// The store's day, at Shanghai.
    pub today: NaiveDate,
    /// Everybody: the plan was started, or a new day has come. Else those whose dates have changed since then.
    pub changed_since: Option<DateTime<Utc>>,
    /// Customers up to this one are done.
    pub after: Option<CustomerId>,
    /// Grows with each lease: a process that lost its lease changes nothing any more.
    pub fence: i64,
}

/// What a part of a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KeptTasks {
    pub made: u64,
    pub moved: u64,
    pub withdrawn: u64,
}

impl std::ops::AddAssign for KeptTasks {
    fn add_assign(&mut self, more: Self) {
        self.made += more.made;
        self.moved += more.moved;
        self.withdrawn += more.withdrawn;
    }
}

/// So many customers of a list have their tasks at once when it is started; the others follow by
/// [`Planning::go_on_listing`].
pub const LISTED_AT_ONCE: u32 = 1_000;

/// A part of a list that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub plan: PlanId,
    /// Tasks that were not there before.
    pub made: u64,
    /// Everybody on the list has a task.
    pub whole: bool,
}

/// The tasks of plans, by the dates of their customers.
#[async_trait]
pub trait Planning: Send + Sync + 'static {
    /// Makes the tasks of the next `limit` customers of a list that was started, running or paused, the highest priority
    /// first, in one transaction that remembers how far it came: whoever asks goes on there. None while every list is
    /// whole, or another process is at it.
    async fn go_on_listing(&self, limit: u32) -> Result<Option<Listed>, StoreError>;
    /// Leases a round that is to be done: of a plan that was started or whose round was left unfinished, or has none
    /// for today, or some of whose customers have changed. None while there is nothing to do.
    async fn take_evaluation(&self, node: &str, lease: Duration) -> Result<Option<Evaluation>, StoreError>;
    /// The round's next customers, in order of their ids; empty at its end.
    async fn next_customers(&self, round: &Evaluation, limit: u32) -> Result<Vec<Customer>, StoreError>;
    /// Makes these customers' tasks under the plan those that are wanted, by [`plan::reconcile`], and moves the round
    /// on behind the last of them, in one transaction. Tasks of customers who opted out are made as refused; none is wanted
    /// that a waiver exempts from ([`plan::unwaived`]).
    /// What waits has the [`plan::Rank`] of the round's day afterwards.
    /// Conflict when the lease is lost, or the plan neither runs nor pauses.
    async fn keep_tasks(
        &self,
        round: &mut Evaluation,
        wanted: &[(CustomerId, Vec<Occasion>)],
        lease: Duration,
    ) -> Result<KeptTasks, StoreError>;
    /// Ends the round. Nothing happens when the lease is lost.
    async fn finish_evaluation(&self, round: &Evaluation) -> Result<(), StoreError>;
    /// Customers in order of their ids, after the one given: for what is reckoned over all of them.
    async fn customers_after(
        &self,
        after: Option<CustomerId>,
        limit: u32,
    ) -> Result<Vec<Customer>, StoreError>;
    /// When waivers exempted these customers from the plan, or do (L9.4); nothing for those without any.
    async fn exemptions(
        &self,
        plan: PlanId,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Vec<Exemption>>, StoreError>;
}
