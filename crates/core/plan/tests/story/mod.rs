//! The history of one task, told call by call.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Calendar, Certificate, Clause, ClauseName, Dossier, Tried, Verdict, certify};
use records::{
    AccountId, Attempt, AttemptId, Audience, Because, Callback, CallbackCause, CallbackId, CallbackState,
    Customer, CustomerId, CustomerRow, Direction, Evidence, Move, MoveId, MoveRule, NewCallback, NewPlan,
    Number, Occasion, Plan, PlanId, PlanState, Policy, Reason, Recent, Recording, RecordingId, Schedule,
    Task, TaskId, TaskState,
};
use uuid::Uuid;

/// A moment in Shanghai: `11-20 10:05`; 20 November 2026 is a Friday.
pub(crate) fn cn(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-{}:00+08:00", text.replace(' ', "T"))).unwrap().to_utc()
}

pub(crate) fn number() -> Number {
    Number::parse("13800138000").unwrap()
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A counted attempt on that number.
pub(crate) fn made(started_at: DateTime<Utc>, on_customer: bool) -> Recent {
    Recent { attempt: AttemptId(id(9)), number: number(), started_at, on_customer }
}

/// A task that fell due on 19 November, as the story goes on.
pub(crate) struct Story(pub(crate) Dossier);

impl Story {
    pub(crate) fn new() -> Self {
        Self::with(Policy::default())
    }

    pub(crate) fn with(policy: Policy) -> Self {
        let schedule: Schedule = serde_json::from_value(serde_json::json!({"firings": [
            {"on": {"event": "signed"}, "offsets": ["5wd"], "within": ["1m"], "rule": "W7.1"},
            {"on": {"event": "installed"}, "offsets": ["1m"], "rule": "S4.3"}]}))
        .unwrap();
        let plan = Plan {
            id: PlanId(id(1)),
            content: NewPlan {
                name: "合同签订回访".to_owned(),
                questionnaire: "satisfaction".to_owned(),
                questionnaire_version: "ab".repeat(32),
                audience: Audience::Everyone,
                policy,
                priority: 0,
                schedule,
            },
            state: PlanState::Running,
            created_by: AccountId(id(10)),
            created_at: cn("11-01 09:00"),
            approved_by: Some(AccountId(id(11))),
            own_approval: false,
            first_started_at: Some(cn("11-01 10:00")),
            started_at: Some(cn("11-01 10:00")),
            stopped_at: None,
        };
        let customer = Customer {
            id: CustomerId(id(2)),
            row: CustomerRow {
                external_id: "C-7".to_owned(),
                name: "李明".to_owned(),
                numbers: vec![number()],
                ..CustomerRow::default()
            },
            created_at: cn("11-01 09:00"),
            updated_at: cn("11-01 09:00"),
            opt_out: None,
        };
        let task = Task {
            id: TaskId(id(3)),
            plan: plan.id,
            customer: customer.id,
            occasion: Occasion("signed+5wd".to_owned()),
            role: records::ContactRole::default(),
            state: TaskState::Due,
            next_at: cn("11-19 00:00"),
            due_on: Some("2026-11-19".parse().unwrap()),
            mode: records::Mode::Phone,
            aim_by: None,
            due_by: Some(cn("12-20 00:00")),
            attempts: 0,
            rung: 0,
            round_since: None,
            created_at: cn("11-18 08:00"),
            ended_at: None,
        };
        let mut story = Self(Dossier {
            now: cn("11-18 08:00"),
            task,
            plan: Arc::new(plan),
            customer: Arc::new(customer),
            attempts: vec![],
            moves: vec![],
            steps: vec![],
            callbacks: vec![],
            waivers: vec![],
            recent: vec![],
        });
        story.moved("11-18 08:00", TaskState::Due, MoveRule::FellDue);
        story
    }

    pub(crate) fn plan(&mut self) -> &mut Plan {
        Arc::make_mut(&mut self.0.plan)
    }

    pub(crate) fn moved(&mut self, at: &str, to: TaskState, rule: MoveRule) -> &mut Move {
        let from = self.0.moves.last().map(|last| last.to);
        let attempt = self.0.attempts.last().map(|tried| tried.attempt.id);
        self.0.moves.push(Move {
            id: MoveId(self.0.moves.len() as i64 + 1),
            task: self.0.task.id,
            at: cn(at),
            from,
            to,
            because: Because::of(rule),
            next_at: None,
            attempt: attempt.filter(|_| rule != MoveRule::FellDue),
            step: None,
            by: None,
        });
        self.0.task.state = to;
        self.0.task.ended_at = to.ended().then(|| cn(at));
        self.0.now = self.0.now.max(cn(at) + TimeDelta::hours(1));
        self.0.moves.last_mut().unwrap()
    }

    /// An attempt of a minute, and the rule that followed.
    pub(crate) fn call(mut self, at: &str, reason: Reason, to: TaskState, rule: MoveRule) -> Self {
        let started_at = cn(at);
        let ended_at = started_at + TimeDelta::seconds(45);
        let answered = matches!(reason, Reason::Completed | Reason::Inconvenient | Reason::Declined);
        let attempt = AttemptId(id(100 + self.0.attempts.len() as u128));
        let recording = answered.then(|| Recording {
            id: RecordingId(id(200)),
            attempt,
            path: "2026-11-19/p/a.wav".to_owned(),
            bytes: 1000,
            seconds: 40.0,
            sha256: "cd".repeat(32),
            cues: vec![],
            sealed_at: ended_at,
        });
        let evidence = Evidence {
            ring_ms: (reason == Reason::NoAnswer).then_some(30_100),
            ended_by: Some(if answered { "customer" } else { "us" }.to_owned()),
            ..Evidence::default()
        };
        self.0.attempts.push(Tried {
            attempt: Attempt {
                id: attempt,
                task: Some(self.0.task.id),
                plan: Some(self.0.plan.id),
                customer: Some(self.0.customer.id),
                direction: Direction::Outbound,
                number: number(),
                trunk: "main".to_owned(),
                caller: Some("4008001234".to_owned()),
                started_at,
                answered_at: answered.then(|| started_at + TimeDelta::seconds(5)),
                ended_at: Some(ended_at),
                alive_until: ended_at,
                reason: Some(reason),
                evidence,
            },
            answers: vec![],
            recording,
        });
        if reason.counts() {
            self.0.recent.push(made(started_at, true));
        }
        self.moved(at, TaskState::Calling, MoveRule::Dialled);
        self.moved(at, to, rule);
        self
    }

    pub(crate) fn again(self, at: &str, reason: Reason) -> Self {
        self.call(at, reason, TaskState::Waiting, MoveRule::OtherSlot)
    }

    pub(crate) fn last(&mut self) -> &mut Tried {
        self.0.attempts.last_mut().unwrap()
    }

    pub(crate) fn item(&mut self, due: &str, done: Option<&str>) {
        self.0.callbacks.push(Callback {
            id: CallbackId(id(300)),
            task: self.0.task.id,
            plan: self.0.plan.id,
            customer: self.0.customer.id,
            attempt: None,
            content: NewCallback {
                cause: CallbackCause::Exhausted { last: Reason::NoAnswer },
                priority: 3,
                due_at: cn(due),
            },
            state: if done.is_some() { CallbackState::Done } else { CallbackState::Open },
            taken_by: None,
            note: None,
            created_at: cn("11-20 10:00"),
            done_at: done.map(cn),
        });
    }

    pub(crate) fn certificate(&self) -> Certificate {
        certify(&self.0, &Calendar::official())
    }

    pub(crate) fn clause(&self, name: ClauseName) -> Clause {
        let found = self.certificate().clauses.into_iter().filter(|clause| clause.clause == name);
        let [clause] = &found.collect::<Vec<_>>()[..] else { panic!("{name:?} once") };
        clause.clone()
    }

    pub(crate) fn verdict(&self, name: ClauseName) -> Verdict {
        self.clause(name).verdict
    }
}

/// Three attempts in three slots over both halves of a day, in vain, and to a person.
pub(crate) fn in_vain() -> Story {
    Story::new().again("11-19 10:10", Reason::NoAnswer).again("11-19 14:20", Reason::NoAnswer).call(
        "11-20 15:05",
        Reason::NoAnswer,
        TaskState::WithPerson,
        MoveRule::RoundExhausted,
    )
}
