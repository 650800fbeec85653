//! Lists: made a part at a time, by whoever is there.

use std::sync::Arc;

use records::{CustomerRow, PlanId};
use uuid::Uuid;

use super::bench::{content, number, row};
use super::{Bench, Scene, sentences};
use crate::{LISTED_AT_ONCE, Listed};

sentences![
    a_long_list_goes_on_where_it_was_whoever_asks,
    a_list_waits_while_its_plan_is_stopped,
    a_short_list_is_whole_at_once,
    of_two_lists_the_more_important_goes_on_first,
];

/// So many customers more than have their tasks at once.
const MORE: u32 = 5;

/// A scene whose first plan is stopped, with more customers than have their tasks at once.
async fn crowd(bench: Arc<dyn Bench>) -> Scene {
    let scene = Scene::with(bench, 0).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let one = |n| CustomerRow { numbers: vec![number(n)], ..row(n) };
    let rows: Vec<CustomerRow> = (0..LISTED_AT_ONCE + MORE).map(one).collect();
    scene.store().import_customers(&rows).await.unwrap();
    scene
}

async fn part(scene: &Scene, limit: u32) -> Option<Listed> {
    scene.bench.planning().go_on_listing(limit).await.unwrap()
}

/// How many customers are called, each once.
async fn called(scene: &Scene) -> usize {
    let claims = scene.claim(2 * LISTED_AT_ONCE).await;
    let mut customers: Vec<_> = claims.iter().map(|claim| claim.customer.id).collect();
    customers.sort_unstable();
    customers.dedup();
    assert_eq!(customers.len(), claims.len());
    customers.len()
}

async fn a_long_list_goes_on_where_it_was_whoever_asks(bench: Arc<dyn Bench>) {
    let scene = crowd(bench).await;
    let plan = PlanId(Uuid::now_v7());
    assert_eq!(scene.begin(plan, &content("long", 0)).await, u64::from(LISTED_AT_ONCE));
    assert_eq!(part(&scene, 2).await, Some(Listed { plan, made: 2, whole: false }));
    // Nothing but the store knows how far it came.
    assert_eq!(part(&scene, 100).await, Some(Listed { plan, made: u64::from(MORE) - 2, whole: true }));
    assert_eq!(part(&scene, 100).await, None);
    assert_eq!(called(&scene).await, (LISTED_AT_ONCE + MORE) as usize);
}

async fn a_list_waits_while_its_plan_is_stopped(bench: Arc<dyn Bench>) {
    let scene = crowd(bench).await;
    let plan = PlanId(Uuid::now_v7());
    scene.begin(plan, &content("long", 0)).await;
    scene.store().pause_plan(plan).await.unwrap();
    assert_eq!(part(&scene, 1).await, Some(Listed { plan, made: 1, whole: false }));
    scene.store().stop_plan(plan).await.unwrap();
    assert_eq!(part(&scene, 100).await, None);
    assert_eq!(scene.store().start_plan(plan).await.unwrap(), 0, "the first have their tasks already");
    assert_eq!(part(&scene, 100).await, Some(Listed { plan, made: u64::from(MORE) - 1, whole: true }));
    assert_eq!(called(&scene).await, (LISTED_AT_ONCE + MORE) as usize);
}

async fn a_short_list_is_whole_at_once(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    assert_eq!(part(&scene, 100).await, None);
    assert_eq!(called(&scene).await, 3);
}

async fn of_two_lists_the_more_important_goes_on_first(bench: Arc<dyn Bench>) {
    let scene = crowd(bench).await;
    let (usual, urgent) = (PlanId(Uuid::now_v7()), PlanId(Uuid::now_v7()));
    scene.begin(usual, &content("usual", 0)).await;
    scene.begin(urgent, &content("urgent", 9)).await;
    let order = [part(&scene, 100).await, part(&scene, 100).await].map(|part| part.map(|part| part.plan));
    assert_eq!(order, [Some(urgent), Some(usual)]);
}
