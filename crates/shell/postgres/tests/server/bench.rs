//! The conformance bench on Postgres. Time passes by moving everything that has a time into the past.

use std::time::Duration;

use async_trait::async_trait;
use ports::conformance::Bench;
use ports::{
    Accounts, Customers, Lines, NewAccount, Overview, Page, Planning, Proofs, Store, TaskFilter, Traces,
};
use records::{AccountId, Answer, AttemptId, Callback, CallbackState, Role, Task};
use uuid::Uuid;

use super::Database;

const ALL: Page = Page { before: None, limit: 500 };

#[async_trait]
impl Bench for Database {
    fn store(&self) -> &dyn Store {
        &self.store
    }

    fn traces(&self) -> &dyn Traces {
        &self.store
    }

    fn customers(&self) -> &dyn Customers {
        &self.store
    }

    fn lines(&self) -> &dyn Lines {
        &self.store
    }

    fn proofs(&self) -> &dyn Proofs {
        &self.store
    }

    fn planning(&self) -> &dyn Planning {
        &self.store
    }

    async fn account(&self, login: &str) -> AccountId {
        let account = NewAccount {
            id: AccountId(Uuid::now_v7()),
            login: login.to_owned(),
            name: login.to_owned(),
            role: Role::Admin,
            password_hash: "-".to_owned(),
        };
        match self.store.account_by_login(login).await.unwrap() {
            Some((kept, _)) => kept.id,
            None => self.store.create_account(&account).await.unwrap().id,
        }
    }

    async fn pass(&self, time: Duration) {
        let mut transaction = self.pool.begin().await.unwrap();
        for statement in [
            "update lendings set until = until - make_interval(secs => $1)",
            "update tasks set next_at = next_at - make_interval(secs => $1),
                 lease_until = lease_until - make_interval(secs => $1),
                 created_at = created_at - make_interval(secs => $1),
                 round_since = round_since - make_interval(secs => $1),
                 ended_at = ended_at - make_interval(secs => $1)",
            "update evaluations set lease_until = lease_until - make_interval(secs => $1)",
            "update ladder_steps set opened_at = opened_at - make_interval(secs => $1),
                 due_at = due_at - make_interval(secs => $1)",
            "update attempts set started_at = started_at - make_interval(secs => $1),
                 answered_at = answered_at - make_interval(secs => $1),
                 ended_at = ended_at - make_interval(secs => $1),
                 alive_until = alive_until - make_interval(secs => $1)",
        ] {
            sqlx::query(statement).bind(time.as_secs_f64()).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    async fn tasks(&self) -> Vec<Task> {
        let page = self.store.tasks(TaskFilter::default(), ALL).await.unwrap();
        page.items.into_iter().map(|row| row.task).collect()
    }

    async fn callbacks(&self) -> Vec<Callback> {
        let waiting = self.store.callbacks(None, ALL).await.unwrap().items;
        let done = self.store.callbacks(Some(CallbackState::Done), ALL).await.unwrap().items;
        let mut items: Vec<Callback> = waiting.into_iter().chain(done).map(|row| row.callback).collect();
        items.sort_by_key(|item| item.id);
        items
    }

    async fn answers(&self, attempt: AttemptId) -> Vec<Answer> {
        self.store.attempt_row(attempt).await.unwrap().answers
    }
}
