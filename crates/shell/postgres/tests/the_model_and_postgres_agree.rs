//! Whatever is done in whatever order, Postgres answers and ends up as the model does.

mod server;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ports::conformance::bench::{
    LEASE, NODE, again, attempt, by_hand, callback, closing, content, from_outside, number, put_off, row,
};
use ports::conformance::{Bench, Scene};
use ports::model::Model;
use ports::{Closing, Customers, Lines, NewAttempt, Planning, Proofs, RangBack, Seen, Store, Traces};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use records::{
    AccountId, Answer, Attempt, AttemptId, Callback, CallbackCause, CallbackOutcome, CallbackState, Cap,
    Claim, NextStep, PlanId, Reason, Task, TaskId, TaskState,
};
use server::{Database, Server};
use uuid::Uuid;

/// One thing that is done. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Deed {
    Pass(u64),
    Claim,
    Heartbeat,
    Release(usize),
    Open(usize, usize),
    OpenByHand(u32),
    RingBack(u32),
    Close(usize, End),
    OptOut(usize),
    Stop(usize),
    Start(usize),
    Switch(bool),
    Take(usize),
    Finish(usize, CallbackOutcome),
    Import(u32),
}

#[derive(Clone, Copy, Debug)]
enum End {
    Succeeded,
    Again,
    OurFault,
    Flagged,
    Unknown,
    Vacant,
}

fn deed() -> impl Strategy<Value = Deed> {
    let end = prop_oneof![
        Just(End::Succeeded),
        Just(End::Again),
        Just(End::OurFault),
        Just(End::Flagged),
        Just(End::Unknown),
        Just(End::Vacant),
    ];
    let outcome = prop_oneof![
        Just(CallbackOutcome::Succeeded),
        Just(CallbackOutcome::Refused),
        Just(CallbackOutcome::Exhausted),
        Just(CallbackOutcome::TryAgain),
    ];
    prop_oneof![
        // Steps keep seconds away from every limit, because the clock of Postgres runs on in between.
        3 => prop_oneof![Just(25_u64), Just(100), Just(1_100)].prop_map(Deed::Pass),
        5 => Just(Deed::Claim),
        1 => Just(Deed::Heartbeat),
        2 => any::<usize>().prop_map(Deed::Release),
        8 => (any::<usize>(), 0..2_usize).prop_map(|(claim, place)| Deed::Open(claim, place)),
        1 => (0..6_u32).prop_map(Deed::OpenByHand),
        4 => (0..6_u32).prop_map(Deed::RingBack),
        8 => (any::<usize>(), end).prop_map(|(attempt, end)| Deed::Close(attempt, end)),
        1 => any::<usize>().prop_map(Deed::OptOut),
        1 => (0..2_usize).prop_map(Deed::Stop),
        2 => (0..2_usize).prop_map(Deed::Start),
        1 => any::<bool>().prop_map(Deed::Switch),
        2 => any::<usize>().prop_map(Deed::Take),
        2 => (any::<usize>(), outcome).prop_map(|(item, outcome)| Deed::Finish(item, outcome)),
        1 => (0..4_u32).prop_map(Deed::Import),
    ]
}

/// A store with everything that was claimed and dialled so far.
struct World {
    scene: Scene,
    plans: [PlanId; 2],
    claims: Vec<Claim>,
    /// What each claim's call was decided by, when it was claimed; often out of date when it is dialled.
    seen: HashMap<(TaskId, i64), Seen>,
    attempts: Vec<(Attempt, i64)>,
}

impl World {
    async fn new(bench: Arc<dyn Bench>) -> Self {
        let scene = Scene::with(bench, 3).await;
        let second = PlanId(Uuid::now_v7());
        let mut bounded = content("second", 3);
        let day = Duration::from_secs(24 * 3_600);
        bounded.policy.caps.number = vec![Cap { attempts: 3, within: day }];
        bounded.policy.caps.customer = vec![Cap { attempts: 4, within: day }];
        scene.start(second, &bounded).await;
        Self { plans: [scene.plan, second], scene, claims: vec![], seen: HashMap::new(), attempts: vec![] }
    }

    /// Does it and tells what came of it, in words without ids and times.
    async fn carry_out(&mut self, deed: &Deed) -> String {
        let store = self.scene.store();
        match deed {
            Deed::Pass(seconds) => {
                self.scene.bench.pass(Duration::from_secs(*seconds)).await;
                String::new()
            }
            Deed::Claim => self.claim().await,
            Deed::Heartbeat => format!("{:?}", store.heartbeat(NODE, LEASE).await.unwrap()),
            Deed::Release(n) => {
                let Some(claim) = pick(&self.claims, *n) else { return String::new() };
                let at = store.now().await.unwrap();
                verdict(store.release(claim, at, &put_off()).await)
            }
            Deed::Open(n, place) => {
                let Some(claim) = pick(&self.claims, *n).cloned() else { return String::new() };
                let seen = self.seen.get(&(claim.task.id, claim.fence)).cloned().unwrap_or_default();
                let number = claim.customer.row.numbers[*place].clone();
                let opened =
                    store.open_attempt(&claim, &NewAttempt { seen, ..attempt(number) }).await.unwrap();
                self.remember(opened, claim.fence)
            }
            Deed::OpenByHand(n) => {
                let opened = store.open_manual(&by_hand(number(*n))).await.unwrap();
                self.remember(opened, 0)
            }
            Deed::RingBack(n) => match store.open_inbound(&from_outside(number(*n))).await.unwrap() {
                Err(refusal) => self.remember(Err(refusal), 0),
                Ok(RangBack { attempt, claim: None }) => self.remember(Ok(attempt), 0),
                Ok(RangBack { attempt, claim: Some(claim) }) => {
                    let told = self.remember(Ok(attempt), claim.fence);
                    self.claims.push(claim);
                    told
                }
            },
            Deed::Close(n, end) => {
                let Some((attempt, fence)) = pick(&self.attempts, *n) else { return String::new() };
                let closing = self.closing(*end).await;
                verdict(store.close_attempt(attempt.id, *fence, &closing).await)
            }
            Deed::OptOut(n) => {
                let customer = self.scene.bench.tasks().await;
                let mut named = self.named(&customer).await;
                named.sort();
                let id = pick(&named, *n).unwrap().2;
                verdict(store.opt_out(id, "agent").await)
            }
            Deed::Stop(n) => verdict(store.stop_plan(self.plans[*n]).await.map(drop)),
            Deed::Start(n) => verdict(store.start_plan(self.plans[*n]).await.map(drop)),
            Deed::Switch(calling) => verdict(store.set_switch(*calling, "chief").await.map(drop)),
            Deed::Take(n) => {
                let items = self.scene.bench.callbacks().await;
                let Some(item) = pick(&items, *n) else { return String::new() };
                verdict(store.take_callback(item.id, self.scene.author).await.map(drop))
            }
            Deed::Finish(n, outcome) => {
                let items = self.scene.bench.callbacks().await;
                let Some(item) = pick(&items, *n) else { return String::new() };
                verdict(store.finish_callback(item.id, self.scene.author, *outcome, "", None).await.map(drop))
            }
            Deed::Import(n) => format!("{:?}", store.import_customers(&[row(*n)]).await.unwrap()),
        }
    }

    /// All that is due, in an order both stores share.
    async fn claim(&mut self) -> String {
        let mut claims = self.scene.claim(100).await;
        let name = |claim: &Claim| {
            (claim.plan.content.name.clone(), claim.customer.row.external_id.clone(), claim.fence)
        };
        claims.sort_by_key(name);
        let names: Vec<_> = claims.iter().map(name).collect();
        for claim in &claims {
            let standing = self.scene.store().standing(claim).await.unwrap();
            let seen = Seen { at: standing.now, recent: standing.recent };
            self.seen.insert((claim.task.id, claim.fence), seen);
        }
        self.claims.extend(claims);
        format!("{names:?}")
    }

    fn remember(&mut self, opened: Result<Attempt, ports::OpenRefusal>, fence: i64) -> String {
        match opened {
            Ok(attempt) => {
                self.attempts.push((attempt, fence));
                "open".to_owned()
            }
            // Until when differs by the clocks.
            Err(refusal) => format!("{refusal:?}").split('{').next().unwrap().to_owned(),
        }
    }

    async fn closing(&self, end: End) -> Closing {
        let bench = &*self.scene.bench;
        let soon = Duration::from_secs(30);
        let with = |closing: Closing, callback| Closing { callback: Some(callback), ..closing };
        match end {
            End::Succeeded => closing(Reason::Completed, NextStep::End(TaskState::Succeeded)),
            End::Again => again(bench, Reason::NoAnswer, soon).await,
            End::OurFault => again(bench, Reason::TrunkCongested, soon).await,
            End::Flagged => {
                let cause = CallbackCause::Flagged { flags: vec!["complaint".to_owned()] };
                with(again(bench, Reason::Partial, soon).await, callback(bench, cause, 1).await)
            }
            End::Unknown => {
                let item = callback(bench, CallbackCause::Unknown, 2).await;
                with(closing(Reason::Unknown, NextStep::Person), item)
            }
            End::Vacant => Closing { number_dead: true, ..again(bench, Reason::Vacant, soon).await },
        }
    }

    /// Tasks by plan and customer.
    async fn named(&self, tasks: &[Task]) -> Vec<(String, bool, records::CustomerId)> {
        let mut named = Vec::new();
        for task in tasks {
            let customer = self.scene.store().customer(task.customer).await.unwrap();
            named.push((customer.row.external_id, task.plan == self.plans[0], task.customer));
        }
        named
    }

    /// Everything that can be seen, without ids and times.
    async fn sight(&self) -> String {
        let store = self.scene.store();
        let tasks = self.scene.bench.tasks().await;
        let mut lines = Vec::new();
        for (task, (name, first, id)) in tasks.iter().zip(self.named(&tasks).await) {
            let live = store.live_numbers(id).await.unwrap();
            let opted_out = store.customer(id).await.unwrap().opt_out.map(|kept| kept.source);
            let past = store.history(task.id).await.unwrap();
            let past: Vec<_> = past.into_iter().map(|past| (past.number, past.reason)).collect();
            let moves = store.moves(task.id).await.unwrap();
            assert_eq!(moves.first().map(|made| made.from), Some(None), "the history begins with the task");
            let stood = moves.last().map(|made| made.to);
            let leased = task.state == TaskState::Calling;
            assert!(leased || stood == Some(task.state), "{stood:?} is told, {:?} is true", task.state);
            let moves: Vec<_> =
                moves.into_iter().map(|made| (made.from, made.to, made.because.rule)).collect();
            lines.push(format!(
                "{name} {first} {moves:?} {} {:?} {} {:?} {live:?} {opted_out:?} {past:?}",
                task.rung,
                task.state,
                task.attempts,
                task.ended_at.is_some()
            ));
        }
        lines.sort();
        for item in self.scene.bench.callbacks().await {
            let (content, done) = (item.content, item.state == CallbackState::Done);
            lines.push(format!(
                "{:?} {:?} {} {done} {:?}",
                content.cause, item.state, content.priority, item.note
            ));
        }
        lines.push(format!("{:?}", store.overdue_attempts().await.unwrap().len()));
        lines.join("\n")
    }
}

fn pick<T>(items: &[T], n: usize) -> Option<&T> {
    items.get(n.checked_rem(items.len())?)
}

fn verdict(outcome: Result<(), ports::StoreError>) -> String {
    match outcome {
        Ok(()) => "done".to_owned(),
        Err(ports::StoreError::Conflict(_)) => "conflict".to_owned(),
        Err(error) => error.to_string(),
    }
}

struct OnModel(Model);

#[async_trait]
impl Bench for OnModel {
    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn traces(&self) -> &dyn Traces {
        &self.0
    }

    fn customers(&self) -> &dyn Customers {
        &self.0
    }

    fn lines(&self) -> &dyn Lines {
        &self.0
    }

    fn proofs(&self) -> &dyn Proofs {
        &self.0
    }

    fn planning(&self) -> &dyn Planning {
        &self.0
    }

    async fn account(&self, _login: &str) -> AccountId {
        AccountId(Uuid::now_v7())
    }

    async fn pass(&self, time: Duration) {
        self.0.pass(time);
    }

    async fn tasks(&self) -> Vec<Task> {
        self.0.tasks()
    }

    async fn callbacks(&self) -> Vec<Callback> {
        self.0.callbacks()
    }

    async fn answers(&self, attempt: AttemptId) -> Vec<Answer> {
        self.0.answers(attempt)
    }
}

async fn compare(database: Database, deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut model = World::new(Arc::new(OnModel(Model::new(chrono::Utc::now())))).await;
    let mut postgres = World::new(Arc::new(database)).await;
    for (place, deed) in deeds.iter().enumerate() {
        let (expected, found) = (model.carry_out(deed).await, postgres.carry_out(deed).await);
        prop_assert_eq!(&expected, &found, "{} {:?}", place, deed);
        let (expected, found) = (model.sight().await, postgres.sight().await);
        prop_assert_eq!(&expected, &found, "after {} {:?}", place, deed);
    }
    Ok(())
}

#[test]
fn the_model_and_postgres_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let config = Config { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let seeded = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let count = AtomicU32::new(0);
    TestRunner::new_with_rng(config, seeded)
        .run(&prop::collection::vec(deed(), 30..60), |deeds| {
            let name = format!("run_{}", count.fetch_add(1, Ordering::Relaxed));
            runtime.block_on(async { compare(server.database(&name).await, &deeds).await })
        })
        .unwrap();
}
