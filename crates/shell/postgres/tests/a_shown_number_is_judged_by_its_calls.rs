//! The figures of a shown number come from the attempts, so a restart loses none.

mod server;

use std::sync::Arc;
use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::{again, by_hand, closing, number};
use ports::{CallerCounts, Closing, ManualCall, Overview};
use records::{NextStep, Reason, TaskState};
use server::Server;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A call by hand under a shown number, ended with this reason.
async fn call(scene: &Scene, nth: u32, caller: Option<&str>, reason: Reason, answered: bool) {
    let ManualCall { mut attempt, .. } = by_hand(number(nth));
    attempt.caller = caller.map(str::to_owned);
    let open = scene.store().open_manual(&ManualCall { attempt, rehearsal_of: None }).await.unwrap().unwrap();
    let closing = Closing {
        answered_at: answered.then_some(open.started_at),
        ..closing(reason, NextStep::End(TaskState::Withdrawn))
    };
    scene.close(&open, 0, &closing).await;
}

#[tokio::test]
async fn what_reached_the_network_counts_under_the_number_it_showed() {
    let server = Server::start().await;
    let database = server.database("callers").await;
    let scene = Scene::with(Arc::new(database.clone()), 1).await;
    let (one, other) = (Some("4008001234"), Some("4008005678"));
    // Of yesterday's morning, then of two hours ago, then of now.
    call(&scene, 1, one, Reason::Barred, false).await;
    scene.bench.pass(DAY).await;
    call(&scene, 2, one, Reason::Barred, false).await;
    scene.bench.pass(2 * HOUR).await;
    call(&scene, 3, one, Reason::Completed, true).await;
    call(&scene, 4, one, Reason::NoAnswer, false).await;
    call(&scene, 5, one, Reason::Barred, false).await;
    call(&scene, 6, other, Reason::HungUpEarly, true).await;
    // Neither faults of our own side, nor numbers that were not kept, nor calls that are still up.
    call(&scene, 7, one, Reason::TrunkCongested, false).await;
    call(&scene, 8, one, Reason::Cancelled, false).await;
    call(&scene, 9, None, Reason::Completed, true).await;
    let claim = scene.claim_one().await;
    let up = scene.open(&claim).await;

    let counts = |caller: &str, calls, answered, barred| CallerCounts {
        caller: caller.to_owned(),
        calls,
        answered,
        barred,
    };
    let hour = database.store.caller_counts(HOUR).await.unwrap();
    assert_eq!(hour, [counts("4008001234", 3, 1, 1), counts("4008005678", 1, 1, 0)]);
    let day = database.store.caller_counts(DAY).await.unwrap();
    assert_eq!(day[0], counts("4008001234", 4, 1, 2));

    scene.close(&up, claim.fence, &again(&*scene.bench, Reason::Busy, HOUR).await).await;
    let hour = database.store.caller_counts(HOUR).await.unwrap();
    assert_eq!(hour[0], counts("4008001234", 4, 1, 1));
}
