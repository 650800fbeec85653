//! Claims and the opening of attempts.

use std::sync::Arc;
use std::time::Duration;

use records::{CallbackCause, MoveRule, PlanId, Reason, TaskState};
use uuid::Uuid;

use super::bench::{
    LEASE, LONGEST, NODE, again, attempt, by_hand, callback, content, number, put_off, succeeded, to_person,
};
use super::{Bench, Scene, sentences};
use crate::{Closing, OpenRefusal, StoreError};

sentences![
    a_claim_goes_by_priority_then_age,
    a_task_is_claimed_once_and_again_when_its_lease_has_ended,
    a_heartbeat_keeps_the_leases_of_its_node,
    a_lost_claim_opens_nothing,
    a_task_given_back_is_due_when_it_said,
    a_task_on_the_line_is_neither_claimed_nor_given_back,
    a_customer_on_the_line_is_claimed_by_no_other_plan,
    one_attempt_at_a_time_per_customer_and_number,
    the_switch_stops_claims_and_attempts,
    a_stopped_plan_opens_nothing,
    a_task_that_cannot_be_dialled_is_settled,
    an_attempt_id_is_used_once,
    an_attempt_that_is_asked_for_again_while_it_is_open_is_the_same,
    what_a_call_is_decided_by_is_told_at_once,
];

async fn a_claim_goes_by_priority_then_age(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    scene.bench.pass(Duration::from_secs(1)).await;
    let urgent = PlanId(Uuid::now_v7());
    scene.start(urgent, &content("urgent", 5)).await;
    let first = scene.claim(3).await;
    let plans: Vec<PlanId> = first.iter().map(|claim| claim.task.plan).collect();
    assert_eq!(plans, [urgent, urgent, scene.plan]);
    assert!(first.iter().all(|claim| claim.task.state == TaskState::Calling && claim.fence == 1));
    assert_eq!(first[0].plan.content.name, "urgent");
    assert_eq!(first[0].customer.id, first[0].task.customer);
    assert_eq!(scene.claim(10).await.len(), 1);
}

async fn a_task_is_claimed_once_and_again_when_its_lease_has_ended(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let first = scene.claim_one().await;
    assert!(scene.claim(10).await.is_empty());
    scene.bench.pass(LEASE).await;
    let second = scene.claim_one().await;
    assert_eq!((second.task.id, second.fence), (first.task.id, first.fence + 1));
}

async fn a_heartbeat_keeps_the_leases_of_its_node(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 3).await;
    scene.claim(2).await;
    scene.store().claim_due("node-2", 1, LEASE).await.unwrap();
    scene.bench.pass(LEASE / 2).await;
    assert_eq!(scene.store().heartbeat(NODE, LEASE).await.unwrap(), 2);
    scene.bench.pass(LEASE / 2).await;
    assert_eq!(scene.claim(10).await.len(), 1);
}

async fn a_lost_claim_opens_nothing(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let lost = scene.claim_one().await;
    scene.bench.pass(LEASE).await;
    let held = scene.claim_one().await;
    assert_eq!(scene.try_open(&lost, 0).await, Err(OpenRefusal::ClaimLost));
    let at = scene.store().now().await.unwrap();
    scene.store().release(&lost, at, &put_off()).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Calling);
    scene.open(&held).await;
}

async fn a_task_given_back_is_due_when_it_said(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let at = scene.store().now().await.unwrap() + Duration::from_secs(90);
    scene.store().release(&claim, at, &put_off()).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Due);
    scene.bench.pass(Duration::from_secs(60)).await;
    assert!(scene.claim(10).await.is_empty());
    scene.bench.pass(Duration::from_secs(30)).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let busy = again(&*scene.bench, Reason::Busy, Duration::ZERO).await;
    scene.close(&open, claim.fence, &busy).await;
    let claim = scene.claim_one().await;
    let at = scene.store().now().await.unwrap();
    scene.store().release(&claim, at, &put_off()).await.unwrap();
    // Tried once, so it waits.
    assert_eq!(scene.task().await.state, TaskState::Waiting);
}

async fn a_task_on_the_line_is_neither_claimed_nor_given_back(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let at = scene.store().now().await.unwrap();
    let error = scene.store().release(&claim, at, &put_off()).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    scene.bench.pass(LEASE * 2).await;
    assert!(scene.claim(10).await.is_empty());
    // Not even when nobody can be on the line any more: first the attempt is closed.
    scene.bench.pass(LONGEST).await;
    assert!(scene.claim(10).await.is_empty());
    assert_eq!(scene.store().attempt(open.id).await.unwrap().reason, None);
}

async fn a_customer_on_the_line_is_claimed_by_no_other_plan(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.start(PlanId(Uuid::now_v7()), &content("second", 9)).await;
    assert!(scene.claim(10).await.is_empty());
    scene.close(&open, claim.fence, &succeeded()).await;
    scene.claim_one().await;
}

async fn one_attempt_at_a_time_per_customer_and_number(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    scene.start(PlanId(Uuid::now_v7()), &content("second", 0)).await;
    let claims = scene.claim(10).await;
    assert_eq!(claims.len(), 2);
    let open = scene.open(&claims[0]).await;
    let refused = Err(OpenRefusal::AlreadyOpen { until: open.alive_until });
    // The same customer on another number, the same number by hand; another number by hand is free.
    assert_eq!(scene.try_open(&claims[1], 1).await, refused);
    let same = by_hand(number(0));
    assert_eq!(scene.store().open_manual(&same).await.unwrap(), refused);
    let manual = scene.store().open_manual(&by_hand(number(1))).await.unwrap().unwrap();
    assert_eq!((manual.task, manual.customer, manual.plan), (None, None, None));

    scene.close(&open, claims[0].fence, &succeeded()).await;
    let refused = Err(OpenRefusal::AlreadyOpen { until: manual.alive_until });
    assert_eq!(scene.try_open(&claims[1], 1).await, refused);
    scene.try_open(&claims[1], 0).await.unwrap();
    // What was refused was not written.
    scene.store().attempt(same.attempt.id).await.unwrap_err();
}

async fn the_switch_stops_claims_and_attempts(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let claim = scene.claim(1).await.remove(0);
    let off = scene.store().set_switch(false, "chief").await.unwrap();
    assert_eq!((off.calling, off.changed_by.as_str()), (false, "chief"));
    assert_eq!(scene.store().switch().await.unwrap(), off);
    assert!(scene.claim(10).await.is_empty());
    assert_eq!(scene.try_open(&claim, 0).await, Err(OpenRefusal::Stopped));
    let manual = scene.store().open_manual(&by_hand(number(9))).await.unwrap();
    assert_eq!(manual, Err(OpenRefusal::Stopped));
    scene.store().set_switch(true, "chief").await.unwrap();
    scene.open(&claim).await;
    scene.claim_one().await;
}

async fn a_stopped_plan_opens_nothing(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    assert_eq!(scene.try_open(&claim, 0).await, Err(OpenRefusal::Stopped));
}

async fn a_task_that_cannot_be_dialled_is_settled(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let unseen = scene.store().settle(&claim, &to_person(None)).await.unwrap_err();
    assert!(matches!(unseen, StoreError::Conflict(_)), "{unseen}");
    assert_eq!(scene.task().await.state, TaskState::Calling);
    let cause = CallbackCause::ReconfirmNumber { last: Reason::Vacant };
    let item = callback(&*scene.bench, cause, 3).await;
    scene.store().settle(&claim, &to_person(Some(&item))).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::WithPerson);
    let queued = scene.bench.callbacks().await;
    assert_eq!((queued.len(), queued[0].attempt, &queued[0].content), (1, None, &item));
}

async fn an_attempt_id_is_used_once(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let fresh = attempt(number(0));
    let open = scene.store().open_attempt(&claim, &fresh).await.unwrap().unwrap();
    let ring = again(&*scene.bench, Reason::NoAnswer, Duration::ZERO).await;
    scene.close(&open, claim.fence, &ring).await;
    let claim = scene.claim_one().await;
    let error = scene.store().open_attempt(&claim, &fresh).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
}

async fn an_attempt_that_is_asked_for_again_while_it_is_open_is_the_same(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let fresh = attempt(number(0));
    let open = scene.store().open_attempt(&claim, &fresh).await.unwrap();
    let again = async || scene.store().open_attempt(&claim, &fresh).await.unwrap();
    assert!(open.is_ok());
    assert_eq!(again().await, open);
    scene.store().set_switch(false, "chief").await.unwrap();
    assert_eq!(again().await, open, "it was there before all calling was stopped");
    assert_eq!(scene.store().history(claim.task.id).await.unwrap().len(), 1);
    let moves = scene.store().moves(claim.task.id).await.unwrap();
    assert_eq!(moves.iter().filter(|made| made.because.rule == MoveRule::Dialled).count(), 1);
}

async fn what_a_call_is_decided_by_is_told_at_once(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let first = scene.store().standing(&claim).await.unwrap();
    assert_eq!((first.history.len(), &first.numbers), (0, &claim.customer.row.numbers));
    let attempt = scene.open(&claim).await;
    let closing = again(&*scene.bench, Reason::Vacant, Duration::from_secs(60)).await;
    scene.close(&attempt, claim.fence, &Closing { number_dead: true, ..closing }).await;
    let then = scene.store().standing(&claim).await.unwrap();
    assert!(then.now >= attempt.started_at);
    assert_eq!(then.history, scene.store().history(claim.task.id).await.unwrap());
    assert_eq!(then.history[0].reason, Some(Reason::Vacant));
    assert_eq!(then.numbers, scene.store().live_numbers(claim.customer.id).await.unwrap());
    assert_eq!(then.numbers, claim.customer.row.numbers[1..]);
}
