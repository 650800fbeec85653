//! What a sentence works with: a store, a way to let time pass, and a scene of customers and a running plan.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use records::{
    AccountId, Answer, Attempt, AttemptId, Audience, Because, Callback, CallbackCause, CapPolicy, Claim,
    CustomerRow, Evidence, MoveRule, NewCallback, NewPlan, NextStep, Number, Onward, Plan, PlanId, Policy,
    Reason, Schedule, Task, TaskState,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Closing, Customers, InboundCall, Lines, ManualCall, NewAttempt, NewQuestionnaire, OpenRefusal, Planning,
    Proofs, Seen, Store, Traces,
};

/// A fresh store and what its tests need besides the port.
#[async_trait]
pub trait Bench: Send + Sync + 'static {
    fn store(&self) -> &dyn Store;
    fn traces(&self) -> &dyn Traces;
    fn customers(&self) -> &dyn Customers;
    fn lines(&self) -> &dyn Lines;
    fn planning(&self) -> &dyn Planning;
    fn proofs(&self) -> &dyn Proofs;
    /// An account that may write plans and take callbacks.
    async fn account(&self, login: &str) -> AccountId;
    /// Lets time pass for the store, at once.
    async fn pass(&self, time: Duration);
    async fn tasks(&self) -> Vec<Task>;
    /// In the order they were queued.
    async fn callbacks(&self) -> Vec<Callback>;
    async fn answers(&self, attempt: AttemptId) -> Vec<Answer>;
}

pub const LEASE: Duration = Duration::from_secs(60);
pub const LONGEST: Duration = Duration::from_secs(1_000);
pub const NODE: &str = "node-1";

/// A running plan over some customers.
pub struct Scene {
    pub bench: Arc<dyn Bench>,
    pub author: AccountId,
    pub plan: PlanId,
}

impl Scene {
    /// `customers` customers with two numbers each, and a plan that calls them.
    pub async fn with(bench: Arc<dyn Bench>, customers: u32) -> Self {
        let rows: Vec<CustomerRow> = (0..customers).map(row).collect();
        bench.store().import_customers(&rows).await.unwrap();
        let author = bench.account("author").await;
        let scene = Self { plan: PlanId(Uuid::now_v7()), author, bench };
        scene.start(scene.plan, &content("first", 0)).await;
        scene
    }

    pub fn store(&self) -> &dyn Store {
        self.bench.store()
    }

    /// Publishes, creates, approves and starts a plan; answers how many tasks it made once its list is whole.
    pub async fn start(&self, id: PlanId, content: &NewPlan) -> u64 {
        let mut made = self.begin(id, content).await;
        while let Some(part) = self.bench.planning().go_on_listing(10_000).await.unwrap() {
            made += part.made;
        }
        made
    }

    /// The same, and lets its list be as far as it is made at once.
    pub async fn begin(&self, id: PlanId, content: &NewPlan) -> u64 {
        self.create(id, content).await;
        self.store().approve_plan(id, self.author, true).await.unwrap();
        self.store().start_plan(id).await.unwrap()
    }

    pub async fn create(&self, id: PlanId, content: &NewPlan) -> Plan {
        self.store().publish_questionnaire(&questionnaire()).await.unwrap();
        self.store().create_plan(id, content, self.author).await.unwrap()
    }

    pub async fn claim(&self, limit: u32) -> Vec<Claim> {
        self.store().claim_due(NODE, limit, LEASE).await.unwrap()
    }

    /// The only task that is due.
    pub async fn claim_one(&self) -> Claim {
        let mut claims = self.claim(10).await;
        assert_eq!(claims.len(), 1);
        claims.remove(0)
    }

    pub async fn open(&self, claim: &Claim) -> Attempt {
        self.try_open(claim, 0).await.unwrap()
    }

    /// Dials the customer's number at `place`.
    pub async fn try_open(&self, claim: &Claim, place: usize) -> Result<Attempt, OpenRefusal> {
        let number = claim.customer.row.numbers[place].clone();
        self.store().open_attempt(claim, &attempt(number)).await.unwrap()
    }

    pub async fn close(&self, attempt: &Attempt, fence: i64, closing: &Closing) {
        self.store().close_attempt(attempt.id, fence, closing).await.unwrap();
    }

    /// Ends a call by hand that nobody answered.
    pub async fn close_by_hand(&self, attempt: AttemptId) {
        let end = closing(Reason::NoAnswer, NextStep::End(TaskState::Withdrawn));
        self.store().close_attempt(attempt, 0, &end).await.unwrap();
    }

    /// The task of the only customer.
    pub async fn task(&self) -> Task {
        let mut tasks = self.bench.tasks().await;
        assert_eq!(tasks.len(), 1);
        tasks.remove(0)
    }
}

/// Customer number `n`: `c0`, `c1`, … with two numbers.
pub fn row(n: u32) -> CustomerRow {
    CustomerRow {
        external_id: format!("c{n}"),
        name: format!("客户{n}"),
        numbers: vec![number(2 * n), number(2 * n + 1)],
        class: Some(if n.is_multiple_of(2) { "even" } else { "odd" }.to_owned()),
        branch: None,
        language: Some("zh".to_owned()),
        time_zone: Some(chrono_tz::Asia::Shanghai),
        account_manager: Some("王经理".to_owned()),
        rated_person: None,
        dates: [("signed".to_owned(), chrono::NaiveDate::from_ymd_opt(2026, 11, 2).unwrap())].into(),
        ..CustomerRow::default()
    }
}

pub fn number(n: u32) -> Number {
    Number::parse(&format!("138001{n:05}")).unwrap()
}

pub fn questionnaire() -> NewQuestionnaire {
    let source = "questionnaire: satisfaction\n".to_owned();
    let version = hex::encode(Sha256::digest(source.as_bytes()));
    NewQuestionnaire { name: "satisfaction".to_owned(), version, source }
}

pub fn content(name: &str, priority: i16) -> NewPlan {
    NewPlan {
        name: name.to_owned(),
        questionnaire: "satisfaction".to_owned(),
        questionnaire_version: questionnaire().version,
        audience: Audience::Everyone,
        policy: without_bounds(),
        priority,
        schedule: Schedule::default(),
    }
}

/// The default policy, but calls may follow each other at once and as often as anybody likes.
pub fn without_bounds() -> Policy {
    let caps = CapPolicy { customer: Vec::new(), number: Vec::new() };
    let mut policy = Policy { caps, ..Policy::default() };
    policy.retry.gap = Some(Duration::ZERO);
    policy
}

pub fn attempt(number: Number) -> NewAttempt {
    NewAttempt {
        id: AttemptId(Uuid::now_v7()),
        number,
        trunk: "main".to_owned(),
        caller: Some("4008001234".to_owned()),
        longest: LONGEST,
        lent: None,
        seen: Seen::default(),
    }
}

pub fn by_hand(number: Number) -> ManualCall {
    ManualCall { attempt: attempt(number), rehearsal_of: None }
}

/// A call from a number, strangers heard.
pub fn from_outside(number: Number) -> InboundCall {
    InboundCall { attempt: attempt(number), node: NODE.to_owned(), withheld: false, strangers: true }
}

/// The rule a policy would name.
fn by(reason: Reason, next: &NextStep) -> Because {
    let rule = match next {
        NextStep::End(TaskState::Refused) => MoveRule::Declined,
        NextStep::End(_) => MoveRule::Completed,
        NextStep::Person if reason == Reason::Unknown => MoveRule::OutcomeUnknown,
        NextStep::Person | NextStep::Climb(_) => MoveRule::RoundExhausted,
        NextStep::TryAgain { .. } => MoveRule::OtherSlot,
        NextStep::GoOn => MoveRule::OtherTrunk,
    };
    Because::of(rule)
}

/// A person is to decide.
pub fn to_person(callback: Option<&NewCallback>) -> Onward {
    let because = Because::of(MoveRule::NumberDead);
    Onward { next: NextStep::Person, callback: callback.cloned(), because }
}

/// Why a task is given back in these tests.
pub fn put_off() -> Because {
    Because::of(MoveRule::Window)
}

pub fn closing(reason: Reason, next: NextStep) -> Closing {
    Closing {
        because: by(reason, &next),
        reason,
        evidence: Evidence { sip_status: Some(486), ..Evidence::default() },
        answered_at: None,
        next,
        callback: None,
        number_dead: false,
    }
}

pub fn succeeded() -> Closing {
    closing(Reason::Completed, NextStep::End(TaskState::Succeeded))
}

pub async fn again(bench: &dyn Bench, reason: Reason, after: Duration) -> Closing {
    let at = bench.store().now().await.unwrap() + after;
    closing(reason, NextStep::TryAgain { at, why: "another slot".to_owned() })
}

pub async fn callback(bench: &dyn Bench, cause: CallbackCause, priority: i16) -> NewCallback {
    let due_at =
        bench.store().now().await.unwrap() + Duration::from_secs(3_600 * u64::from(priority.unsigned_abs()));
    NewCallback { cause, priority, due_at }
}

/// What a process that finds an overdue attempt closes it with.
pub async fn unknown(bench: &dyn Bench) -> Closing {
    Closing {
        callback: Some(callback(bench, CallbackCause::Unknown, 2).await),
        ..closing(Reason::Unknown, NextStep::Person)
    }
}
