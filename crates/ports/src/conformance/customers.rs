//! Customers, numbers and opt-outs.

use std::sync::Arc;

use records::{CustomerRow, Fact, NextStep, Noted, Reason, TaskState};

use super::bench::{by_hand, closing, number, put_off, row};
use super::{Bench, Scene, sentences};
use crate::{Closing, ImportReport, OpenRefusal, StoreError};

sentences![
    the_same_import_again_changes_nothing,
    an_import_updates_by_external_id_and_keeps_the_id,
    an_import_is_refused_as_a_whole,
    a_dead_number_is_not_to_be_tried_until_it_is_given_anew,
    an_opt_out_ends_what_waits_and_bars_every_number,
    an_opt_out_between_claim_and_dialling_wins,
    an_opt_out_by_key_holds_for_every_plan,
    a_customer_who_opts_out_during_a_call_is_not_waited_for,
    a_strangers_opt_out_bars_the_number,
];

async fn the_same_import_again_changes_nothing(bench: Arc<dyn Bench>) {
    let rows = [row(0), row(1)];
    let report = bench.store().import_customers(&rows).await.unwrap();
    assert_eq!(report, ImportReport { created: 2, ..ImportReport::default() });
    let report = bench.store().import_customers(&rows).await.unwrap();
    assert_eq!(report, ImportReport { unchanged: 2, ..ImportReport::default() });
}

async fn an_import_updates_by_external_id_and_keeps_the_id(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let before = scene.store().customer(scene.task().await.customer).await.unwrap();
    assert_eq!(before.row, row(0));
    let mut changed = CustomerRow { name: "新名".to_owned(), ..row(0) };
    // Swapped, one new, one given twice.
    changed.numbers = vec![number(1), number(7), number(1), number(0)];
    let report = scene.store().import_customers(&[changed.clone(), row(5)]).await.unwrap();
    assert_eq!(report, ImportReport { created: 1, updated: 1, unchanged: 0 });
    let after = scene.store().customer(before.id).await.unwrap();
    assert_eq!(after.row.numbers, [number(1), number(7), number(0)]);
    assert_eq!(after.row.name, changed.name);
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(scene.store().live_numbers(after.id).await.unwrap(), after.row.numbers);
}

async fn an_import_is_refused_as_a_whole(bench: Arc<dyn Bench>) {
    let error = bench.store().import_customers(&[row(0), row(1), row(0)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    let mut without = row(2);
    without.numbers.clear();
    bench.store().import_customers(&[row(0), without]).await.unwrap_err();
    let report = bench.store().import_customers(&[row(0)]).await.unwrap();
    assert_eq!(report.created, 1);
}

async fn a_dead_number_is_not_to_be_tried_until_it_is_given_anew(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let at = scene.store().now().await.unwrap();
    let next = NextStep::TryAgain { at, why: "the other number".to_owned() };
    let vacant = Closing { number_dead: true, ..closing(Reason::Vacant, next) };
    scene.close(&open, claim.fence, &vacant).await;
    let customer = claim.customer.id;
    assert_eq!(scene.store().live_numbers(customer).await.unwrap(), [number(1)]);
    // The same list again does not raise the dead.
    scene.store().import_customers(&[row(0)]).await.unwrap();
    assert_eq!(scene.store().live_numbers(customer).await.unwrap(), [number(1)]);

    let mut without = row(0);
    without.numbers.remove(0);
    scene.store().import_customers(&[without]).await.unwrap();
    scene.store().import_customers(&[row(0)]).await.unwrap();
    assert_eq!(scene.store().live_numbers(customer).await.unwrap(), [number(0), number(1)]);
}

async fn an_opt_out_ends_what_waits_and_bars_every_number(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let customer = scene.task().await.customer;
    scene.store().opt_out(customer, "agent").await.unwrap();
    scene.store().opt_out(customer, "import").await.unwrap();
    let kept = scene.store().customer(customer).await.unwrap().opt_out.unwrap();
    assert_eq!((kept.number, kept.source.as_str()), (number(0), "agent"));
    assert_eq!(scene.task().await.state, TaskState::Refused);
    assert!(scene.claim(10).await.is_empty());
    assert!(scene.store().live_numbers(customer).await.unwrap().is_empty());
    for n in [0, 1] {
        let refused = scene.store().open_manual(&by_hand(number(n))).await.unwrap();
        assert_eq!(refused, Err(OpenRefusal::OptedOut));
    }
    // A plan that starts later counts the customer as refused.
    let later = records::PlanId(uuid::Uuid::now_v7());
    assert_eq!(scene.start(later, &super::bench::content("later", 0)).await, 1);
    assert!(scene.bench.tasks().await.iter().all(|task| task.state == TaskState::Refused));
}

async fn an_opt_out_between_claim_and_dialling_wins(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    scene.store().opt_out(claim.customer.id, "agent").await.unwrap();
    assert_eq!(scene.try_open(&claim, 1).await, Err(OpenRefusal::OptedOut));
    // Giving it back does not bring it to life again.
    let at = scene.store().now().await.unwrap();
    scene.store().release(&claim, at, &put_off()).await.unwrap();
    assert_eq!(scene.task().await.state, TaskState::Refused);
}

async fn an_opt_out_by_key_holds_for_every_plan(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    scene.start(records::PlanId(uuid::Uuid::now_v7()), &super::bench::content("second", 9)).await;
    let claim = scene.claim(1).await.remove(0);
    let open = scene.try_open(&claim, 1).await.unwrap();
    scene.store().note(open.id, &[Fact { seq: 1, at_ms: 5, noted: Noted::OptOut }]).await.unwrap();
    let opted = scene.store().customer(claim.customer.id).await.unwrap().opt_out.unwrap();
    assert_eq!((opted.number, opted.source.as_str()), (number(1), "key"));
    for task in scene.bench.tasks().await {
        let expected = if task.id == claim.task.id { TaskState::Calling } else { TaskState::Refused };
        assert_eq!(task.state, expected);
    }
}

async fn a_customer_who_opts_out_during_a_call_is_not_waited_for(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    scene.store().opt_out(claim.customer.id, "agent").await.unwrap();
    let again = super::bench::again(&*scene.bench, Reason::NoAnswer, std::time::Duration::ZERO).await;
    scene.close(&open, claim.fence, &again).await;
    assert_eq!(scene.task().await.state, TaskState::Refused);
    assert!(scene.task().await.ended_at.is_some());
}

async fn a_strangers_opt_out_bars_the_number(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let open = scene.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
    scene.store().note(open.id, &[Fact { seq: 0, at_ms: 5, noted: Noted::OptOut }]).await.unwrap();
    scene.close(&open, 0, &closing(Reason::OptedOut, NextStep::End(TaskState::Refused))).await;
    let claim = scene.claim_one().await;
    assert_eq!(scene.store().live_numbers(claim.customer.id).await.unwrap(), [number(1)]);
    assert_eq!(scene.try_open(&claim, 0).await, Err(OpenRefusal::OptedOut));
    scene.try_open(&claim, 1).await.unwrap();
}
