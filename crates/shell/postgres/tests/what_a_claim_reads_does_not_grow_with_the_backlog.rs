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
const IN_CALL: u64 = 2_000;

#[tokio::test]
async fn what_a_claim_reads_does_not_grow_with_the_backlog() {
    let server = Server::start().await;
    let few = touched(&backlog(&server, "few", FEW).await).await;
    let database = backlog(&server, "many", MANY).await;
    let many = touched(&database).await;
    println!("claim and look touch {few:?} pages with {FEW} tasks due, {many:?} with {MANY}");
    for (few, many) in [(few.0, many.0), (few.1, many.1)] {
        // A level more of each tree that a task is looked up in, and leaves that begin elsewhere; thirty times the tasks.
        assert!(many <= few * 2, "{many} pages with {MANY} tasks due, {few} with {FEW}");
    }
    // A claim that goes through every rank reads as much more as it takes to find the first of each.
    spread(&database).await;
    let ranked = touched(&database).await;
    println!("with all ranks: {ranked:?}");
    assert!(ranked.0 <= many.0 + 60, "{ranked:?} pages over all ranks, {many:?} in one");
    assert!(ranked.1 <= many.1 + 60, "{ranked:?} pages over all ranks, {many:?} in one");
    // Tasks in a call keep their place: passing by one costs a look at its page, and at no other.
    let claimed = database.store.claim_due("node", IN_CALL as u32, LEASE).await.unwrap();
    assert_eq!(claimed.len() as u64, IN_CALL);
    sqlx::query("vacuum analyze tasks").execute(&database.pool).await.unwrap();
    let then = touched(&database).await;
    println!("with {IN_CALL} in call: {then:?}");
    assert!(
        then.0 <= many.0 + IN_CALL + IN_CALL / 4,
        "{then:?} pages with {IN_CALL} in call, {many:?} with none"
    );
}

/// A claim writes the task's own page: it enters no index, however many there are.
#[tokio::test]
async fn a_claim_enters_no_index_of_tasks() {
    let server = Server::start().await;
    let database = backlog(&server, "claims", FEW).await;
    for statement in [
        // Due in no order of their making.
        "update tasks set next_at = now() - make_interval(secs => ('x' || substr(md5(id::text), 1, 5))::bit(20)::int)",
        "vacuum full analyze tasks",
    ] {
        sqlx::query(statement).execute(&database.pool).await.unwrap();
    }
    let mut transaction = database.pool.begin().await.unwrap();
    let claim =
        with(CLAIM, &["'nobody'", &format!("'{}'", plan(&database).await), "'Asia/Shanghai'", "100", "60"]);
    let claimed = sqlx::query(sqlx::AssertSqlSafe(claim)).execute(&mut *transaction).await.unwrap();
    let in_place = "select n_tup_hot_upd from pg_stat_xact_user_tables where relid = to_regclass('tasks')";
    let in_place: i64 = sqlx::query_scalar(in_place).fetch_one(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    // A page with many of them may be full.
    assert_eq!(claimed.rows_affected(), 100);
    assert!(in_place >= 90, "only {in_place} of 100 claims left the indexes alone");
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

/// A few tasks in each of the ranks before the usual one, so that a batch takes from all of them.
async fn spread(database: &Database) {
    for statement in [
        "update tasks t set rank = n.rank
         from (select id, row_number() over (order by md5(id::text)) % 5 as rank from tasks
               order by md5(id::text) limit 100) n
         where n.id = t.id",
        "vacuum analyze tasks",
    ] {
        sqlx::query(statement).execute(&database.pool).await.unwrap();
    }
}

/// The plan that all is about.
async fn plan(database: &Database) -> Uuid {
    let plan = sqlx::query_scalar("select id from plans order by priority desc limit 1");
    plan.fetch_one(&database.pool).await.unwrap()
}

/// Pages that a claim of a batch and a look touch.
async fn touched(database: &Database) -> (u64, u64) {
    let (plan, batch) = (format!("'{}'", plan(database).await), BATCH.to_string());
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
