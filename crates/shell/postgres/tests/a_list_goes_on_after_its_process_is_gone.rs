//! A process that dies while it makes the tasks of a list leaves nothing half done; the next one goes on there.

mod server;

use std::sync::Arc;
use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::content;
use ports::{LISTED_AT_ONCE, Planning};
use records::PlanId;
use server::{Database, Server};
use uuid::Uuid;

const MORE: u32 = 50;

#[tokio::test]
async fn a_list_goes_on_after_its_process_is_gone() {
    let server = Server::start().await;
    let database = server.database("lists").await;
    let scene = Scene::with(Arc::new(database.clone()), 0).await;
    let everybody = i64::from(LISTED_AT_ONCE + MORE);
    sqlx::query("insert into customers (id, external_id, name) select uuid_v7(), 'x' || n, 'x' from generate_series(1, $1) n")
        .bind(everybody)
        .execute(&database.pool)
        .await
        .unwrap();
    let plan = PlanId(Uuid::now_v7());
    assert_eq!(scene.begin(plan, &content("long", 0)).await, u64::from(LISTED_AT_ONCE));

    // Somebody has the last customer, so that the part stands in the middle of its transaction when its connection goes.
    let mut holder = database.pool.begin().await.unwrap();
    sqlx::query("select from customers order by id desc limit 1 for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let store = database.store.clone();
    let part = tokio::spawn(async move { store.go_on_listing(MORE * 2).await });
    end(&database, waiting(&database).await).await;
    part.await.unwrap().unwrap_err();
    holder.rollback().await.unwrap();
    assert_eq!(tasks(&database, plan).await, i64::from(LISTED_AT_ONCE));

    let rest = database.store.go_on_listing(MORE * 2).await.unwrap().unwrap();
    assert_eq!((rest.plan, rest.made, rest.whole), (plan, u64::from(MORE), true));
    assert_eq!(tasks(&database, plan).await, everybody);
}

/// The session that waits for somebody's lock.
async fn waiting(database: &Database) -> i32 {
    let found =
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..3_000 {
        if let Some(pid) = sqlx::query_scalar(found).fetch_optional(&database.pool).await.unwrap() {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits for the customer");
}

async fn end(database: &Database, pid: i32) {
    let ended: bool = sqlx::query_scalar("select pg_terminate_backend($1)")
        .bind(pid)
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert!(ended);
}

async fn tasks(database: &Database, plan: PlanId) -> i64 {
    let count = sqlx::query_scalar("select count(*) from tasks where plan_id = $1");
    count.bind(plan.0).fetch_one(&database.pool).await.unwrap()
}
