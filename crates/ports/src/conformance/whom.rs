//! Whom a task calls, and what is none of the customer's calls.

use std::sync::Arc;
use std::time::Duration;

use records::{
    CallbackCause, Claim, Contact, ContactRole, CustomerRow, Mode, MoveRule, NewPlan, PlanId, Reason,
    Schedule, TaskState,
};
use uuid::Uuid;

use super::bench::{attempt, callback, closing, content, from_outside, number, row, succeeded, to_person};
use super::coming_and_going::{today, waiver};
use super::evaluating::{evaluate, scene, scheduled, signed};
use super::{Bench, Scene, sentences};
use crate::{ManualCall, OpenRefusal};

sentences![
    a_task_calls_who_plays_its_part,
    who_plays_a_part_may_ring_back,
    a_number_of_somebody_who_opted_out_is_nobodys,
    what_is_waived_does_not_go_to_people_either,
    a_rehearsal_is_no_call_on_the_customer,
];

fn manager() -> ContactRole {
    ContactRole("equipment_manager".to_owned())
}

/// One customer has an equipment manager, another has none; a plan calls both of each.
async fn with_managers(bench: Arc<dyn Bench>) -> Scene {
    let managed = Contact {
        role: manager(),
        name: Some("Wang".to_owned()),
        numbers: vec![number(71), number(72)],
        extensions: Vec::new(),
    };
    let mut scene = Scene::with(bench, 0).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let rows = [CustomerRow { contacts: vec![managed], ..row(0) }, row(1)];
    scene.store().import_customers(&rows).await.unwrap();
    let schedule = Schedule { roles: vec![ContactRole::default(), manager()], ..Schedule::default() };
    scene.plan = PlanId(Uuid::now_v7());
    scene.start(scene.plan, &NewPlan { schedule, ..content("managers", 0) }).await;
    scene
}

fn of_role(claims: &[Claim], role: &ContactRole, external_id: &str) -> Claim {
    let found = |claim: &&Claim| claim.task.role == *role && claim.customer.row.external_id == external_id;
    claims.iter().find(found).unwrap().clone()
}

async fn a_task_calls_who_plays_its_part(bench: Arc<dyn Bench>) {
    let scene = with_managers(bench).await;
    let store = scene.store();
    let claims = scene.claim(10).await;
    assert_eq!(claims.len(), 4);
    let numbers = async |claim: &Claim| {
        let numbers = store.numbers_to_call(claim).await.unwrap();
        assert_eq!(store.standing(claim).await.unwrap().numbers, numbers);
        numbers
    };
    let (himself, nobody) = (row(0), row(1));
    let own = of_role(&claims, &ContactRole::default(), &himself.external_id);
    assert_eq!(numbers(&own).await, himself.numbers);
    let managed = of_role(&claims, &manager(), &himself.external_id);
    assert_eq!(numbers(&managed).await, [number(71), number(72)]);
    // Where nobody plays the part, it is the customer's.
    let unmanaged = of_role(&claims, &manager(), &nobody.external_id);
    assert_eq!(numbers(&unmanaged).await, nobody.numbers);
    // A number that is dead is not made up for by the customer's: who plays the part is to be found.
    let opened = store.open_attempt(&managed, &attempt(number(71))).await.unwrap().unwrap();
    let dead = crate::Closing { number_dead: true, ..succeeded() };
    scene.close(&opened, managed.fence, &dead).await;
    assert_eq!(numbers(&managed).await, [number(72)]);
    store.opt_out(managed.task.customer, "key").await.unwrap();
    assert_eq!(numbers(&managed).await, []);
}

async fn who_plays_a_part_may_ring_back(bench: Arc<dyn Bench>) {
    let scene = with_managers(bench).await;
    let claims = scene.claim(10).await;
    let managed = of_role(&claims, &manager(), &row(0).external_id);
    let opened = scene.store().open_attempt(&managed, &attempt(number(71))).await.unwrap().unwrap();
    let again = super::bench::again(&*scene.bench, Reason::NoAnswer, Duration::from_secs(3_600)).await;
    scene.close(&opened, managed.fence, &again).await;
    let rang = scene.store().open_inbound(&from_outside(number(71))).await.unwrap().unwrap();
    assert_eq!(rang.claim.map(|claim| claim.task.id), Some(managed.task.id));
    scene.close_by_hand(rang.attempt.id).await;
}

async fn a_number_of_somebody_who_opted_out_is_nobodys(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 0).await;
    let store = scene.store();
    let shared = number(73);
    let both = |n| CustomerRow { numbers: vec![shared.clone(), number(n)], ..row(n) };
    store.import_customers(&[both(0), both(1)]).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    scene.start(plan, &content("shared", 0)).await;
    let claims = scene.claim(10).await;
    let (leaves, stays) = (
        of_role(&claims, &ContactRole::default(), &row(0).external_id),
        of_role(&claims, &ContactRole::default(), &row(1).external_id),
    );
    store.opt_out(leaves.task.customer, "letter").await.unwrap();
    assert_eq!(store.numbers_to_call(&leaves).await.unwrap(), []);
    assert_eq!(store.numbers_to_call(&stays).await.unwrap(), [number(1)]);
    assert_eq!(store.live_numbers(stays.task.customer).await.unwrap(), [number(1)]);
    let opened = store.open_attempt(&stays, &attempt(number(1))).await.unwrap().unwrap();
    scene.close(&opened, stays.fence, &succeeded()).await;
}

async fn what_is_waived_does_not_go_to_people_either(bench: Arc<dyn Bench>) {
    let (scene, plan) = scene(bench, &[signed(0, Some("2026-01-05")), signed(1, None)]).await;
    let other = PlanId(Uuid::now_v7());
    scene.start(other, &scheduled("other")).await;
    evaluate(&scene).await;
    // The waiver comes to a customer with tasks by a merge, which no evaluation has seen yet.
    let listed = scene.bench.planning().customers_after(None, 2).await.unwrap();
    let id = |external: &str| listed.iter().find(|one| one.row.external_id == external).unwrap().id;
    let customers = scene.bench.customers();
    customers.register_waiver(id("c1"), &waiver(Some(plan)), today(), "planner").await.unwrap();
    customers.merge(id("c0"), id("c1")).await.unwrap();
    let item = callback(&*scene.bench, CallbackCause::ByPlan { mode: Mode::Visit }, 3).await;
    let claims = scene.claim(10).await;
    assert_eq!(claims.len(), 2);
    for claim in &claims {
        scene.store().settle(claim, &to_person(Some(&item))).await.unwrap();
    }
    for task in scene.bench.tasks().await {
        let moves = scene.store().moves(task.id).await.unwrap();
        let last = moves.last().unwrap();
        if task.plan == plan {
            assert_eq!((task.state, last.because.rule), (TaskState::Withdrawn, MoveRule::Waived));
        } else {
            assert_eq!(task.state, TaskState::WithPerson);
        }
    }
    assert_eq!(scene.bench.callbacks().await.len(), 1);
}

async fn a_rehearsal_is_no_call_on_the_customer(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let by_hand = |rehearsal_of| ManualCall { attempt: attempt(number(0)), rehearsal_of };
    let span = Duration::from_secs(24 * 3_600);
    for (rehearsal_of, counted) in [(Some(scene.plan), 0), (None, 1)] {
        let call = by_hand(rehearsal_of);
        let opened = scene.store().open_manual(&call).await.unwrap().unwrap();
        let refused = scene.try_open(&claim, 0).await;
        assert!(matches!(refused, Err(OpenRefusal::AlreadyOpen { .. })), "the number is busy all the same");
        let ended =
            crate::Closing { next: records::NextStep::End(TaskState::Withdrawn), ..closing_of_hand() };
        scene.close(&opened, 0, &ended).await;
        let recent = scene.store().recent(claim.task.customer, span).await.unwrap();
        assert_eq!(recent.len(), counted);
    }
}

fn closing_of_hand() -> crate::Closing {
    closing(Reason::NoAnswer, records::NextStep::End(TaskState::Withdrawn))
}
