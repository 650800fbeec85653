//! The model makes every sentence of the conformance suite true.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use ports::conformance::{Bench, prove_all};
use ports::model::Model;
use ports::{Customers, Lines, Planning, Proofs, Store, Traces};
use records::{AccountId, Answer, AttemptId, Callback, Task};

struct OnModel(Model);

#[async_trait]
impl Bench for OnModel {
    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn traces(&self) -> &dyn Traces {
        &self.0
    }

    fn customers(&self) -> &dyn Customers {
        &self.0
    }

    fn lines(&self) -> &dyn Lines {
        &self.0
    }

    fn proofs(&self) -> &dyn Proofs {
        &self.0
    }

    fn planning(&self) -> &dyn Planning {
        &self.0
    }

    async fn account(&self, _login: &str) -> AccountId {
        AccountId(uuid::Uuid::now_v7())
    }

    async fn pass(&self, time: Duration) {
        self.0.pass(time);
    }

    async fn tasks(&self) -> Vec<Task> {
        self.0.tasks()
    }

    async fn callbacks(&self) -> Vec<Callback> {
        self.0.callbacks()
    }

    async fn answers(&self, attempt: AttemptId) -> Vec<Answer> {
        self.0.answers(attempt)
    }
}

#[tokio::test]
async fn the_model_is_a_store() {
    let noon = DateTime::parse_from_rfc3339("2026-11-23T12:00:00+08:00").unwrap().to_utc();
    prove_all(async |_| OnModel(Model::new(noon))).await;
}
