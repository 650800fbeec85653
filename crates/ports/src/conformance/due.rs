//! What is due, and the claims that are asked for.

use std::sync::Arc;
use std::time::Duration;

use records::{
    CallbackCause, CustomerRow, NewPlan, NextStep, PlanId, Product, Reason, Schedule, TaskState, Within,
};
use uuid::Uuid;

use super::bench::{LEASE, NODE, callback, closing, content, put_off, row, succeeded};
use super::evaluating::{self, scheduled, signed};
use super::{Bench, Scene, sentences};
use crate::{Ask, Closing, USUAL_ZONE};

sentences![
    what_is_due_is_told_by_plan_and_zone,
    a_claim_takes_what_was_asked_for,
    whose_class_comes_first_is_called_first,
    of_more_than_is_asked_for_the_higher_class_is_claimed,
    what_ends_today_is_claimed_before_what_is_due_longer,
    what_waits_is_claimed_earlier_when_its_last_day_comes,
    a_customer_who_moves_is_due_where_he_lives,
    tasks_of_a_process_that_is_gone_wait_again,
    what_waits_for_people_is_told,
];

const KOLKATA: chrono_tz::Tz = chrono_tz::Asia::Kolkata;

async fn what_is_due_is_told_by_plan_and_zone(bench: Arc<dyn Bench>) {
    let abroad = CustomerRow { time_zone: Some(KOLKATA), ..row(7) };
    let unknown = CustomerRow { time_zone: None, ..row(8) };
    bench.store().import_customers(&[abroad, unknown]).await.unwrap();
    let scene = Scene::with(bench, 2).await;
    let store = scene.store();
    let outlook = store.outlook(10).await.unwrap();
    let mut due: Vec<_> = outlook.due.iter().map(|due| (due.zone, due.waiting)).collect();
    due.sort_by_key(|(zone, _)| zone.name());
    assert_eq!(due, [(KOLKATA, 1), (USUAL_ZONE, 3)]);
    assert!(outlook.due.iter().all(|due| due.plan.id == scene.plan && due.oldest <= outlook.now));
    assert_eq!(store.outlook(2).await.unwrap().due.iter().map(|due| due.waiting).max(), Some(2));
    assert_eq!(scene.claim(10).await.len(), 4);
    assert_eq!(store.outlook(10).await.unwrap().due, []);
    store.set_switch(false, "chief").await.unwrap();
    scene.bench.pass(LEASE).await;
    assert_eq!(store.reclaim().await.unwrap(), 4);
    assert_eq!(store.outlook(10).await.unwrap().due, []);
    store.set_switch(true, "chief").await.unwrap();
    store.stop_plan(scene.plan).await.unwrap();
    assert_eq!(store.outlook(10).await.unwrap().due, []);
}

async fn a_claim_takes_what_was_asked_for(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    let second = PlanId(Uuid::now_v7());
    scene.start(second, &content("second", 9)).await;
    let ask = |plan, zone, most| Ask { plan, zone, most };
    let asks = [ask(scene.plan, USUAL_ZONE, 2), ask(scene.plan, KOLKATA, 5), ask(second, USUAL_ZONE, 1)];
    let claims = scene.store().claim(NODE, &asks, LEASE).await.unwrap();
    let plans: Vec<PlanId> = claims.iter().map(|claim| claim.task.plan).collect();
    assert_eq!(plans, [second, scene.plan, scene.plan]);
    assert!(claims.iter().all(|claim| claim.task.state == TaskState::Calling));
    assert_eq!(scene.store().claim(NODE, &[], LEASE).await.unwrap(), []);
}

async fn whose_class_comes_first_is_called_first(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 4).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let schedule = Schedule { priority_by_class: [("odd".to_owned(), 5)].into(), ..Schedule::default() };
    scene.start(PlanId(Uuid::now_v7()), &NewPlan { schedule, ..content("by class", 1) }).await;
    let claims = scene.claim(10).await;
    let classes: Vec<_> = claims.iter().filter_map(|claim| claim.customer.row.class.as_deref()).collect();
    assert_eq!(classes, ["odd", "odd", "even", "even"]);
}

async fn of_more_than_is_asked_for_the_higher_class_is_claimed(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 6).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let priority_by_class = [("odd".to_owned(), 5), ("even".to_owned(), 0)].into();
    let schedule = Schedule { priority_by_class, ..Schedule::default() };
    scene.start(PlanId(Uuid::now_v7()), &NewPlan { schedule, ..content("by class", 1) }).await;
    let outlook = scene.store().outlook(4).await.unwrap();
    assert_eq!(outlook.due.iter().map(|due| due.waiting).collect::<Vec<_>>(), [4], "six, as far as counted");
    for (limit, classes) in [(2, ["odd", "odd"]), (2, ["odd", "even"]), (2, ["even", "even"])] {
        let claims = scene.claim(limit).await;
        let claimed: Vec<_> = claims.iter().filter_map(|claim| claim.customer.row.class.as_deref()).collect();
        assert_eq!(claimed, classes);
    }
}

/// A plan whose limit is each customer's own.
fn with_hesitation() -> NewPlan {
    let mut plan = scheduled("by hesitation");
    plan.schedule.firings[0].within = vec![Within::Hesitation];
    plan
}

/// Customer number `n`, signed so many days ago, who may hesitate so many days.
async fn hesitating(scene: &Scene, n: u32, ago: u64, days: u16) -> CustomerRow {
    let now = scene.store().now().await.unwrap().with_timezone(&USUAL_ZONE).date_naive();
    let on = (now - chrono::Days::new(ago)).to_string();
    let product = Product { name: "policy".to_owned(), hesitation_days: Some(days) };
    CustomerRow { products: vec![product], class: None, ..signed(n, Some(&on)) }
}

async fn only_claim(scene: &Scene) -> String {
    let mut claims = scene.claim(1).await;
    let claim = claims.remove(0);
    scene.store().release(&claim, claim.task.next_at, &put_off()).await.unwrap();
    claim.customer.row.external_id.clone()
}

async fn what_ends_today_is_claimed_before_what_is_due_longer(bench: Arc<dyn Bench>) {
    let (scene, _) = evaluating::scene(bench, &[]).await;
    let rows = [hesitating(&scene, 0, 20, 60).await, hesitating(&scene, 1, 2, 2).await];
    scene.store().import_customers(&rows).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    scene.start(plan, &with_hesitation()).await;
    stop_others(&scene, plan).await;
    evaluating::evaluate(&scene).await;
    assert_eq!(only_claim(&scene).await, "c1");
}

async fn what_waits_is_claimed_earlier_when_its_last_day_comes(bench: Arc<dyn Bench>) {
    let (scene, _) = evaluating::scene(bench, &[]).await;
    let rows = [hesitating(&scene, 0, 20, 200).await, hesitating(&scene, 1, 2, 12).await];
    scene.store().import_customers(&rows).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    scene.start(plan, &with_hesitation()).await;
    stop_others(&scene, plan).await;
    evaluating::evaluate(&scene).await;
    assert_eq!(only_claim(&scene).await, "c0");
    // Whose class changes is looked at again; here ten days later.
    let reclassed = rows.map(|row| CustomerRow { class: Some("new".to_owned()), ..row });
    scene.store().import_customers(&reclassed).await.unwrap();
    evaluating::evaluate_after(&scene, 10).await;
    assert_eq!(only_claim(&scene).await, "c1");
}

async fn stop_others(scene: &Scene, plan: PlanId) {
    for other in scene.store().plans().await.unwrap() {
        if other.id != plan {
            scene.store().stop_plan(other.id).await.unwrap();
        }
    }
}

async fn a_customer_who_moves_is_due_where_he_lives(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let moved = CustomerRow { time_zone: Some(KOLKATA), ..row(0) };
    scene.store().import_customers(&[moved]).await.unwrap();
    let due = scene.store().outlook(10).await.unwrap().due;
    assert_eq!(due.iter().map(|due| (due.zone, due.waiting)).collect::<Vec<_>>(), [(KOLKATA, 1)]);
    let back = CustomerRow { time_zone: None, ..row(0) };
    scene.store().import_customers(&[back]).await.unwrap();
    assert_eq!(scene.store().outlook(10).await.unwrap().due[0].zone, USUAL_ZONE);
}

async fn tasks_of_a_process_that_is_gone_wait_again(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    let claims = scene.claim(3).await;
    let open = scene.open(&claims[0]).await;
    assert_eq!(scene.store().reclaim().await.unwrap(), 0);
    scene.bench.pass(LEASE).await;
    assert_eq!(scene.store().reclaim().await.unwrap(), 2);
    let states: Vec<TaskState> = scene.bench.tasks().await.iter().map(|task| task.state).collect();
    assert_eq!(states.iter().filter(|state| **state == TaskState::Due).count(), 2);
    scene.close(&open, claims[0].fence, &succeeded()).await;
    assert_eq!(scene.store().reclaim().await.unwrap(), 0);
}

async fn what_waits_for_people_is_told(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    assert_eq!(scene.store().outlook(1).await.unwrap().items, 0);
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let item = callback(&*scene.bench, CallbackCause::PersonAsked, 2).await;
    let asked = Closing { callback: Some(item), ..closing(Reason::HandedOver, NextStep::Person) };
    scene.close(&open, claim.fence, &asked).await;
    scene.bench.pass(Duration::from_secs(1)).await;
    assert_eq!(scene.store().outlook(1).await.unwrap().items, 1);
}
