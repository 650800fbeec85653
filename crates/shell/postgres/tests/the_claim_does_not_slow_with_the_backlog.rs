//! The claim walks an index: what it reads does not grow with the tasks that wait.

mod server;

use std::sync::Arc;

use ports::Store;
use ports::conformance::Scene;
use ports::conformance::bench::{LEASE, content};
use records::PlanId;
use server::Server;
use uuid::Uuid;

const BACKLOG: i64 = 60_000;

#[tokio::test]
async fn the_claim_does_not_slow_with_the_backlog() {
    let server = Server::start().await;
    let database = server.database("backlog").await;
    let scene = Scene::with(Arc::new(database.clone()), 1).await;
    sqlx::query(
        "insert into customers (id, external_id, name) select uuid_v7(), 'x' || n, 'x' from generate_series(1, $1) n",
    )
    .bind(BACKLOG)
    .execute(&database.pool)
    .await
    .unwrap();
    let made = scene.start(PlanId(Uuid::now_v7()), &content("big", 0)).await;
    assert_eq!(made, BACKLOG.unsigned_abs() + 1);
    sqlx::query("analyze").execute(&database.pool).await.unwrap();

    // A session hands its figures in when it ends, so the claims get a store of their own.
    let options = postgres::Options { connections: 1, ..postgres::Options::default() };
    let store = postgres::Postgres::connect(&database.url, options).await.unwrap();
    let before = tuples(&database.pool).await;
    for _ in 0..20 {
        assert_eq!(store.claim_due("node", 5, LEASE).await.unwrap().len(), 5);
    }
    let touched = tuples(&database.pool).await - before;
    assert!(touched >= 20 * 5, "the figures of the claims are not in: {touched}");
    assert!(touched < 20 * 1_000, "20 claims of 5 read {touched} of {BACKLOG} tasks");
}

/// Tasks read so far. A session hands in its figures when it ends, so those of the store are ended.
async fn tuples(pool: &sqlx::PgPool) -> i64 {
    let end =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'huifang'";
    while sqlx::query_scalar::<_, i64>(end).fetch_one(pool).await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    sqlx::query_scalar(
        "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
         where relname = 'tasks' and schemaname = current_schema()",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
