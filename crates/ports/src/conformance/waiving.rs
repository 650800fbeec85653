//! Waivers: no task is made of what is waived (L9.4).

use std::sync::Arc;
use std::time::Duration;

use records::{CustomerId, MoveRule, PlanId, Reason, Task, TaskState};
use uuid::Uuid;

use super::bench::{again, content};
use super::coming_and_going::{today, waiver};
use super::evaluating::{evaluate, scene, signed};
use super::{Bench, Scene, sentences};
use crate::KeptTasks;

sentences![
    who_waived_a_plan_gets_no_task_by_its_schedule,
    who_waived_every_plan_is_on_no_list,
    a_waiver_withdraws_what_was_not_dialled_and_says_so,
    what_a_waiver_withdrew_comes_back_when_it_is_taken_back,
    what_was_dialled_before_the_waiver_stays_ended,
    who_is_exempt_from_a_plan_is_told_for_those_asked_for,
];

fn kept(made: u64, moved: u64, withdrawn: u64) -> KeptTasks {
    KeptTasks { made, moved, withdrawn }
}

async fn customer(scene: &Scene, external_id: &str) -> CustomerId {
    let everybody = scene.bench.planning().customers_after(None, 100).await.unwrap();
    everybody.into_iter().find(|one| one.row.external_id == external_id).unwrap().id
}

async fn waive(scene: &Scene, external_id: &str, plan: Option<PlanId>) -> records::WaiverId {
    let who = customer(scene, external_id).await;
    let customers = scene.bench.customers();
    customers.register_waiver(who, &waiver(plan), today(), "planner").await.unwrap().id
}

async fn only(scene: &Scene) -> Task {
    let mut tasks = scene.bench.tasks().await;
    assert_eq!(tasks.len(), 1);
    tasks.remove(0)
}

async fn last_rule(scene: &Scene, task: &Task) -> MoveRule {
    scene.store().moves(task.id).await.unwrap().pop().unwrap().because.rule
}

async fn who_waived_a_plan_gets_no_task_by_its_schedule(bench: Arc<dyn Bench>) {
    let rows = [signed(0, Some("2026-01-05")), signed(1, Some("2026-01-05")), signed(2, Some("2026-01-05"))];
    let (scene, plan) = scene(bench, &rows).await;
    waive(&scene, "c0", Some(plan)).await;
    waive(&scene, "c1", Some(scene.plan)).await;
    assert_eq!(evaluate(&scene).await, (kept(2, 0, 0), 3));
    let waived = customer(&scene, "c0").await;
    assert!(scene.bench.tasks().await.iter().all(|task| task.customer != waived));
}

async fn who_waived_every_plan_is_on_no_list(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    let second = PlanId(Uuid::now_v7());
    scene.create(second, &content("second", 0)).await;
    waive(&scene, "c0", None).await;
    waive(&scene, "c1", Some(second)).await;
    scene.store().approve_plan(second, scene.author, true).await.unwrap();
    assert_eq!(scene.store().start_plan(second).await.unwrap(), 1);
    let called = customer(&scene, "c2").await;
    let tasks = scene.bench.tasks().await;
    assert!(tasks.iter().filter(|task| task.plan == second).all(|task| task.customer == called));
}

async fn a_waiver_withdraws_what_was_not_dialled_and_says_so(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    waive(&scene, "c0", Some(plan)).await;
    let withdrawn = only(&scene).await;
    assert_eq!(withdrawn.state, TaskState::Withdrawn);
    assert_eq!(last_rule(&scene, &withdrawn).await, MoveRule::Waived);
    // Another date, and the waiver holds all the same.
    scene.store().import_customers(&[signed(0, Some("2026-01-12"))]).await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 0, 0), 1));
    assert_eq!(only(&scene).await, withdrawn);
}

async fn what_a_waiver_withdrew_comes_back_when_it_is_taken_back(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    let waiver = waive(&scene, "c0", Some(plan)).await;
    assert_eq!(evaluate(&scene).await.0, kept(0, 0, 0));
    scene.bench.customers().revoke_waiver(waiver, "planner").await.unwrap();
    assert_eq!(evaluate(&scene).await, (kept(0, 1, 0), 1));
    let back = only(&scene).await;
    assert_eq!((back.state, back.ended_at), (TaskState::Due, None));
    assert_eq!(scene.claim(10).await.len(), 1);
}

async fn what_was_dialled_before_the_waiver_stays_ended(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05"))]).await;
    evaluate(&scene).await;
    let claim = scene.claim_one().await;
    let attempt = scene.open(&claim).await;
    let later = again(scene.bench.as_ref(), Reason::NoAnswer, Duration::from_secs(3600)).await;
    scene.close(&attempt, claim.fence, &later).await;
    let waiver = waive(&scene, "c0", Some(plan)).await;
    scene.bench.customers().revoke_waiver(waiver, "planner").await.unwrap();
    assert_eq!(evaluate(&scene).await.0, kept(0, 0, 0));
    assert_eq!(only(&scene).await.state, TaskState::Withdrawn);
}

async fn who_is_exempt_from_a_plan_is_told_for_those_asked_for(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 4).await;
    let second = PlanId(Uuid::now_v7());
    scene.create(second, &content("second", 0)).await;
    waive(&scene, "c0", Some(second)).await;
    let taken_back = waive(&scene, "c1", None).await;
    scene.bench.customers().revoke_waiver(taken_back, "planner").await.unwrap();
    waive(&scene, "c2", Some(scene.plan)).await;
    let mut ids = Vec::new();
    for external_id in ["c0", "c1", "c2", "c3"] {
        ids.push(customer(&scene, external_id).await);
    }
    let found = scene.bench.planning().exemptions(second, &ids).await.unwrap();
    assert_eq!(found.len(), 2, "of another plan, or none: {found:?}");
    let [holds, held] = [ids[0], ids[1]].map(|id| found[&id].clone());
    let now = scene.store().now().await.unwrap();
    assert!(holds.len() == 1 && holds[0].in_force() && holds[0].since <= now, "{holds:?}");
    assert!(held.len() == 1 && held[0].until.is_some_and(|until| held[0].since <= until), "{held:?}");
    let asked = scene.bench.planning().exemptions(second, &ids[1..]).await.unwrap();
    assert_eq!(asked.keys().collect::<Vec<_>>(), [&ids[1]]);
}
