//! Schedules: tasks in step with the dates of customers.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use plan::{Calendar, Horizon, Subject, occasions};
use records::{
    CustomerRow, Firing, NewPlan, On, PlanId, PlanState, Reason, Schedule, Task, TaskState, Until, Within,
};
use uuid::Uuid;

use super::bench::{LEASE, NODE, again, content, row};
use super::{Bench, Scene, sentences};
use crate::{Evaluation, KeptTasks, OpenRefusal, StoreError};

sentences![
    a_schedule_makes_its_tasks_once,
    whose_dates_change_is_looked_at_again_and_nobody_else,
    a_changed_date_moves_what_was_not_dialled_and_nothing_else,
    what_nothing_asks_for_is_withdrawn_and_comes_back_when_asked_for,
    a_claim_on_what_was_moved_is_lost,
    what_is_due_later_is_not_claimed_before,
    one_process_evaluates_a_plan_at_a_time,
    an_interrupted_round_goes_on_where_it_was,
    a_customer_who_opted_out_gets_no_call_by_a_schedule,
    a_paused_plan_calls_nobody_and_goes_on_falling_due,
    a_stopped_plan_is_not_evaluated,
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// On the day of `signed`, within 300 months; in the past, so that the store's own clock does not matter.
pub(super) fn scheduled(name: &str) -> NewPlan {
    let firing = Firing {
        name: None,
        on: On::Event("signed".to_owned()),
        offsets: vec![],
        every: None,
        until: Until::default(),
        recurs: false,
        aim: vec![],
        within: vec![Within::try_from("300m".to_owned()).unwrap()],
        mode: None,
        classes: vec![],
        contract_from: None,
        contract_below: None,
        rule: "W7.1".to_owned(),
    };
    let schedule = Schedule { firings: vec![firing], since: Some(day("2020-01-01")), ..Schedule::default() };
    NewPlan { schedule, ..content(name, 0) }
}

pub(super) fn signed(n: u32, on: Option<&str>) -> CustomerRow {
    let dates = on.map(|on| ("signed".to_owned(), day(on))).into_iter().collect();
    CustomerRow { dates, ..row(n) }
}

/// A scene whose first plan is stopped, and a started plan with a schedule.
pub(super) async fn scene(bench: Arc<dyn Bench>, rows: &[CustomerRow]) -> (Scene, PlanId) {
    let scene = Scene::with(bench, 0).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    scene.store().import_customers(rows).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    assert_eq!(scene.start(plan, &scheduled("scheduled")).await, 0, "its tasks come by its evaluation");
    (scene, plan)
}

async fn take(scene: &Scene) -> Option<Evaluation> {
    scene.bench.planning().take_evaluation(NODE, LEASE).await.unwrap()
}

/// One part of a round; `None` at its end.
async fn part(scene: &Scene, round: &mut Evaluation, limit: u32) -> Result<Option<KeptTasks>, StoreError> {
    let planning = scene.bench.planning();
    let customers = planning.next_customers(round, limit).await?;
    if customers.is_empty() {
        return Ok(None);
    }
    let horizon = Horizon::of(&round.plan, round.today, 30);
    let content = &round.plan.content;
    let wanted: Vec<_> = customers
        .iter()
        .map(|one| {
            let calendar = Calendar::official();
            (one.id, occasions(&content.schedule, &content.audience, &Subject::from(one), &calendar, horizon))
        })
        .collect();
    planning.keep_tasks(round, &wanted, LEASE).await.map(Some)
}

/// Does every round there is; what was done, and how many customers it took a look at.
pub(super) async fn evaluate(scene: &Scene) -> (KeptTasks, usize) {
    let (mut done, mut looked) = (KeptTasks::default(), 0);
    while let Some(mut round) = take(scene).await {
        while let Some(more) = part(scene, &mut round, 1).await.unwrap() {
            done += more;
            looked += 1;
        }
        scene.bench.planning().finish_evaluation(&round).await.unwrap();
    }
    (done, looked)
}

/// Does every round there is as if it were so many days later.
pub(super) async fn evaluate_after(scene: &Scene, days: u64) {
    while let Some(mut round) = take(scene).await {
        round.today = round.today + chrono::Days::new(days);
        while part(scene, &mut round, 10).await.unwrap().is_some() {}
        scene.bench.planning().finish_evaluation(&round).await.unwrap();
    }
}

fn kept(made: u64, moved: u64, withdrawn: u64) -> KeptTasks {
    KeptTasks { made, moved, withdrawn }
}

async fn only(scene: &Scene) -> Task {
    let mut tasks = scene.bench.tasks().await;
    assert_eq!(tasks.len(), 1);
    tasks.remove(0)
}

async fn a_schedule_makes_its_tasks_once(bench: Arc<dyn Bench>) {
    let rows = [signed(0, Some("2026-01-05")), signed(1, None), signed(2, Some("2026-02-05"))];
    let (scene, plan) = scene(bench, &rows).await;
    assert_eq!(evaluate(&scene).await, (kept(2, 0, 0), 3));
    assert_eq!(evaluate(&scene).await, (kept(0, 0, 0), 0));
    let mut tasks = scene.bench.tasks().await;
    tasks.sort_by_key(|task| task.due_on);
    let first = &tasks[0];
    assert_eq!((first.plan, first.state, first.occasion.0.as_str()), (plan, TaskState::Due, "signed"));
    assert_eq!((first.due_on, first.role.0.as_str()), (Some(day("2026-01-05")), "customer"));
    assert_eq!(first.due_by, Some("2051-01-05T16:00:00Z".parse().unwrap()));
    scene.store().stop_plan(plan).await.unwrap();
    scene.store().start_plan(plan).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 0, 0), 3), "a start looks at everybody");
}

async fn whose_dates_change_is_looked_at_again_and_nobody_else(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05")), signed(1, None)]).await;
    evaluate(&scene).await;
    scene
        .store()
        .import_customers(&[signed(1, Some("2026-02-05")), signed(2, Some("2026-03-05"))])
        .await
        .unwrap();
    assert_eq!(evaluate(&scene).await, (kept(2, 0, 0), 2));
    scene.store().import_customers(&[signed(1, Some("2026-02-05"))]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 0, 0), 0), "the same list again changes nothing");
}

async fn a_changed_date_moves_what_was_not_dialled_and_nothing_else(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    scene.store().import_customers(&[signed(0, Some("2026-01-12"))]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 1, 0), 1));
    assert_eq!(only(&scene).await.due_on, Some(day("2026-01-12")));

    let claim = scene.claim_one().await;
    let attempt = scene.open(&claim).await;
    let later = again(scene.bench.as_ref(), Reason::NoAnswer, Duration::from_secs(3600)).await;
    scene.close(&attempt, claim.fence, &later).await;
    let begun = only(&scene).await;
    assert_eq!(begun.state, TaskState::Waiting);
    for date in [Some("2026-01-19"), None] {
        scene.store().import_customers(&[signed(0, date)]).await.unwrap();
        assert_eq!(evaluate(&scene).await, (kept(0, 0, 0), 1), "what was begun is seen through");
        assert_eq!(only(&scene).await, begun);
    }
}

async fn what_nothing_asks_for_is_withdrawn_and_comes_back_when_asked_for(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    scene.store().import_customers(&[signed(0, None)]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 0, 1), 1));
    let withdrawn = only(&scene).await;
    assert_eq!(withdrawn.state, TaskState::Withdrawn);
    assert!(withdrawn.ended_at.is_some() && scene.claim(10).await.is_empty());
    scene.store().import_customers(&[signed(0, Some("2026-01-05"))]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 1, 0), 1));
    let back = only(&scene).await;
    assert_eq!((back.id, back.state, back.ended_at), (withdrawn.id, TaskState::Due, None));
    assert_eq!(scene.claim(10).await.len(), 1);
}

async fn a_claim_on_what_was_moved_is_lost(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    let claim = scene.claim_one().await;
    scene.store().import_customers(&[signed(0, None)]).await.unwrap();
    assert_eq!(evaluate(&scene).await.0, kept(0, 0, 1));
    assert_eq!(scene.try_open(&claim, 0).await, Err(OpenRefusal::ClaimLost));
    scene
        .store()
        .release(&claim, scene.store().now().await.unwrap(), &super::bench::put_off())
        .await
        .unwrap();
    assert_eq!(only(&scene).await.state, TaskState::Withdrawn);
}

async fn what_is_due_later_is_not_claimed_before(bench: Arc<dyn Bench>) {
    let now = bench.store().now().await.unwrap();
    let in_ten_days = (now + Duration::from_secs(10 * 24 * 3600)).date_naive();
    let (scene, _) = scene(bench, &[signed(0, Some(&in_ten_days.to_string()))]).await;
    evaluate(&scene).await;
    assert_eq!(only(&scene).await.due_on, Some(in_ten_days));
    assert!(scene.claim(10).await.is_empty());
}

async fn one_process_evaluates_a_plan_at_a_time(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    let mut first = take(&scene).await.unwrap();
    assert!(take(&scene).await.is_none());
    scene.bench.pass(LEASE * 2).await;
    let mut second = take(&scene).await.unwrap();
    let lost = part(&scene, &mut first, 10).await.unwrap_err();
    assert!(matches!(lost, StoreError::Conflict(_)), "{lost}");
    scene.bench.planning().finish_evaluation(&first).await.unwrap();
    assert_eq!(part(&scene, &mut second, 10).await.unwrap(), Some(kept(1, 0, 0)));
    assert_eq!(part(&scene, &mut second, 10).await.unwrap(), None);
    scene.bench.planning().finish_evaluation(&second).await.unwrap();
    assert!(take(&scene).await.is_none());
}

async fn an_interrupted_round_goes_on_where_it_was(bench: Arc<dyn Bench>) {
    let rows = [signed(0, Some("2026-01-05")), signed(1, Some("2026-01-05"))];
    let (scene, _) = scene(bench, &rows).await;
    let mut first = take(&scene).await.unwrap();
    part(&scene, &mut first, 1).await.unwrap();
    scene.bench.pass(LEASE * 2).await;
    assert_eq!(evaluate(&scene).await, (kept(1, 0, 0), 1));
    assert_eq!(scene.bench.tasks().await.len(), 2);
}

async fn a_customer_who_opted_out_gets_no_call_by_a_schedule(bench: Arc<dyn Bench>) {
    let (scene, _) = scene(bench, &[signed(0, Some("2026-01-05")), signed(1, Some("2026-01-05"))]).await;
    let round = take(&scene).await.unwrap();
    let customer = scene.bench.planning().next_customers(&round, 1).await.unwrap().remove(0);
    scene.bench.planning().finish_evaluation(&round).await.unwrap();
    scene.store().opt_out(customer.id, "agent").await.unwrap();
    scene
        .store()
        .import_customers(&[signed(0, Some("2026-01-06")), signed(1, Some("2026-01-06"))])
        .await
        .unwrap();
    evaluate(&scene).await;
    let tasks = scene.bench.tasks().await;
    let state = |of: bool| tasks.iter().find(|task| (task.customer == customer.id) == of).unwrap().state;
    assert_eq!((state(true), state(false)), (TaskState::Refused, TaskState::Due));
}

async fn a_paused_plan_calls_nobody_and_goes_on_falling_due(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    assert_eq!(scene.store().pause_plan(plan).await.unwrap().state, PlanState::Paused);
    scene.store().pause_plan(plan).await.unwrap();
    scene.store().start_plan(plan).await.unwrap_err();
    scene.store().import_customers(&[signed(1, Some("2026-01-05"))]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(1, 0, 0), 1));
    assert!(scene.claim(10).await.is_empty());
    assert_eq!(scene.store().resume_plan(plan).await.unwrap().state, PlanState::Running);
    scene.store().resume_plan(plan).await.unwrap();
    assert_eq!(scene.claim(10).await.len(), 2);
    scene.store().pause_plan(plan).await.unwrap();
    assert_eq!(scene.store().stop_plan(plan).await.unwrap().state, PlanState::Stopped);
    scene.store().resume_plan(plan).await.unwrap_err();
    scene.store().pause_plan(plan).await.unwrap_err();
}

async fn a_stopped_plan_is_not_evaluated(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    let mut round = take(&scene).await.unwrap();
    scene.store().stop_plan(plan).await.unwrap();
    let stopped = part(&scene, &mut round, 10).await.unwrap_err();
    assert!(matches!(stopped, StoreError::Conflict(_)), "{stopped}");
    scene.bench.planning().finish_evaluation(&round).await.unwrap();
    assert!(take(&scene).await.is_none());
    assert!(scene.bench.tasks().await.is_empty());
}
