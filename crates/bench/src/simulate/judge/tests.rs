//! The judge tells a wrong history: a judge that finds nothing wrong would prove nothing.

use chrono::NaiveDate;
use records::{
    AccountId, Audience, ContactRole, Mode, Move, MoveId, NewPlan, Occasion, PlanState, Schedule, StepKind,
};
use uuid::Uuid;

use super::*;

/// A customer of the default plan: windows 10-11 and 14-16 on working days, gap 10 min, caps 6 a number and 8 a customer.
struct Trial {
    judge: Judge,
    plan: Arc<Plan>,
    task: Task,
    calls: u128,
}

impl Trial {
    fn new() -> Self {
        let epoch = DateTime::UNIX_EPOCH;
        let content = NewPlan {
            name: "plan".to_owned(),
            questionnaire: "q".to_owned(),
            questionnaire_version: String::new(),
            audience: Audience::Everyone,
            policy: Policy::default(),
            priority: 0,
            schedule: Schedule::default(),
        };
        let plan = Plan {
            id: PlanId(Uuid::from_u128(1)),
            content,
            state: PlanState::Running,
            created_by: AccountId(Uuid::nil()),
            created_at: epoch,
            approved_by: None,
            own_approval: false,
            first_started_at: None,
            started_at: None,
            stopped_at: None,
        };
        let task = Task {
            id: TaskId(Uuid::from_u128(2)),
            plan: plan.id,
            customer: CustomerId(Uuid::from_u128(3)),
            occasion: Occasion::default(),
            role: ContactRole::default(),
            state: TaskState::Due,
            next_at: epoch,
            due_on: None,
            mode: Mode::Phone,
            aim_by: None,
            due_by: None,
            attempts: 0,
            rung: 0,
            round_since: None,
            created_at: epoch,
            ended_at: None,
        };
        Self { judge: Judge::new(2), plan: Arc::new(plan), task, calls: 0 }
    }

    fn dial(&mut self, at: &str) -> Result<AttemptId, Violation> {
        self.dial_on(at, 0)
    }

    /// At a time in Shanghai, on one of several numbers.
    fn dial_on(&mut self, at: &str, number: u32) -> Result<AttemptId, Violation> {
        self.calls += 1;
        let attempt = AttemptId(Uuid::from_u128(self.calls));
        let number = Number::from_e164(&format!("+861380013800{number}")).unwrap();
        let dial = Dial {
            attempt,
            plan: Arc::clone(&self.plan),
            matter: (&self.task).into(),
            zone: Tz::Asia__Shanghai,
            number,
            at: cn(at),
            inbound: false,
        };
        self.judge.dialled(&dial).map(|()| attempt)
    }

    fn end(&mut self, attempt: AttemptId, reason: Reason, next: &NextStep, rule: MoveRule) -> Verdict {
        let (plan, matter) = (Arc::clone(&self.plan), (&self.task).into());
        let (next, because) = (next.clone(), Because::of(rule));
        self.judge.ended(&Ended { attempt, plan, matter, reason, next, because })
    }

    /// A call that nobody answered, with another one to come.
    fn unanswered(&mut self, at: &str) {
        let attempt = self.dial(at).unwrap();
        self.end(attempt, Reason::NoAnswer, &again(), MoveRule::OtherSlot).unwrap();
    }
}

fn cn(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-{}:00+08:00", text.replace(' ', "T"))).unwrap().to_utc()
}

fn again() -> NextStep {
    NextStep::TryAgain { at: DateTime::UNIX_EPOCH, why: String::new() }
}

fn up() -> NextStep {
    NextStep::Climb(records::Climb { rung: 1, step: StepKind::Callback, at: None })
}

#[test]
fn a_call_at_a_wrong_time_is_told() {
    for (at, rule) in [
        ("11-20 10:30", None),
        ("11-20 09:59", Some("windows")),
        ("11-20 11:00", Some("windows")),
        ("11-20 15:59", None),
        ("11-21 10:30", Some("windows")), // a Saturday
        ("10-10 10:30", None),            // a Saturday made up
        ("10-01 10:30", Some("windows")), // the National Day
    ] {
        assert_eq!(Trial::new().dial(at).err().map(|broken| broken.rule), rule, "{at}");
    }
    let mut early = Trial::new();
    Arc::make_mut(&mut early.plan).content.policy.windows.outer =
        records::HourSpan::of_minutes(11 * 60, 20 * 60).unwrap();
    assert_eq!(early.dial("11-20 10:30").unwrap_err().rule, "outer limit");
}

#[test]
fn a_call_after_the_deadline_or_before_the_due_day_is_told() {
    let mut late = Trial::new();
    late.task.due_by = Some(cn("11-20 10:30"));
    assert!(late.dial("11-20 10:29").is_ok());
    assert_eq!(late.dial_on("11-20 14:00", 1).unwrap_err().rule, "one call a customer");
    let mut late = Trial::new();
    late.task.due_by = Some(cn("11-20 10:30"));
    assert_eq!(late.dial("11-20 10:30").unwrap_err().rule, "deadline");
    let mut early = Trial::new();
    early.task.due_on = NaiveDate::from_ymd_opt(2026, 11, 23);
    assert_eq!(early.dial("11-20 10:30").unwrap_err().rule, "due date");
}

#[test]
fn calls_at_once_and_more_calls_than_lines_are_told() {
    let mut court = Trial::new();
    court.dial("11-20 10:05").unwrap();
    court.task.customer = CustomerId(Uuid::from_u128(4));
    assert_eq!(court.dial("11-20 10:06").unwrap_err().rule, "one call a number");
    let mut court = Trial::new();
    for (n, rule) in [(0, None), (1, None), (2, Some("lines"))] {
        court.task.customer = CustomerId(Uuid::from_u128(10 + u128::from(n)));
        assert_eq!(court.dial_on("11-20 10:05", n).err().map(|broken| broken.rule), rule);
    }
}

#[test]
fn calls_too_often_or_too_soon_are_told() {
    let mut court = Trial::new();
    court.unanswered("11-20 10:05");
    assert_eq!(court.dial("11-20 10:14").unwrap_err().rule, "gap");
    // Four a day under one plan.
    let mut court = Trial::new();
    for at in ["11-20 10:00", "11-20 10:20", "11-20 10:40", "11-20 14:00"] {
        court.unanswered(at);
    }
    assert_eq!(court.dial("11-20 14:30").unwrap_err().rule, "maximum a day");
    // Six a day on one number, over all plans, and eight on one customer.
    let often = |numbers: &[u32]| {
        let mut court = Trial::new();
        Arc::make_mut(&mut court.plan).content.policy.retry.per_day = 20;
        let times = ["10:00", "10:10", "10:20", "10:30", "10:40", "10:50", "14:00", "14:10", "14:20"];
        for (n, time) in times.iter().enumerate() {
            court.task.id = TaskId(Uuid::from_u128(100 + n as u128));
            match court.dial_on(&format!("11-20 {time}"), numbers[n % numbers.len()]) {
                Ok(attempt) => court.end(attempt, Reason::NoAnswer, &again(), MoveRule::OtherSlot).unwrap(),
                Err(broken) => return Some((n, broken.rule)),
            }
        }
        None
    };
    assert_eq!(often(&[0]), Some((6, "cap of the number")));
    assert_eq!(often(&[0, 1]), Some((8, "cap of the customer")));
}

#[test]
fn a_call_that_the_customer_does_not_want_is_told() {
    let mut court = Trial::new();
    court.judge.opted_out(court.task.customer);
    assert_eq!(court.dial("11-20 10:05").unwrap_err().rule, "W3.1 opt-out");
    let mut court = Trial::new();
    court.judge.waived(court.task.customer, court.plan.id);
    assert_eq!(court.dial("11-20 10:05").unwrap_err().rule, "L9.4 waiver");
}

#[test]
fn giving_up_too_early_is_told_with_the_whole_history() {
    let give_up = |court: &mut Trial, at: &str, reason, rule| {
        let last = court.dial(at).unwrap();
        court.end(last, reason, &up(), rule)
    };
    let mut court = Trial::new();
    court.unanswered("11-20 10:05");
    court.unanswered("11-20 14:05");
    let broken = give_up(&mut court, "11-23 10:05", Reason::NoAnswer, MoveRule::RoundExhausted).unwrap_err();
    assert_eq!(broken.rule, "W12.3 three slots");
    let told = broken.to_string();
    assert!(told.contains("2026-11-20 14:05:00 CST, Fri called on") && told.contains("no_answer"), "{told}");
    assert_eq!(told.lines().count(), 5, "{told}");
    for (rule, reason, kept) in [
        (MoveRule::RoundExhausted, Reason::NoAnswer, true),
        (MoveRule::NoSlotLeft, Reason::NoAnswer, false),
        (MoveRule::Deadline, Reason::NoAnswer, true),
    ] {
        let mut court = Trial::new();
        court.unanswered("11-20 10:05");
        court.unanswered("11-20 14:05");
        assert_eq!(give_up(&mut court, "11-20 15:05", reason, rule).is_ok(), kept, "{rule}");
    }
    // All in one half of the day.
    let mut court = Trial::new();
    Arc::make_mut(&mut court.plan).content.policy.windows.spans = vec![records::HourSpan::WHOLE_DAY];
    for at in ["11-20 13:05", "11-20 14:05"] {
        court.unanswered(at);
    }
    assert!(give_up(&mut court, "11-20 15:05", Reason::NoAnswer, MoveRule::RoundExhausted).is_err());
    // Once pressed away, two tries are enough, and one is not.
    let mut court = Trial::new();
    court.unanswered("11-20 10:05");
    assert!(give_up(&mut court, "11-20 14:05", Reason::Rejected, MoveRule::RoundExhausted).is_ok());
    let mut court = Trial::new();
    assert!(give_up(&mut court, "11-20 14:05", Reason::Rejected, MoveRule::RoundExhausted).is_err());
}

#[test]
fn a_call_without_its_one_reason_is_told() {
    let mut court = Trial::new();
    let attempt = court.dial("11-20 10:05").unwrap();
    let unstated = court.end(attempt, Reason::NoAnswer, &again(), MoveRule::Unstated).unwrap_err();
    assert_eq!(unstated.rule, "every reason");
    let twice = court.end(attempt, Reason::NoAnswer, &again(), MoveRule::OtherSlot).unwrap_err();
    assert_eq!(twice.rule, "one reason");
}

#[test]
fn a_task_that_does_not_end_or_whose_moves_do_not_tell_how_is_told() {
    use TaskState::{Exhausted, Succeeded, Waiting};
    let made = |from, to, rule| Move {
        id: MoveId(1),
        task: TaskId(Uuid::from_u128(2)),
        at: DateTime::UNIX_EPOCH,
        from,
        to,
        because: Because::of(rule),
        next_at: None,
        attempt: None,
        step: None,
        by: None,
    };
    let born = made(None, TaskState::Due, MoveRule::FellDue);
    let dialled = made(Some(TaskState::Calling), TaskState::Calling, MoveRule::Dialled);
    let given_up = made(Some(TaskState::Calling), TaskState::Exhausted, MoveRule::LadderWalked);
    let reached = made(Some(TaskState::Calling), TaskState::Succeeded, MoveRule::Completed);
    let judged = |state, moves: &[Move]| {
        let mut court = Trial::new();
        let attempt = court.dial("11-20 10:05").unwrap();
        court.end(attempt, Reason::NoAnswer, &again(), MoveRule::OtherSlot).unwrap();
        court.task.state = state;
        court.judge.over(&court.plan, &court.task, moves, cn("12-31 10:00")).err().map(|broken| broken.rule)
    };
    assert_eq!(judged(Succeeded, &[born.clone(), dialled.clone(), reached.clone()]), None);
    assert_eq!(judged(Waiting, &[born.clone(), dialled.clone()]), Some("every task ends"));
    assert_eq!(judged(Succeeded, &[born.clone(), reached.clone()]), Some("moves tell everything"));
    assert_eq!(judged(Succeeded, &[born.clone(), dialled.clone()]), Some("moves tell everything"));
    assert_eq!(judged(Exhausted, &[born, dialled, given_up]), Some("given up by a rule"));
}

#[test]
fn the_court_tells_a_broken_rule_whether_the_year_goes_on_or_ends() {
    let dial = |n: u128, trial: &Trial| {
        Heard::Dialled(Dial {
            attempt: AttemptId(Uuid::from_u128(n)),
            plan: Arc::clone(&trial.plan),
            matter: (&trial.task).into(),
            zone: Tz::Asia__Shanghai,
            number: Number::from_e164("+8613800138000").unwrap(),
            at: cn("11-20 10:30"),
            inbound: false,
        })
    };
    let trial = Trial::new();
    let mut court = Court::opened(Judge::new(2));
    court.hear(dial(1, &trial)).unwrap();
    assert_eq!(court.adjourn().map(|judge| judge.most_up()).ok(), Some(1));
    let mut court = Court::opened(Judge::new(2));
    court.hear(dial(1, &trial)).unwrap();
    court.hear(dial(2, &trial)).unwrap();
    assert_eq!(court.adjourn().err().map(|broken| broken.rule), Some("one call a customer"));
    let mut court = Court::opened(Judge::new(2));
    let told = (1..1_000_000).find_map(|n| court.hear(dial(n, &trial)).err());
    assert_eq!(told.map(|broken| broken.rule), Some("one call a customer"));
}
