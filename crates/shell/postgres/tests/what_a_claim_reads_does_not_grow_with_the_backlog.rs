//! Look and claim walk an index: the pages they touch do not grow with the tasks that wait, and no table is read whole.
//! What Postgres does is asked of Postgres, not of a clock.

mod server;

use std::sync::Arc;

use ports::Store;
use ports::conformance::Scene;
use ports::conformance::bench::{LEASE, content};
use records::PlanId;
use serde_json::Value;
use server::{Database, Server};
use uuid::Uuid;

const CLAIM: &str = include_str!("../queries/claim.sql");
const OUTLOOK: &str = include_str!("../queries/outlook.sql");
const BATCH: u64 = 100;
const FEW: i64 = 2_000;
const MANY: i64 = 60_000;

#[tokio::test]
async fn what_a_claim_reads_does_not_grow_with_the_backlog() {
    let server = Server::start().await;
    let few = touched(&backlog(&server, "few", FEW).await).await;
    let database = backlog(&server, "many", MANY).await;
    let many = touched(&database).await;
    println!("claim and look touch {few:?} pages with {FEW} tasks due, {many:?} with {MANY}");
    for (few, many) in [(few.0, many.0), (few.1, many.1)] {
        // A level more of the trees, and a leaf that begins elsewhere.
        assert!(many <= few + few / 4 + 20, "{many} pages with {MANY} tasks due, {few} with {FEW}");
    }
    // The tasks that are being called are in nobody's way.
    let claimed = database.store.claim_due("node", 2_000, LEASE).await.unwrap();
    assert_eq!(claimed.len(), 2_000);
    sqlx::query("vacuum analyze tasks").execute(&database.pool).await.unwrap();
    let then = touched(&database).await;
    assert!(then.0 <= many.0 + many.0 / 4 + 20, "{then:?} pages with 2000 in call, {many:?} with none");
}

/// A plan of so many due tasks.
async fn backlog(server: &Server, name: &str, tasks: i64) -> Database {
    let database = server.database(name).await;
    let scene = Scene::with(Arc::new(database.clone()), 1).await;
    sqlx::query(
        "insert into customers (id, external_id, name) select uuid_v7(), 'x' || n, 'x' from generate_series(1, $1) n",
    )
    .bind(tasks)
    .execute(&database.pool)
    .await
    .unwrap();
    let made = scene.start(PlanId(Uuid::now_v7()), &content("big", 9)).await;
    assert_eq!(made, tasks.unsigned_abs() + 1);
    sqlx::query("vacuum analyze tasks").execute(&database.pool).await.unwrap();
    database
}

/// Pages that a claim of a batch and a look touch.
async fn touched(database: &Database) -> (u64, u64) {
    let plan: Uuid = sqlx::query_scalar("select id from plans order by priority desc limit 1")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    let (plan, batch) = (format!("'{plan}'"), BATCH.to_string());
    let claim = with(CLAIM, &["'nobody'", &plan, "'Asia/Shanghai'", &batch, "60"]);
    (pages(database, &claim, Some(BATCH)).await, pages(database, &with(OUTLOOK, &[&batch]), None).await)
}

/// The query with its parameters written out, as the planner sees them.
fn with(query: &str, parameters: &[&str]) -> String {
    let code: Vec<&str> = query.lines().filter(|line| !line.starts_with("--")).collect();
    parameters
        .iter()
        .enumerate()
        .fold(code.join("\n"), |query, (place, value)| query.replace(&format!("${}", place + 1), value))
}

/// Runs the query, looks at what it did, and takes it back.
async fn pages(database: &Database, query: &str, rows: Option<u64>) -> u64 {
    let mut transaction = database.pool.begin().await.unwrap();
    let explain = format!("explain (analyze, buffers, format json) {query}");
    let told: Value =
        sqlx::query_scalar(sqlx::AssertSqlSafe(explain)).fetch_one(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    let plan = &told[0]["Plan"];
    if let Some(rows) = rows {
        assert_eq!(plan["Actual Rows"].as_f64(), Some(rows as f64), "{told:#}");
    }
    read_whole(plan);
    let blocks = |name: &str| plan[name].as_u64().unwrap();
    blocks("Shared Hit Blocks") + blocks("Shared Read Blocks")
}

/// No part of the plan reads all tasks.
fn read_whole(plan: &Value) {
    let whole = plan["Node Type"] == "Seq Scan" && plan["Relation Name"] == "tasks";
    assert!(!whole, "all tasks are read: {plan:#}");
    for part in plan["Plans"].as_array().into_iter().flatten() {
        read_whole(part);
    }
}
