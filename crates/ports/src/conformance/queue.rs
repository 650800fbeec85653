//! The human call-back queue.

use std::sync::Arc;
use std::time::Duration;

use records::{
    Callback, CallbackCause, CallbackOutcome, CallbackState, Claim, NewCallback, NextStep, Reason, TaskState,
};

use super::bench::{again, callback, closing, succeeded};
use super::{Bench, Scene, sentences};
use crate::{Closing, OpenRefusal, StoreError};

sentences![
    one_open_item_per_task_and_the_graver_cause_wins,
    an_item_is_taken_by_one_person,
    only_who_took_an_item_finishes_it,
    the_outcome_of_a_person_moves_the_task,
    what_succeeded_stays_so,
    a_person_who_finishes_takes_the_task_from_the_machine,
];

/// Makes the only task go through one attempt that queues an item.
async fn queued(scene: &Scene, reason: Reason, next: NextStep, item: &NewCallback) -> (Claim, Callback) {
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let end = Closing { callback: Some(item.clone()), ..closing(reason, next) };
    scene.close(&open, claim.fence, &end).await;
    let items = scene.bench.callbacks().await;
    (claim, items.last().unwrap().clone())
}

async fn one_open_item_per_task_and_the_graver_cause_wins(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let now = scene.store().now().await.unwrap();
    let next = NextStep::TryAgain { at: now, why: "once more".to_owned() };
    let ordinary = callback(&*scene.bench, CallbackCause::PersonAsked, 2).await;
    let (_, first) = queued(&scene, Reason::Partial, next.clone(), &ordinary).await;
    assert_eq!((&first.content, first.state), (&ordinary, CallbackState::Open));

    let of = |flag: &str| CallbackCause::Flagged { flags: vec![flag.to_owned()] };
    let grave = callback(&*scene.bench, of("complaint"), 1).await;
    let (_, second) = queued(&scene, Reason::Partial, next.clone(), &grave).await;
    assert_eq!((second.id, &second.content.cause), (first.id, &grave.cause));
    assert_eq!((second.content.priority, second.content.due_at), (1, grave.due_at));

    let more = callback(&*scene.bench, of("dissatisfied"), 3).await;
    let (_, third) = queued(&scene, Reason::Partial, next, &more).await;
    let flags = vec!["complaint".to_owned(), "dissatisfied".to_owned()];
    assert_eq!(third.content, NewCallback { cause: CallbackCause::Flagged { flags }, ..second.content });
    assert_eq!(scene.bench.callbacks().await.len(), 1);
}

async fn an_item_is_taken_by_one_person(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let wanted = callback(&*scene.bench, CallbackCause::PersonAsked, 1).await;
    let (_, item) = queued(&scene, Reason::HandedOver, NextStep::Person, &wanted).await;
    let (one, two) = (scene.bench.account("one").await, scene.bench.account("two").await);
    let taken = scene.store().take_callback(item.id, one).await.unwrap();
    assert_eq!((taken.state, taken.taken_by), (CallbackState::Taken, Some(one)));
    scene.store().take_callback(item.id, one).await.unwrap();
    let error = scene.store().take_callback(item.id, two).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
}

async fn only_who_took_an_item_finishes_it(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let wanted = callback(&*scene.bench, CallbackCause::PersonAsked, 1).await;
    let (_, item) = queued(&scene, Reason::HandedOver, NextStep::Person, &wanted).await;
    let (one, two) = (scene.bench.account("one").await, scene.bench.account("two").await);
    let finish =
        async |by| scene.store().finish_callback(item.id, by, CallbackOutcome::Succeeded, "好", None).await;
    finish(one).await.unwrap_err();
    scene.store().take_callback(item.id, one).await.unwrap();
    finish(two).await.unwrap_err();
    let done = finish(one).await.unwrap();
    assert_eq!((done.state, done.note.as_deref()), (CallbackState::Done, Some("好")));
    assert!(done.done_at.is_some());
    finish(one).await.unwrap_err();
    scene.store().take_callback(item.id, one).await.unwrap_err();
}

async fn the_outcome_of_a_person_moves_the_task(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let wanted = callback(&*scene.bench, CallbackCause::PersonAsked, 1).await;
    let (_, item) = queued(&scene, Reason::HandedOver, NextStep::Person, &wanted).await;
    assert!(scene.claim(10).await.is_empty());
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let again = CallbackOutcome::TryAgain;
    scene.store().finish_callback(item.id, scene.author, again, "", None).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Waiting);

    let (_, item) = queued(&scene, Reason::HandedOver, NextStep::Person, &wanted).await;
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let refused = CallbackOutcome::Refused;
    scene.store().finish_callback(item.id, scene.author, refused, "", None).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Refused);
    assert!(scene.task().await.ended_at.is_some());
    assert_eq!(scene.bench.callbacks().await.len(), 2);
}

async fn what_succeeded_stays_so(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let flags = vec!["dissatisfied".to_owned()];
    let wanted = callback(&*scene.bench, CallbackCause::Flagged { flags }, 2).await;
    let end = NextStep::End(TaskState::Succeeded);
    let (_, item) = queued(&scene, Reason::Completed, end, &wanted).await;
    let before = scene.task().await;
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let nobody = CallbackOutcome::Exhausted;
    scene.store().finish_callback(item.id, scene.author, nobody, "没人", None).await.unwrap();
    assert_eq!(scene.task().await, before);
}

async fn a_person_who_finishes_takes_the_task_from_the_machine(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let wanted = callback(&*scene.bench, CallbackCause::PersonAsked, 2).await;
    let now = scene.store().now().await.unwrap();
    let next = NextStep::TryAgain { at: now, why: "once more".to_owned() };
    let (_, item) = queued(&scene, Reason::Partial, next, &wanted).await;
    let claim = scene.claim_one().await;
    scene.store().take_callback(item.id, scene.author).await.unwrap();
    let reached = CallbackOutcome::Succeeded;
    scene.store().finish_callback(item.id, scene.author, reached, "", None).await.unwrap();
    assert_eq!(scene.try_open(&claim, 0).await, Err(OpenRefusal::ClaimLost));
    assert_eq!(scene.task().await.state, TaskState::Succeeded);
    // Nor does a closing with the old fence bring it back.
    let history = scene.store().history(claim.task.id).await.unwrap();
    let attempt = scene.store().attempt(history[0].attempt).await.unwrap();
    scene.close(&attempt, claim.fence, &succeeded()).await;
    scene.close(&attempt, claim.fence, &again(&*scene.bench, Reason::Busy, Duration::ZERO).await).await;
    assert_eq!(scene.task().await.state, TaskState::Succeeded);
}
