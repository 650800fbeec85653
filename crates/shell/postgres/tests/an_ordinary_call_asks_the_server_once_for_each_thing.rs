//! What a call costs here is mostly ways to the server and back. They are counted on the way itself.

mod server;

use std::time::Duration;

use ports::conformance::Scene;
use ports::conformance::bench::{again, attempt, content, succeeded, without_bounds};
use ports::{Closing, NewAttempt, NewRecording, Seen, Standing, Store};
use postgres::{Options, Postgres};
use records::{Cap, Claim, Fact, NewPlan, NextStep, Noted, PlanId, Reason, RecordingId};
use server::Server;
use server::way::Way;
use uuid::Uuid;

/// How often the server was waited for.
type Ways = [(&'static str, u64); 5];

#[tokio::test]
async fn an_ordinary_call_asks_the_server_once_for_each_thing() {
    let server = Server::start().await;
    let database = server.database("ways").await;
    let way = Way::to(&database.url);
    let options = Options { connections: 2, ..Options::default() };
    let store = Postgres::connect(&way.url, options).await.unwrap();
    let scene = Scene::with(std::sync::Arc::new(database), 6).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let mut policy = without_bounds();
    policy.caps.customer = vec![Cap { attempts: 9, within: Duration::from_secs(36_000) }];
    let plan = NewPlan { policy, ..content("bounded", 0) };
    scene.start(PlanId(Uuid::now_v7()), &plan).await;

    let mut first = Vec::new();
    for claim in scene.claim(6).await {
        let no_answer = again(&*scene.bench, Reason::NoAnswer, Duration::ZERO).await;
        first.push(call(&store, &way, &claim, &no_answer).await);
    }
    // Each was called before, over another trunk as well: more is known, and asked for as often.
    let mut second = Vec::new();
    for claim in scene.claim(6).await {
        let on =
            Closing { next: NextStep::GoOn, ..again(&*scene.bench, Reason::NoMedia, Duration::ZERO).await };
        call(&store, &way, &claim, &on).await;
        second.push(call(&store, &way, &claim, &succeeded()).await);
    }
    let once = [("decided", 1), ("opened", 1), ("noted", 1), ("ended", 1), ("filed", 1)];
    assert_eq!((least(&first), least(&second)), (once, once), "{first:?} {second:?}");
}

/// One call over that way, from its claim on.
async fn call(store: &Postgres, way: &Way, claim: &Claim, closing: &Closing) -> Ways {
    let mut asked = way.asked();
    let mut since = || {
        let ways = way.asked() - asked;
        asked = way.asked();
        ways
    };
    let Standing { now, recent, numbers, .. } = store.standing(claim).await.unwrap();
    let decided = since();
    let fresh = NewAttempt { seen: Seen { at: now, recent }, ..attempt(numbers[0].clone()) };
    let open = store.open_attempt(claim, &fresh).await.unwrap().unwrap();
    let opened = since();
    let facts = [Noted::Progress { status: 180 }, Noted::Answered];
    let facts: Vec<_> = (0..).zip(facts).map(|(seq, noted)| Fact { seq, at_ms: 20, noted }).collect();
    store.note(open.id, &facts).await.unwrap();
    let noted = since();
    store.close_attempt(open.id, claim.fence, closing).await.unwrap();
    let ended = since();
    let recording = NewRecording {
        id: RecordingId(Uuid::now_v7()),
        attempt: open.id,
        path: format!("2026-11-22/{}.wav", open.id),
        bytes: 1,
        seconds: 1.0,
        sha256: "0".repeat(64),
        cues: Vec::new(),
    };
    store.file_recording(&recording).await.unwrap();
    [("decided", decided), ("opened", opened), ("noted", noted), ("ended", ended), ("filed", since())]
}

/// On a connection that knows its statements and has not rested.
fn least(calls: &[Ways]) -> Ways {
    let mut least = calls[0];
    for call in calls {
        for (least, ways) in least.iter_mut().zip(call) {
            least.1 = least.1.min(ways.1);
        }
    }
    least
}
