//! What proofs are made from: a task's dossier, the plans' figures, what is going on.

mod activity;
mod dossier;
mod figures;

use std::time::Duration;

use async_trait::async_trait;
use plan::{Dossier, PlanFigures};
use ports::{Activity, Days, Proofs, StoreError};
use records::{PlanId, TaskId};

use crate::Postgres;

#[async_trait]
impl Proofs for Postgres {
    async fn dossier(&self, task: TaskId) -> Result<Dossier, StoreError> {
        self.transact(move |connection| Box::pin(dossier::read(connection, task))).await
    }

    async fn plan_figures(&self, plan: PlanId, days: Days) -> Result<PlanFigures, StoreError> {
        self.transact(move |connection| Box::pin(figures::of_plan(connection, plan, days))).await
    }

    async fn all_figures(&self, age: Duration) -> Result<Vec<PlanFigures>, StoreError> {
        self.transact(move |connection| Box::pin(figures::all(connection, age))).await
    }

    async fn activity(&self) -> Result<Activity, StoreError> {
        Ok(activity::now(&mut *self.reader().await?).await?)
    }
}
