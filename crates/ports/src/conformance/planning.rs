//! Questionnaires and plans.

use std::sync::Arc;

use records::{Audience, NewPlan, PlanId, PlanState, TaskState};
use uuid::Uuid;

use super::bench::{content, questionnaire, row};
use super::{Bench, Scene, sentences};
use crate::{NewQuestionnaire, StoreError};

sentences![
    a_published_text_never_changes_under_its_version,
    a_plan_asks_a_published_questionnaire,
    a_plan_reads_back_as_it_was_written,
    the_author_does_not_approve_the_plan,
    only_an_approved_or_stopped_plan_starts,
    an_audience_is_decided_when_the_plan_starts,
    a_stopped_plan_keeps_its_tasks_and_starts_again,
];

async fn a_published_text_never_changes_under_its_version(bench: Arc<dyn Bench>) {
    let text = questionnaire();
    bench.store().publish_questionnaire(&text).await.unwrap();
    bench.store().publish_questionnaire(&text).await.unwrap();
    assert_eq!(bench.store().questionnaire(&text.version).await.unwrap(), text);
    let other = NewQuestionnaire { source: "another text".to_owned(), ..text.clone() };
    bench.store().publish_questionnaire(&other).await.unwrap_err();
    let renamed = NewQuestionnaire { name: "another".to_owned(), ..text.clone() };
    bench.store().publish_questionnaire(&renamed).await.unwrap_err();
    assert_eq!(bench.store().questionnaire(&text.version).await.unwrap(), text);
}

async fn a_plan_asks_a_published_questionnaire(bench: Arc<dyn Bench>) {
    let author = bench.account("author").await;
    let id = PlanId(Uuid::now_v7());
    let error = bench.store().create_plan(id, &content("first", 0), author).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "questionnaire", .. }), "{error}");
    bench.store().plan(id).await.unwrap_err();
}

async fn a_plan_reads_back_as_it_was_written(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 0).await;
    let id = PlanId(Uuid::now_v7());
    let audience = Audience::ExternalIds(vec!["c1".to_owned()]);
    let wanted = NewPlan { audience, ..content("second", -3) };
    let created = scene.create(id, &wanted).await;
    assert_eq!((created.content.clone(), created.state), (wanted.clone(), PlanState::Draft));
    assert_eq!(scene.store().plan(id).await.unwrap(), created);
    let ids: Vec<PlanId> = scene.store().plans().await.unwrap().iter().map(|plan| plan.id).collect();
    assert_eq!(ids, [id, scene.plan]);
    let again = scene.store().create_plan(id, &wanted, scene.author).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict(_)), "{again}");
}

async fn the_author_does_not_approve_the_plan(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 0).await;
    let id = PlanId(Uuid::now_v7());
    scene.create(id, &content("second", 0)).await;
    scene.store().approve_plan(id, scene.author, false).await.unwrap_err();
    let other = scene.bench.account("other").await;
    let approved = scene.store().approve_plan(id, other, false).await.unwrap();
    assert_eq!((approved.state, approved.approved_by), (PlanState::Approved, Some(other)));
    assert!(!approved.own_approval);
    scene.store().approve_plan(id, other, false).await.unwrap_err();
    let own = PlanId(Uuid::now_v7());
    scene.create(own, &content("third", 0)).await;
    let allowed = scene.store().approve_plan(own, scene.author, true).await.unwrap();
    assert!(allowed.own_approval && scene.store().plan(own).await.unwrap().own_approval);
}

async fn only_an_approved_or_stopped_plan_starts(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let running = scene.store().start_plan(scene.plan).await.unwrap_err();
    assert!(matches!(running, StoreError::Conflict(_)), "{running}");
    let draft = PlanId(Uuid::now_v7());
    scene.create(draft, &content("second", 0)).await;
    scene.store().start_plan(draft).await.unwrap_err();
    scene.store().stop_plan(draft).await.unwrap_err();
    let nowhere = scene.store().start_plan(PlanId(Uuid::now_v7())).await.unwrap_err();
    assert!(matches!(nowhere, StoreError::Missing { what: "plan", .. }), "{nowhere}");
    assert_eq!(scene.bench.tasks().await.len(), 1);
}

async fn an_audience_is_decided_when_the_plan_starts(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 5).await;
    let of = async |audience| {
        let plan = NewPlan { audience, ..content("of", 0) };
        scene.start(PlanId(Uuid::now_v7()), &plan).await
    };
    assert_eq!(of(Audience::Everyone).await, 5);
    assert_eq!(of(Audience::Class("even".to_owned())).await, 3);
    assert_eq!(of(Audience::ExternalIds(vec!["c4".to_owned(), "none".to_owned()])).await, 1);
}

async fn a_stopped_plan_keeps_its_tasks_and_starts_again(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let stopped = scene.store().stop_plan(scene.plan).await.unwrap();
    assert_eq!(stopped.state, PlanState::Stopped);
    scene.store().stop_plan(scene.plan).await.unwrap();
    assert!(scene.claim(10).await.is_empty());
    assert_eq!(scene.task().await.state, TaskState::Due);

    scene.store().import_customers(&[row(1)]).await.unwrap();
    assert_eq!(scene.store().start_plan(scene.plan).await.unwrap(), 1);
    assert_eq!(scene.claim(10).await.len(), 2);
}
