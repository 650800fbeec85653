//! A connection that is lost before the answer came leaves it open whether anything was done: it is asked for again.

mod server;

use std::sync::Arc;
use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::{again, attempt, content};
use ports::{NewAttempt, Seen, Store};
use postgres::{Options, Postgres};
use records::{Cap, MoveRule, NewPlan, PlanId, Policy, Reason, TaskState};
use server::Server;
use server::way::Way;
use uuid::Uuid;

#[tokio::test]
async fn what_was_done_unheard_is_not_done_twice() {
    let server = Server::start().await;
    let database = server.database("unheard").await;
    let way = Way::to(&database.url);
    let store = Postgres::connect(&way.url, Options::default()).await.unwrap();
    let scene = Scene::with(Arc::new(database), 1).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    // The least gap forbids another call just after the one nobody heard of.
    let mut policy = Policy::default();
    policy.caps.customer = vec![Cap { attempts: 1, within: Duration::from_secs(3_600) }];
    scene.start(PlanId(Uuid::now_v7()), &NewPlan { policy, ..content("bounded", 0) }).await;
    let claim = scene.claim_one().await;
    let standing = store.standing(&claim).await.unwrap();

    way.lose_an_answer();
    let seen = Seen { at: standing.now, recent: standing.recent };
    let fresh = NewAttempt { seen, ..attempt(standing.numbers[0].clone()) };
    let open = store.open_attempt(&claim, &fresh).await.unwrap().unwrap();
    assert!(way.has_lost_it());
    assert_eq!((open.id, open.task, open.reason), (fresh.id, Some(claim.task.id), None));
    assert_eq!(scene.store().attempt(fresh.id).await.unwrap(), open);

    way.lose_an_answer();
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    store.close_attempt(open.id, claim.fence, &busy).await.unwrap();
    assert!(way.has_lost_it());
    let tasks = scene.bench.tasks().await;
    let task = tasks.iter().find(|task| task.id == claim.task.id).unwrap();
    assert_eq!((task.state, task.attempts), (TaskState::Waiting, 1));
    let moves = scene.store().moves(task.id).await.unwrap();
    let rules: Vec<_> = moves.iter().map(|made| made.because.rule).collect();
    assert_eq!(rules, [MoveRule::FellDue, MoveRule::Dialled, MoveRule::OtherSlot]);
}
