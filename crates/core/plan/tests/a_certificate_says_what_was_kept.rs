//! Histories of one task and the verdicts of its certificate, clause by clause.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Calendar, Certificate, Clause, ClauseName, Dossier, Proof, Tried, Verdict, certify};
use records::{
    AccountId, Attempt, AttemptId, Audience, Because, Callback, CallbackCause, CallbackId, CallbackState,
    Cap, Customer, CustomerId, CustomerRow, Declared, Direction, Evidence, Ladder, Move, MoveId, MoveRule,
    NewCallback, NewPlan, NewWaiver, Number, Occasion, OptOut, Plan, PlanId, PlanState, Policy, Reason,
    Recent, Recording, RecordingId, Rung, Schedule, Signature, Step, StepId, StepKind, StepOutcome,
    StepState, Task, TaskId, TaskState, Waiver, WaiverId,
};
use uuid::Uuid;

/// A moment in Shanghai: `11-20 10:05`; 20 November 2026 is a Friday.
fn cn(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-{}:00+08:00", text.replace(' ', "T"))).unwrap().to_utc()
}

fn number() -> Number {
    Number::parse("13800138000").unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A task that fell due on 19 November, as the story goes on.
struct Story(Dossier);

impl Story {
    fn new() -> Self {
        Self::with(Policy::default())
    }

    fn with(policy: Policy) -> Self {
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

    fn plan(&mut self) -> &mut Plan {
        Arc::make_mut(&mut self.0.plan)
    }

    fn moved(&mut self, at: &str, to: TaskState, rule: MoveRule) -> &mut Move {
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
    fn call(mut self, at: &str, reason: Reason, to: TaskState, rule: MoveRule) -> Self {
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
            self.0.recent.push(Recent { number: number(), started_at, on_customer: true });
        }
        self.moved(at, TaskState::Calling, MoveRule::Dialled);
        self.moved(at, to, rule);
        self
    }

    fn again(self, at: &str, reason: Reason) -> Self {
        self.call(at, reason, TaskState::Waiting, MoveRule::OtherSlot)
    }

    fn last(&mut self) -> &mut Tried {
        self.0.attempts.last_mut().unwrap()
    }

    fn item(&mut self, due: &str, done: Option<&str>) {
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

    fn certificate(&self) -> Certificate {
        certify(&self.0, &Calendar::official())
    }

    fn clause(&self, name: ClauseName) -> Clause {
        let found = self.certificate().clauses.into_iter().filter(|clause| clause.clause == name);
        let [clause] = &found.collect::<Vec<_>>()[..] else { panic!("{name:?} once") };
        clause.clone()
    }

    fn verdict(&self, name: ClauseName) -> Verdict {
        self.clause(name).verdict
    }
}

/// Three attempts in three slots over both halves of a day, in vain, and to a person.
fn in_vain() -> Story {
    Story::new().again("11-19 10:10", Reason::NoAnswer).again("11-19 14:20", Reason::NoAnswer).call(
        "11-20 15:05",
        Reason::NoAnswer,
        TaskState::WithPerson,
        MoveRule::RoundExhausted,
    )
}

#[test]
fn a_certificate_has_every_clause_once_with_words_in_both_languages() {
    let certificate = in_vain().certificate();
    let names: Vec<_> = certificate.clauses.iter().map(|clause| clause.clause).collect();
    assert_eq!(names, ClauseName::ALL);
    for clause in &certificate.clauses {
        for said in [&clause.title, &clause.required, &clause.done] {
            assert!(!said.zh.is_empty() && !said.en.is_empty(), "{clause:?}");
        }
    }
    let json = serde_json::to_value(&certificate).unwrap();
    assert_eq!(json["clauses"][5]["clause"], "attempts");
    assert_eq!(json["clauses"][5]["code"], "W12.3");
    assert_eq!(json["attempts"][0]["reason"], "no_answer");
}

#[test]
fn a_task_that_was_tried_by_the_rules_kept_them_all() {
    use ClauseName::{
        AfterDeadline, Approval, Attempts, Callbacks, Deadline, Gap, HalfDays, Ladder, Occasion, PerDay,
        Reasons, RingTime, Slots, Waiver, Windows,
    };
    let story = in_vain();
    for (name, verdict) in [
        (Approval, Verdict::Kept),
        (Occasion, Verdict::Kept),
        (Deadline, Verdict::Open),
        (AfterDeadline, Verdict::Open),
        (Attempts, Verdict::Kept),
        (Slots, Verdict::Kept),
        (HalfDays, Verdict::Kept),
        (RingTime, Verdict::Kept),
        (Windows, Verdict::Kept),
        (PerDay, Verdict::Kept),
        (Gap, Verdict::Kept),
        (Reasons, Verdict::Kept),
        (Callbacks, Verdict::NotApplicable),
        (Waiver, Verdict::NotApplicable),
        (Ladder, Verdict::Open),
    ] {
        assert_eq!(story.verdict(name), verdict, "{name:?}");
    }
    assert_eq!(story.clause(Occasion).code, "W7.1", "the firing's own rule, and not that of another firing");
    assert_eq!(story.certificate().verdict, Verdict::Open);
    assert!(story.certificate().ending.is_none());
}

#[test]
fn giving_up_early_is_kept_only_where_a_rule_of_the_table_or_the_deadline_ended_it() {
    use MoveRule::{Deadline, NoSlotLeft, NumberDead, PutOffTooOften, RoundExhausted, StillSuspended};
    use Reason::{NoAnswer, Rejected, Suspended, Unknown, Vacant};
    for (reason, rule, verdict) in [
        (NoAnswer, RoundExhausted, Verdict::NotKept),
        (NoAnswer, NoSlotLeft, Verdict::NotKept),
        (NoAnswer, Deadline, Verdict::Kept),
        (Vacant, NumberDead, Verdict::Kept),
        (Suspended, StillSuspended, Verdict::Kept),
        (NoAnswer, PutOffTooOften, Verdict::Kept),
        // Who pressed us away is tried twice only.
        (Rejected, RoundExhausted, Verdict::Kept),
        // The table leaves it to a person.
        (Unknown, RoundExhausted, Verdict::Kept),
    ] {
        let story = Story::new().again("11-19 10:10", Reason::NoAnswer).call(
            "11-19 14:20",
            reason,
            TaskState::WithPerson,
            rule,
        );
        let clause = story.clause(ClauseName::Attempts);
        assert_eq!(clause.verdict, verdict, "{reason} {rule}");
        let excused = (verdict == Verdict::Kept).then_some(rule);
        assert_eq!(clause.excused_by, excused, "{reason} {rule}");
        if let Some(rule) = excused {
            assert!(
                clause.done.zh.contains(rule.zh()) && clause.done.en.contains(rule.en()),
                "{:?}",
                clause.done
            );
        }
        assert_eq!(clause.figures.map(|figures| figures.required), Some(3));
    }
}

#[test]
fn a_task_that_came_to_an_outcome_was_not_given_up() {
    let reached = |reason, to, rule| Story::new().call("11-19 10:10", reason, to, rule);
    let done = reached(Reason::Completed, TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(done.verdict(ClauseName::Attempts), Verdict::NotApplicable);
    assert_eq!(done.verdict(ClauseName::Deadline), Verdict::Kept);
    assert_eq!(done.verdict(ClauseName::Recordings), Verdict::Kept);
    let certificate = done.certificate();
    let ending = certificate.ending.unwrap();
    assert_eq!((ending.state, ending.rule), (TaskState::Succeeded, MoveRule::Completed));
    assert_eq!(certificate.verdict, Verdict::Kept);
    let handed = reached(Reason::HandedOver, TaskState::WithPerson, MoveRule::PersonAsked);
    assert_eq!(handed.verdict(ClauseName::Attempts), Verdict::NotApplicable);
    let waiting = Story::new().again("11-19 10:10", Reason::NoAnswer);
    assert_eq!(waiting.verdict(ClauseName::Attempts), Verdict::Open);
}

#[test]
fn every_round_is_judged_by_itself() {
    let mut story = in_vain();
    story.moved("11-23 09:00", TaskState::Waiting, MoveRule::PersonAgain);
    let story = story.call("11-23 10:05", Reason::NoAnswer, TaskState::Exhausted, MoveRule::RoundExhausted);
    let clause = story.clause(ClauseName::Attempts);
    assert_eq!(clause.verdict, Verdict::NotKept, "the second round made one attempt only");
    assert_eq!(clause.figures.map(|figures| figures.done), Some(1));
    assert!(clause.done.en.starts_with("3 + 1"), "{}", clause.done.en);
}

#[test]
fn a_slot_is_taken_once_but_for_a_call_soon_after_busy() {
    let twice = |first, rule| {
        let story = Story::new().call("11-19 10:05", first, TaskState::Waiting, rule);
        story.again("11-19 10:20", Reason::NoAnswer).verdict(ClauseName::Slots)
    };
    assert_eq!(twice(Reason::Busy, MoveRule::Soon), Verdict::Kept);
    assert_eq!(twice(Reason::NoAnswer, MoveRule::OtherSlot), Verdict::NotKept);
    // A dead number takes nobody's time, and a fault of our own neither.
    assert_eq!(twice(Reason::Vacant, MoveRule::OtherNumber), Verdict::NotApplicable);
    assert_eq!(twice(Reason::TrunkCongested, MoveRule::LineRetry), Verdict::NotApplicable);
}

#[test]
fn one_half_of_the_day_is_not_enough() {
    let story = Story::new()
        .again("11-19 14:05", Reason::NoAnswer)
        .again("11-19 15:05", Reason::NoAnswer)
        .call("11-20 14:05", Reason::NoAnswer, TaskState::WithPerson, MoveRule::RoundExhausted);
    assert_eq!(story.verdict(ClauseName::Attempts), Verdict::Kept);
    assert_eq!(story.verdict(ClauseName::HalfDays), Verdict::NotKept);
}

#[test]
fn calls_outside_the_windows_are_named() {
    for (at, verdict) in [
        ("11-19 10:00", Verdict::Kept),
        ("11-19 10:59", Verdict::Kept),
        ("11-19 11:00", Verdict::NotKept),
        ("11-19 21:30", Verdict::NotKept),
        ("11-21 10:10", Verdict::NotKept), // a Saturday
    ] {
        let clause = Story::new().again(at, Reason::NoAnswer).clause(ClauseName::Windows);
        assert_eq!(clause.verdict, verdict, "{at}");
        let named = matches!(clause.proof[..], [Proof::Attempt { .. }]);
        assert_eq!(named, verdict == Verdict::NotKept, "{at}");
    }
}

#[test]
fn time_limits_are_held_against_the_end() {
    let ended = |at: &str, to, rule| Story::new().call(at, Reason::Completed, to, rule);
    let late = ended("12-21 10:05", TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(late.verdict(ClauseName::Deadline), Verdict::NotKept);
    assert_eq!(late.verdict(ClauseName::AfterDeadline), Verdict::NotKept);
    assert_eq!(late.verdict(ClauseName::Aim), Verdict::NotApplicable);
    let mut allowed = late;
    allowed.plan().content.policy.retry.after_deadline = true;
    assert_eq!(allowed.verdict(ClauseName::AfterDeadline), Verdict::NotApplicable);
    let mut open = Story::new();
    open.0.now = cn("12-20 00:00");
    assert_eq!(open.verdict(ClauseName::Deadline), Verdict::NotKept, "overdue");
    let mut aimed = ended("11-19 10:05", TaskState::Succeeded, MoveRule::Completed);
    aimed.0.task.aim_by = Some(cn("11-20 00:00"));
    assert_eq!(aimed.verdict(ClauseName::Aim), Verdict::Kept);
    let early = ended("11-18 10:05", TaskState::Succeeded, MoveRule::Completed);
    assert_eq!(early.verdict(ClauseName::Occasion), Verdict::NotKept, "dialled before it was due");
    let mut withdrawn = Story::new();
    withdrawn.moved("11-19 09:00", TaskState::Withdrawn, MoveRule::DateChanged);
    assert_eq!(withdrawn.verdict(ClauseName::Deadline), Verdict::NotApplicable);
}

#[test]
fn caps_count_calls_of_other_plans_and_by_hand() {
    let mut policy = Policy::default();
    policy.caps.number = vec![Cap { attempts: 2, within: Duration::from_secs(86_400) }];
    policy.caps.customer = vec![Cap { attempts: 9, within: Duration::from_secs(86_400) }];
    let mut story = Story::with(policy).again("11-19 14:10", Reason::NoAnswer);
    assert_eq!(story.verdict(ClauseName::NumberCap), Verdict::Kept);
    for at in ["11-19 09:00", "11-19 13:55"] {
        story.0.recent.push(Recent { number: number(), started_at: cn(at), on_customer: false });
    }
    assert_eq!(story.verdict(ClauseName::NumberCap), Verdict::NotKept);
    assert_eq!(story.verdict(ClauseName::CustomerCap), Verdict::Kept, "others have the number, too");
    assert_eq!(story.verdict(ClauseName::Gap), Verdict::Kept, "that gap is to this customer's calls");
    story.0.recent.push(Recent { number: number(), started_at: cn("11-19 14:05"), on_customer: true });
    assert_eq!(story.verdict(ClauseName::Gap), Verdict::NotKept);
    let mut full = Story::new();
    for minute in [10, 25, 40, 55] {
        full = full.again(&format!("11-19 14:{minute}"), Reason::Busy);
    }
    assert_eq!(full.verdict(ClauseName::PerDay), Verdict::Kept);
    assert_eq!(full.again("11-19 15:10", Reason::Busy).verdict(ClauseName::PerDay), Verdict::NotKept);
}

#[test]
fn the_time_a_customer_asked_for_is_kept() {
    let asked = |then: Option<&str>| {
        let mut story =
            Story::new().call("11-19 10:10", Reason::Inconvenient, TaskState::Waiting, MoveRule::AsAsked);
        story.0.moves.last_mut().unwrap().next_at = Some(cn("11-20 14:00"));
        match then {
            Some(at) => story.again(at, Reason::NoAnswer),
            None => story,
        }
        .verdict(ClauseName::AsAsked)
    };
    assert_eq!(asked(None), Verdict::Open);
    assert_eq!(asked(Some("11-20 14:03")), Verdict::Kept);
    assert_eq!(asked(Some("11-20 10:03")), Verdict::NotKept);
}

#[test]
fn a_short_ring_and_a_missing_recording_are_told() {
    let mut short = Story::new().again("11-19 10:10", Reason::NoAnswer);
    short.last().attempt.evidence.ring_ms = Some(19_000);
    assert_eq!(short.verdict(ClauseName::RingTime), Verdict::NotKept);
    short.last().attempt.evidence.ended_by = Some("carrier".to_owned());
    assert_eq!(short.verdict(ClauseName::RingTime), Verdict::NotApplicable, "we did not give up");

    let mut lost =
        Story::new().call("11-19 10:10", Reason::Completed, TaskState::Succeeded, MoveRule::Completed);
    lost.last().recording = None;
    assert_eq!(lost.verdict(ClauseName::Recordings), Verdict::NotKept);
    lost.0.now = cn("11-19 10:12");
    assert_eq!(lost.verdict(ClauseName::Recordings), Verdict::Open, "it is being sealed");
    lost.last().attempt.caller = None;
    assert_eq!(lost.verdict(ClauseName::Caller), Verdict::NotKept);
}

#[test]
fn nobody_is_called_after_an_opt_out_or_under_a_waiver() {
    let mut story = Story::new().again("11-19 10:10", Reason::NoAnswer);
    let out = |at: &str| Some(OptOut { number: number(), at: cn(at), source: "agent".to_owned() });
    Arc::make_mut(&mut story.0.customer).opt_out = out("11-19 11:00");
    assert_eq!(story.verdict(ClauseName::OptOut), Verdict::Kept);
    Arc::make_mut(&mut story.0.customer).opt_out = out("11-19 10:00");
    assert_eq!(story.verdict(ClauseName::OptOut), Verdict::NotKept);

    let signature = |name: &str| Signature { name: name.to_owned(), on: "2026-11-10".parse().unwrap() };
    let waiver = |plan, registered: &str, revoked: Option<&str>| Waiver {
        id: WaiverId(id(400)),
        customer_id: CustomerId(id(2)),
        content: NewWaiver {
            plan,
            contents: Declared::default(),
            customer: signature("李明"),
            salesperson: signature("王"),
            sales_manager: signature("赵"),
        },
        registered_by: "zhao".to_owned(),
        registered_at: cn(registered),
        revoked_by: None,
        revoked_at: revoked.map(cn),
    };
    for (kept, verdict) in [
        (waiver(None, "11-10 09:00", None), Verdict::NotKept),
        (waiver(None, "11-10 09:00", Some("11-18 09:00")), Verdict::Kept),
        (waiver(None, "11-19 12:00", None), Verdict::Kept),
        (waiver(Some(PlanId(id(99))), "11-10 09:00", None), Verdict::NotApplicable),
    ] {
        story.0.waivers = vec![kept];
        let clause = story.clause(ClauseName::Waiver);
        assert_eq!(clause.verdict, verdict);
        if verdict != Verdict::NotApplicable {
            assert!(clause.done.en.contains("李明 2026-11-10 / 王 2026-11-10 / 赵 2026-11-10"));
        }
    }
}

#[test]
fn what_people_left_undone_is_told() {
    let mut story = in_vain();
    story.item("11-27 15:05", None);
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::Open);
    story.0.now = cn("11-28 09:00");
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::NotKept);
    story.0.callbacks.clear();
    story.item("11-27 15:05", Some("11-27 15:00"));
    assert_eq!(story.verdict(ClauseName::Callbacks), Verdict::Kept);

    let mut own = Story::new();
    own.plan().approved_by = Some(AccountId(id(10)));
    assert_eq!(own.verdict(ClauseName::Approval), Verdict::NotKept);
}

#[test]
fn a_task_is_exhausted_only_at_the_ladders_end() {
    let mut story = in_vain();
    story.plan().content.policy.ladder =
        Ladder(vec![Rung::of(StepKind::Phone), Rung::of(StepKind::Callback), Rung::of(StepKind::Letter)]);
    story.item("11-27 15:05", Some("11-27 15:00"));
    story.moved("11-27 15:00", TaskState::Exhausted, MoveRule::LadderWalked);
    assert_eq!(story.verdict(ClauseName::Ladder), Verdict::NotKept, "no letter was written");
    story.0.steps.push(Step {
        id: StepId(id(500)),
        task: story.0.task.id,
        plan: story.0.plan.id,
        customer: story.0.customer.id,
        rung: 2,
        kind: StepKind::Letter,
        state: StepState::Done,
        opened_at: cn("11-27 15:00"),
        due_at: None,
        carried_at: None,
        done_at: Some(cn("11-27 16:00")),
        outcome: Some(StepOutcome::Failed),
        form: None,
        note: None,
        by: Some(AccountId(id(12))),
    });
    let clause = story.clause(ClauseName::Ladder);
    assert_eq!(clause.verdict, Verdict::Kept);
    assert_eq!(clause.figures.map(|figures| (figures.required, figures.done)), Some((3, 3)));
    assert_eq!(story.verdict(ClauseName::Deadline), Verdict::NotKept, "nobody was reached");
}

#[test]
fn a_list_without_a_deadline_asks_for_none() {
    let mut story = in_vain();
    story.plan().content.schedule = Schedule::default();
    story.0.task.occasion = Occasion::default();
    (story.0.task.due_on, story.0.task.due_by) = (None, None);
    let clause = story.clause(ClauseName::Occasion);
    assert_eq!((clause.verdict, clause.code.as_str()), (Verdict::Kept, ""));
    assert_eq!(story.verdict(ClauseName::Deadline), Verdict::NotApplicable);
}
