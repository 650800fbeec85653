//! An ordinary call is opened and ended in one statement. It waits for whoever is about to change what it is judged by, and
//! then sees the change, although that was committed after the statement had begun.

mod server;

use std::sync::Arc;
use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::{LEASE, again, attempt, content, number, without_bounds};
use ports::{LineAsk, Lines as _, NewAttempt, OpenRefusal, Store};
use records::{Cap, Claim, MoveRule, NewPlan, PlanId, Reason, TaskState};
use server::{Database, Server};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::task::JoinHandle;
use trunk::Share;
use uuid::Uuid;

const OPT_OUT: &str = "select from customers for no key update;
    insert into opt_outs (id, customer_id, number, source) select uuid_v7(), id, '+8613800199999', 'agent' from customers";
const CALL_BY_HAND: &str = "select pg_advisory_xact_lock(8613800100000);
    insert into attempts (id, number, trunk, alive_until, ended_at, reason)
    values (uuid_v7(), '+8613800100000', 'main', now() + interval '1 h', now(), 'no_answer')";
const LINE_TAKEN: &str = "select from lendings for update; update lendings set until = now()";

/// Somebody in the middle of a change, not committed yet.
struct Change(PgConnection);

impl Change {
    async fn begun(database: &Database, change: &str) -> Self {
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("begin; {change}"))).execute(&mut connection).await.unwrap();
        Self(connection)
    }

    /// Commits once somebody waits for it, and answers what became of him.
    async fn waited_for<T>(mut self, database: &Database, waiting: JoinHandle<T>) -> T {
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut self.0).await.unwrap();
        let waits = "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))";
        while !sqlx::query_scalar::<_, bool>(waits).bind(pid).fetch_one(&database.pool).await.unwrap() {
            assert!(!waiting.is_finished(), "nobody waited");
            tokio::task::yield_now().await;
        }
        sqlx::raw_sql("commit").execute(&mut self.0).await.unwrap();
        waiting.await.unwrap()
    }
}

/// A customer, a plan that calls once an hour on a number, and the claim of the task.
async fn claimed(database: &Database) -> (Scene, Claim) {
    let scene = Scene::with(Arc::new(database.clone()), 1).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let mut policy = without_bounds();
    policy.caps.number = vec![Cap { attempts: 1, within: Duration::from_secs(3_600) }];
    scene.start(PlanId(Uuid::now_v7()), &NewPlan { policy, ..content("bounded", 0) }).await;
    let claim = scene.claim_one().await;
    (scene, claim)
}

async fn opened_during(database: &Database, change: &str) -> Result<records::Attempt, OpenRefusal> {
    let database = database.emptied().await;
    let (_, claim) = claimed(&database).await;
    let whole = Share { lines: 4, cps: 4 };
    let ask = LineAsk { trunk: "main".to_owned(), whole, held: Share::default(), wanted: whole };
    let lent = database.store.lend("one", &[ask], LEASE).await.unwrap().remove(0).id;
    let fresh = NewAttempt { lent: Some(lent), ..attempt(number(0)) };
    let change = Change::begun(&database, change).await;
    let store = database.store.clone();
    let opening = tokio::spawn(async move { store.open_attempt(&claim, &fresh).await.unwrap() });
    change.waited_for(&database, opening).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_waited_is_judged_by_what_was_changed() {
    let server = Server::start().await;
    let database = server.database("opening").await;
    let all_stopped = "update switch set calling = false";
    let plan_stopped = "update plans set state = 'stopped', stopped_at = now() where state = 'running'";
    for (change, expected) in [
        (all_stopped, OpenRefusal::Stopped),
        (plan_stopped, OpenRefusal::Stopped),
        (OPT_OUT, OpenRefusal::OptedOut),
        (LINE_TAKEN, OpenRefusal::LineLost),
    ] {
        assert_eq!(opened_during(&database, change).await, Err(expected), "{change}");
    }
    let opened = opened_during(&database, CALL_BY_HAND).await;
    assert!(matches!(opened, Err(OpenRefusal::Capped { rule: MoveRule::NumberCap, .. })), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_waited_is_judged_by_what_was_changed() {
    let server = Server::start().await;
    let database = server.database("ending").await;
    let (scene, claim) = claimed(&database).await;
    let open = scene.open(&claim).await;
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    let change = Change::begun(&database, OPT_OUT).await;
    let store = database.store.clone();
    let closing =
        tokio::spawn(async move { store.close_attempt(open.id, claim.fence, &busy).await.unwrap() });
    change.waited_for(&database, closing).await;
    let tasks = scene.bench.tasks().await;
    let task = tasks.iter().find(|task| task.id == open.task.unwrap()).unwrap();
    assert_eq!((task.state, task.attempts), (TaskState::Refused, 1));
}
