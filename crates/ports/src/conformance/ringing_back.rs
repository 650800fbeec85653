//! Customers who ring back.

use std::sync::Arc;
use std::time::Duration;

use records::{Direction, PlanId, Reason, TaskState};
use uuid::Uuid;

use super::bench::{LEASE, again, attempt, content, from_outside, number, put_off, succeeded};
use super::{Bench, Scene, sentences};
use crate::{InboundCall, OpenRefusal, RangBack};

sentences![
    a_missed_customer_who_rings_back_takes_the_task,
    a_claimed_task_not_yet_dialled_goes_to_the_caller,
    an_inbound_call_uses_up_no_attempt,
    a_caller_nobody_called_is_a_stranger,
    a_caller_who_opted_out_is_a_stranger,
    the_task_called_last_on_that_number_is_meant,
    two_calls_with_one_number_are_never_up_at_once,
    no_call_is_taken_while_calling_is_stopped,
];

async fn ring(scene: &Scene, n: u32) -> Result<RangBack, OpenRefusal> {
    scene.store().open_inbound(&from_outside(number(n))).await.unwrap()
}

/// The only task was called on its first number and nobody answered.
async fn missed(bench: Arc<dyn Bench>) -> Scene {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let no_answer = again(&*scene.bench, Reason::NoAnswer, Duration::from_secs(3_600)).await;
    scene.close(&open, claim.fence, &no_answer).await;
    scene
}

async fn a_missed_customer_who_rings_back_takes_the_task(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    let before = scene.task().await;
    // The customer's other number is theirs as well.
    let RangBack { attempt, claim } = ring(&scene, 1).await.unwrap();
    let claim = claim.expect("the task");
    assert_eq!(
        (attempt.direction, attempt.task, attempt.number.clone()),
        (Direction::Inbound, Some(before.id), number(1))
    );
    assert_eq!((claim.task.state, claim.fence, claim.task.next_at), (TaskState::Calling, 2, before.next_at));
    scene.bench.pass(LEASE * 100).await;
    assert!(scene.claim(10).await.is_empty(), "nobody is called who is on the line");
    scene.close(&attempt, claim.fence, &succeeded()).await;
    assert_eq!(scene.task().await.state, TaskState::Succeeded);
    assert_eq!(ring(&scene, 0).await.unwrap().claim, None, "the task is over");
}

async fn a_claimed_task_not_yet_dialled_goes_to_the_caller(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    scene.bench.pass(Duration::from_secs(3_600)).await;
    let dialler = scene.claim_one().await;
    let caller = ring(&scene, 0).await.unwrap();
    assert_eq!(caller.claim.expect("the task").fence, dialler.fence + 1);
    assert_eq!(scene.try_open(&dialler, 0).await, Err(OpenRefusal::ClaimLost));
    let at = scene.store().now().await.unwrap();
    scene.store().release(&dialler, at, &put_off()).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Calling);
}

async fn an_inbound_call_uses_up_no_attempt(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    let RangBack { attempt, claim } = ring(&scene, 0).await.unwrap();
    let nothing = again(&*scene.bench, Reason::HungUpEarly, Duration::from_secs(3_600)).await;
    scene.close(&attempt, claim.expect("the task").fence, &nothing).await;
    let task = scene.task().await;
    assert_eq!((task.state, task.attempts), (TaskState::Waiting, 1));
    let directions: Vec<Direction> =
        scene.store().history(task.id).await.unwrap().iter().map(|past| past.direction).collect();
    assert_eq!(directions, [Direction::Outbound, Direction::Inbound]);
}

async fn a_caller_nobody_called_is_a_stranger(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let never_called = ring(&scene, 0).await.unwrap();
    assert_eq!((never_called.claim, never_called.attempt.task), (None, None));
    assert_eq!(ring(&scene, 9).await.unwrap().claim, None);
    let unheard = InboundCall { strangers: false, ..from_outside(number(8)) };
    assert_eq!(scene.store().open_inbound(&unheard).await.unwrap(), Err(OpenRefusal::Stranger));
    scene.store().attempt(unheard.attempt.id).await.unwrap_err();
    assert_eq!(scene.task().await.state, TaskState::Due);
}

async fn a_caller_who_opted_out_is_a_stranger(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    let customer = scene.task().await.customer;
    scene.store().opt_out(customer, "agent").await.unwrap();
    assert_eq!(ring(&scene, 0).await.unwrap().claim, None);
}

async fn the_task_called_last_on_that_number_is_meant(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    let first = scene.task().await.id;
    scene.start(PlanId(Uuid::now_v7()), &content("second", 5)).await;
    scene.bench.pass(Duration::from_secs(1)).await;
    let second = scene.claim_one().await;
    let open = scene.store().open_attempt(&second, &attempt(number(1))).await.unwrap().unwrap();
    let no_answer = again(&*scene.bench, Reason::NoAnswer, Duration::from_secs(3_600)).await;
    scene.close(&open, second.fence, &no_answer).await;
    for (n, task) in [(0, first), (1, second.task.id)] {
        let RangBack { attempt, claim } = ring(&scene, n).await.unwrap();
        let claim = claim.expect("a task");
        assert_eq!(claim.task.id, task);
        let nothing = again(&*scene.bench, Reason::HungUpEarly, Duration::from_secs(3_600)).await;
        scene.close(&attempt, claim.fence, &nothing).await;
    }
}

async fn two_calls_with_one_number_are_never_up_at_once(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    let open = ring(&scene, 0).await.unwrap().attempt;
    let refused = Err(OpenRefusal::AlreadyOpen { until: open.alive_until });
    assert_eq!(ring(&scene, 0).await, refused, "the same number");
    assert_eq!(ring(&scene, 1).await, refused, "the same customer");
    let stranger = ring(&scene, 9).await.unwrap().attempt;
    let refused = Err(OpenRefusal::AlreadyOpen { until: stranger.alive_until });
    assert_eq!(ring(&scene, 9).await, refused);
}

async fn no_call_is_taken_while_calling_is_stopped(bench: Arc<dyn Bench>) {
    let scene = missed(bench).await;
    scene.store().set_switch(false, "chief").await.unwrap();
    assert_eq!(ring(&scene, 0).await, Err(OpenRefusal::Stopped));
    scene.store().set_switch(true, "chief").await.unwrap();
    scene.store().stop_plan(scene.plan).await.unwrap();
    assert_eq!(ring(&scene, 0).await.unwrap().claim, None, "a stopped plan asks nobody");
}
