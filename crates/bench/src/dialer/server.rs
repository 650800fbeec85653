//! The private Postgres, and its backlog made by a few statements.

use std::time::{Duration, Instant};

use postgres::cluster::{self, Cluster, Config};
use postgres::{Options, Postgres};
use records::{HourSpan, Policy, Windows};
use sqlx::PgPool;
use tempfile::TempDir;

use super::DialerBenchError;
use crate::folder;

/// As the service runs it: what was committed survives a power cut.
pub(super) struct Server {
    cluster: Cluster,
    pub(super) pool: PgPool,
    pub(super) url: String,
    folder: TempDir,
}

impl Server {
    pub(super) async fn start() -> Result<Self, DialerBenchError> {
        let folder = folder::made_in(&folder::parent())?;
        let config = Config { root: folder.path().to_owned(), bin_dir: None, settings: Vec::new() };
        let cluster = cluster::start(&config).await?;
        let url = cluster.url.clone();
        let store = Postgres::connect(&url, Options::default()).await?;
        store.migrate().await?;
        store.close().await;
        Ok(Self { pool: PgPool::connect(&url).await?, url, cluster, folder })
    }

    pub(super) async fn stop(self) -> Result<(), DialerBenchError> {
        self.pool.close().await;
        self.cluster.stop().await?;
        Ok(())
    }

    /// The server's first process, whose children are the connections.
    pub(super) fn postmaster(&self) -> Result<u32, DialerBenchError> {
        let file = self.folder.path().join("postgres/data/postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        pid.ok_or(DialerBenchError::Worker(text))
    }

    /// So many due tasks of so many plans; each customer has a task under each of them.
    pub(super) async fn fill(&self, tasks: u32, plans: u32) -> Result<Duration, DialerBenchError> {
        let begun = Instant::now();
        let policy = serde_json::to_value(at_any_hour()).expect("a policy is JSON");
        for statement in [
            "truncate tasks, attempts, plans, customers, contacts, numbers cascade",
            "insert into accounts (id, login, name, role, password_hash)
             select uuid_v7(), 'bench', 'bench', 'admin', '-' on conflict do nothing",
            "insert into questionnaires (version, name, source) values (encode(sha256('-'), 'hex'), 'bench', '-')
             on conflict do nothing",
        ] {
            sqlx::query(statement).execute(&self.pool).await?;
        }
        sqlx::query(
            "insert into customers (id, external_id, name)
             select uuid_v7(), 'c' || n, '客户' || n from generate_series(1, $1) n",
        )
        .bind((tasks / plans).cast_signed())
        .execute(&self.pool)
        .await?;
        for statement in [
            "insert into contacts (id, customer_id, role) select uuid_v7(), id, 'customer' from customers",
            "insert into numbers (contact_id, number, position)
             select k.id, '+861' || lpad((row_number() over ())::text, 10, '3'), 0 from contacts k",
        ] {
            sqlx::query(statement).execute(&self.pool).await?;
        }
        sqlx::query(
            "insert into plans (id, name, questionnaire, questionnaire_version, audience, policy, priority, state,
                                created_by, approved_by, approved_at, started_at)
             select uuid_v7(), 'plan ' || n, 'bench', encode(sha256('-'), 'hex'), '\"everyone\"', $1, n, 'running', a.id, a.id,
                    now(), now()
             from generate_series(1, $2) n, accounts a where a.login = 'bench'",
        )
        .bind(policy)
        .bind(plans.cast_signed())
        .execute(&self.pool)
        .await?;
        // Due over the last day, in no order of their making.
        // By plan: a server that counts a table whose rows are not committed finds none, and plans for none.
        for plan in 1..=plans.cast_signed() {
            sqlx::query(
                "insert into tasks (id, plan_id, customer_id, next_at)
                 select uuid_v7(), p.id, c.id, now() - random() * interval '1 day'
                 from plans p cross join customers c where p.priority = $1",
            )
            .bind(plan)
            .execute(&self.pool)
            .await?;
        }
        for statement in ["vacuum analyze", "checkpoint"] {
            // The service's own role may not ask for a checkpoint: then the next one comes when it comes.
            let done = sqlx::query(statement).execute(&self.pool).await;
            if statement == "vacuum analyze" {
                done?;
            }
        }
        Ok(begun.elapsed())
    }

    /// Puts back what is claimed, by one statement.
    pub(super) async fn put_back(&self) -> Result<(), DialerBenchError> {
        sqlx::query(
            "update tasks set state = 'due', lease_node = null, lease_until = null
             where id = any(array(select task_id from tasks_in_call)) and state = 'calling'",
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// It is measured at any hour of any day.
fn at_any_hour() -> Policy {
    let day = HourSpan::of_minutes(0, 24 * 60).expect("a day has so many minutes");
    let windows = Windows { spans: vec![day], working_days_only: false, outer: day, ..Windows::default() };
    Policy { windows, ..Policy::default() }
}
