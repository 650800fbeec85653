//! Races: many processes at once on the same tasks, customers and numbers.

mod server;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::{self, attempt, by_hand, closing, number, put_off, succeeded};
use ports::{NewAttempt, OpenRefusal, Seen, Standing, Store, StoreError};
use postgres::{Options, Postgres};
use records::{Cap, Fact, NewPlan, NextStep, Noted, PlanId, Reason, TaskId, TaskState};
use server::{Database, Server};
use sqlx::Connection;
use tokio::task::JoinSet;

async fn scene(database: &Database, customers: u32) -> Arc<Scene> {
    Arc::new(Scene::with(Arc::new(database.clone()), customers).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_claimers_never_get_the_same_task() {
    let server = Server::start().await;
    let database = server.database("claims").await;
    scene(&database, 300).await;
    let mut claimers = JoinSet::new();
    for n in 0..8 {
        let store = database.store.clone();
        claimers.spawn(async move {
            let mut mine: Vec<TaskId> = Vec::new();
            // Rows that others hold are skipped, so an empty round is not the end while some are left.
            for _ in 0..60 {
                let claims = store.claim_due(&format!("node-{n}"), 3, bench::LEASE).await.unwrap();
                assert!(claims.iter().all(|claim| claim.fence == 1));
                mine.extend(claims.into_iter().map(|claim| claim.task.id));
            }
            mine
        });
    }
    let claimed: Vec<TaskId> = claimers.join_all().await.into_iter().flatten().collect();
    let distinct: HashSet<TaskId> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), distinct.len()), (300, 300));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_dial_a_number_one_does() {
    let server = Server::start().await;
    let database = server.database("numbers").await;
    let scene = scene(&database, 1).await;
    let second = records::PlanId(uuid::Uuid::now_v7());
    scene.start(second, &bench::content("second", 0)).await;
    for _ in 0..10 {
        let claims = scene.claim(2).await;
        assert_eq!(claims.len(), 2);
        let mut dialling = JoinSet::new();
        for (n, claim) in claims.iter().enumerate() {
            // One plan on the first number, the other on the second: the customer is the same.
            let (store, claim) = (database.store.clone(), claim.clone());
            let fresh = attempt(claim.customer.row.numbers[n].clone());
            dialling.spawn(async move { store.open_attempt(&claim, &fresh).await.unwrap() });
        }
        let outcomes = dialling.join_all().await;
        let opened: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(opened.len(), 1, "{outcomes:?}");
        let until = opened[0].alive_until;
        assert!(outcomes.contains(&Err(OpenRefusal::AlreadyOpen { until })), "{outcomes:?}");

        let mut by_hands = JoinSet::new();
        for _ in 0..6 {
            let store = database.store.clone();
            by_hands.spawn(async move { store.open_manual(&by_hand(number(9))).await.unwrap() });
        }
        let outcomes = by_hands.join_all().await;
        let manual: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(manual.len(), 1, "{outcomes:?}");

        database.store.close_attempt(manual[0].id, 0, &succeeded()).await.unwrap();
        let now = database.store.now().await.unwrap();
        for claim in &claims {
            let history = database.store.history(claim.task.id).await.unwrap();
            let again = NextStep::TryAgain { at: now, why: "again".to_owned() };
            match history.iter().find(|past| past.reason.is_none()) {
                Some(open) => {
                    let busy = closing(Reason::Busy, again);
                    database.store.close_attempt(open.attempt, claim.fence, &busy).await.unwrap();
                }
                None => database.store.release(claim, now, &put_off()).await.unwrap(),
            }
        }
    }
}

/// Each has decided by what it saw before any of them dialled, and ends its call at once: nothing but the cap is left to
/// stop the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_processes_who_saw_room_for_one_call_one_makes_it() {
    let server = Server::start().await;
    let database = server.database("room").await;
    let scene = scene(&database, 1).await;
    let mut policy = bench::without_bounds();
    policy.caps.customer = vec![Cap { attempts: 1, within: Duration::from_secs(3_600) }];
    for n in 0..8 {
        let content = NewPlan { policy: policy.clone(), ..bench::content(&format!("plan {n}"), 1) };
        scene.start(PlanId(uuid::Uuid::now_v7()), &content).await;
    }
    let other = Postgres::connect(&database.url, Options::default()).await.unwrap();
    for round in 0..5 {
        let claims: Vec<_> =
            scene.claim(9).await.into_iter().filter(|claim| claim.plan.id != scene.plan).collect();
        assert_eq!(claims.len(), 8);
        let mut decided = Vec::new();
        for (n, claim) in claims.into_iter().enumerate() {
            let store = if n % 2 == 0 { &database.store } else { &other };
            let Standing { now, recent, .. } = store.standing(&claim).await.unwrap();
            assert_eq!(recent, []);
            let number = claim.customer.row.numbers[n % 2].clone();
            let fresh = NewAttempt { seen: Seen { at: now, recent }, ..attempt(number) };
            decided.push((store.clone(), claim, fresh, now));
        }
        let mut dialling = JoinSet::new();
        for (store, claim, fresh, now) in decided {
            dialling.spawn(async move {
                let opened = store.open_attempt(&claim, &fresh).await.unwrap();
                let next = NextStep::TryAgain { at: now, why: "again".to_owned() };
                match &opened {
                    Ok(open) => {
                        let busy = closing(Reason::Busy, next);
                        store.close_attempt(open.id, claim.fence, &busy).await.unwrap();
                    }
                    Err(_) => store.release(&claim, now, &put_off()).await.unwrap(),
                }
                opened
            });
        }
        let outcomes = dialling.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{round}: {outcomes:?}");
        let refused = |outcome: &Result<_, _>| {
            matches!(outcome, Ok(_) | Err(OpenRefusal::Capped { .. } | OpenRefusal::AlreadyOpen { .. }))
        };
        assert!(outcomes.iter().all(refused), "{outcomes:?}");
        for claim in scene.claim(9).await {
            scene.store().release(&claim, claim.task.next_at, &put_off()).await.unwrap();
        }
        scene.bench.pass(Duration::from_secs(3_700)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn opt_out_and_dialling_at_once_leave_nothing_hanging() {
    let server = Server::start().await;
    let database = server.database("opt_outs").await;
    let scene = scene(&database, 40).await;
    let mut racing = JoinSet::new();
    for claim in scene.claim(40).await {
        let (dialler, objector) = (database.store.clone(), database.store.clone());
        let (number, customer) = (claim.customer.row.numbers[0].clone(), claim.customer.id);
        racing.spawn(async move {
            let objects = tokio::spawn(async move { objector.opt_out(customer, "agent").await.unwrap() });
            let opened = dialler.open_attempt(&claim, &attempt(number)).await.unwrap();
            objects.await.unwrap();
            match opened {
                Ok(open) => {
                    let at = dialler.now().await.unwrap();
                    let next = NextStep::TryAgain { at, why: "again".to_owned() };
                    dialler.close_attempt(open.id, claim.fence, &closing(Reason::Busy, next)).await.unwrap();
                }
                Err(refusal) => assert_eq!(refusal, OpenRefusal::OptedOut),
            }
        });
    }
    racing.join_all().await;
    let tasks = scene.bench.tasks().await;
    assert_eq!(tasks.len(), 40);
    assert!(tasks.iter().all(|task| task.state == TaskState::Refused), "{tasks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_stopping_has_returned_no_attempt_appears() {
    let server = Server::start().await;
    let database = server.database("switch").await;
    let scene = scene(&database, 60).await;
    let mut dialling = JoinSet::new();
    for claim in scene.claim(60).await {
        let store = database.store.clone();
        let fresh = attempt(claim.customer.row.numbers[0].clone());
        dialling.spawn(async move { store.open_attempt(&claim, &fresh).await.unwrap().is_ok() });
    }
    database.store.set_switch(false, "chief").await.unwrap();
    let count = "select count(*) from attempts";
    let (when_stopped,): (i64,) = sqlx::query_as(count).fetch_one(&database.pool).await.unwrap();
    let opened = dialling.join_all().await.into_iter().filter(|opened| *opened).count();
    let (in_the_end,): (i64,) = sqlx::query_as(count).fetch_one(&database.pool).await.unwrap();
    assert_eq!((when_stopped, opened as i64), (in_the_end, in_the_end));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_imports_of_a_new_list_at_once_make_each_customer_once() {
    let server = Server::start().await;
    let database = server.database("imports").await;
    let rows: Vec<_> = (0..200).map(bench::row).collect();
    let mut imports = JoinSet::new();
    for _ in 0..4 {
        let (store, rows) = (database.store.clone(), rows.clone());
        imports.spawn(async move { store.import_customers(&rows).await.unwrap() });
    }
    let reports = imports.join_all().await;
    assert_eq!(reports.iter().map(|report| report.created).sum::<u64>(), 200);
    assert_eq!(reports.iter().map(|report| report.unchanged).sum::<u64>(), 600);
}

#[tokio::test]
async fn a_process_killed_inside_a_transaction_leaves_nothing_behind() {
    let server = Server::start().await;
    let database = server.database("killed").await;
    let scene = scene(&database, 1).await;
    let claim = scene.claim_one().await;

    // What a killed process leaves: an attempt inserted, never committed, its connection cut.
    let mut dying = sqlx::PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("begin").execute(&mut dying).await.unwrap();
    sqlx::query(
        "insert into attempts (id, task_id, plan_id, customer_id, number, trunk, alive_until)
         select gen_random_uuid(), id, plan_id, customer_id, '+8613800100000', 'main', now() + interval '1 h'
         from tasks",
    )
    .execute(&mut dying)
    .await
    .unwrap();
    let (store, again) = (database.store.clone(), claim.clone());
    let waiting = tokio::spawn(async move { store.open_attempt(&again, &attempt(number(0))).await.unwrap() });
    let pid: (i32,) = sqlx::query_as("select pg_backend_pid()").fetch_one(&mut dying).await.unwrap();
    // The other waits for the verdict on that row.
    let blocked = "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))";
    while !sqlx::query_as::<_, (bool,)>(blocked).bind(pid.0).fetch_one(&database.pool).await.unwrap().0 {
        tokio::task::yield_now().await;
    }
    drop(dying);
    let opened = waiting.await.unwrap().unwrap();
    assert_eq!(database.store.history(claim.task.id).await.unwrap().len(), 1);
    assert_eq!(opened.task, Some(claim.task.id));
}

#[tokio::test]
async fn a_caller_who_goes_away_poisons_no_connection() {
    let server = Server::start().await;
    let database = server.database("dropped").await;
    let scene = scene(&database, 1).await;
    let open = scene.open(&scene.claim_one().await).await;
    for seq in 0..50 {
        let facts = [Fact { seq, at_ms: 1, noted: Noted::Progress { status: 180 } }];
        // Dropped at its first pause, which is inside `begin`.
        let cut = database.store.note(open.id, &facts);
        start_and_drop(cut).await;
    }
    // Each was done all the same, and all connections serve.
    while database.store.facts(open.id).await.unwrap().len() < 50 {
        tokio::task::yield_now().await;
    }
    let idle = "select count(*) from pg_stat_activity where state like 'idle in transaction%'";
    let (stuck,): (i64,) = sqlx::query_as(idle).fetch_one(&database.pool).await.unwrap();
    assert_eq!(stuck, 0);
}

#[tokio::test]
async fn a_lock_that_is_not_had_in_time_poisons_no_connection() {
    let server = Server::start().await;
    let database = server.database("locked").await;
    let scene = scene(&database, 1).await;
    let claim = scene.claim_one().await;
    let options = Options { connections: 1, lock: Duration::from_millis(50), ..Options::default() };
    let impatient = Postgres::connect(&database.url, options).await.unwrap();

    let mut holder = database.pool.begin().await.unwrap();
    sqlx::query("select from customers for update").execute(&mut *holder).await.unwrap();
    let refused = impatient.open_attempt(&claim, &attempt(number(0))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    holder.rollback().await.unwrap();
    let opened = impatient.open_attempt(&claim, &attempt(number(0))).await.unwrap().unwrap();
    assert_eq!(opened.task, Some(claim.task.id));
}

#[tokio::test]
async fn connections_that_died_at_rest_are_replaced_unnoticed() {
    let server = Server::start().await;
    let database = server.database("died").await;
    let scene = scene(&database, 1).await;
    let open = scene.open(&scene.claim_one().await).await;
    let end =
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'huifang'";
    for seq in 0..4 {
        // Several rest, all used a moment ago.
        let (one, other) = tokio::join!(database.store.now(), database.store.now());
        assert!(one.is_ok() && other.is_ok());
        while sqlx::query_scalar::<_, i64>(end).fetch_one(&database.pool).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
        match seq % 3 {
            0 => drop(database.store.now().await.unwrap()),
            1 => drop(scene.claim(1).await),
            _ => {
                let facts = [Fact { seq, at_ms: 1, noted: Noted::Progress { status: 180 } }];
                database.store.note(open.id, &facts).await.unwrap();
            }
        }
    }
}

/// Polls a future once and drops it.
async fn start_and_drop<F: Future>(future: F) {
    let mut future = Box::pin(future);
    std::future::poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}
