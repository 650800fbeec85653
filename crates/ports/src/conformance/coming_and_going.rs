//! Customers who are one, who are nobody any more, and who come back: merges, erasure, waivers and the opt-out's
//! withdrawal.

use std::sync::Arc;

use chrono::NaiveDate;
use records::{CustomerRow, Declared, NewWaiver, PlanId, Reason, Signature, TaskState};
use uuid::Uuid;

use super::bench::{by_hand, content, number, row, succeeded};
use super::importing::{KEYS, id_of, import};
use super::{Bench, Scene, sentences};
use crate::{Alike, OpenRefusal, Page, PageOf, StoreError, Twin};

sentences![
    merged_customers_are_one_to_tasks_history_and_imports,
    of_two_tasks_of_merged_customers_the_one_that_was_reached_counts,
    an_opt_out_of_either_holds_after_a_merge,
    nobody_is_merged_or_erased_during_a_call,
    an_erased_customer_is_nobody_and_stays_uncalled,
    a_withdrawn_opt_out_lets_calls_through_again,
    a_waiver_ends_its_plans_tasks_and_bars_its_calls,
    a_waiver_that_lacks_something_is_refused,
    twins_share_a_number_or_the_name,
    those_who_may_be_one_are_listed_once_newest_first,
];

async fn merged_customers_are_one_to_tasks_history_and_imports(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let survivor = scene.task().await.customer;
    // Only the other has a task under the second plan, with a call behind it.
    scene.store().import_customers(&[row(1)]).await.unwrap();
    let other = id_of(&scene, "c1").await;
    let task = |tasks: Vec<records::Task>| tasks.into_iter().find(|task| task.customer == other).unwrap();
    let before = task(scene.bench.tasks().await);
    let claim = scene.claim(10).await.into_iter().find(|claim| claim.task.id == before.id).unwrap();
    let open = scene.open(&claim).await;
    let again = super::bench::again(&*scene.bench, Reason::NoAnswer, std::time::Duration::ZERO).await;
    scene.close(&open, claim.fence, &again).await;

    let customers = scene.bench.customers();
    customers.merge(survivor, other).await.unwrap();
    let joined = scene.store().customer(survivor).await.unwrap().row;
    assert_eq!(joined.numbers, [number(0), number(1), number(2), number(3)]);
    assert_eq!(joined.class.as_deref(), Some("even"), "what the survivor has stands");
    let moved = scene.bench.tasks().await.into_iter().find(|task| task.id == before.id).unwrap();
    assert_eq!((moved.customer, moved.state, moved.attempts), (survivor, TaskState::Waiting, 1));
    assert_eq!(scene.store().history(moved.id).await.unwrap().len(), 1);
    // An import of the id that went leads to the survivor, and takes away no number of his.
    let renamed = CustomerRow { name: "合并后".to_owned(), ..row(1) };
    assert_eq!(import(&*scene.bench, &KEYS, vec![renamed]).await.updated, 1);
    let kept = scene.store().customer(survivor).await.unwrap().row;
    assert_eq!((kept.external_id.as_str(), kept.name.as_str()), ("c0", "合并后"));
    assert!([0, 1, 2, 3].iter().all(|n| *n < 2 || kept.numbers.contains(&number(*n))), "{:?}", kept.numbers);
    // Where both come, the survivor's own row speaks.
    let both = import(&*scene.bench, &KEYS, vec![row(1), row(0)]).await;
    assert_eq!((both.updated, both.merged, both.created), (1, 1, 0));
    assert_eq!(scene.store().customer(survivor).await.unwrap().row.name, row(0).name);
    // The one that went is in no plan, and cannot be merged again.
    let later = PlanId(Uuid::now_v7());
    assert_eq!(scene.start(later, &content("later", 0)).await, 1);
    for (a, b) in [(survivor, other), (other, survivor), (survivor, survivor)] {
        assert!(matches!(customers.merge(a, b).await, Err(StoreError::Conflict(_))));
    }
}

async fn of_two_tasks_of_merged_customers_the_one_that_was_reached_counts(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let claims = scene.claim(10).await;
    let open = scene.open(&claims[0]).await;
    scene.close(&open, claims[0].fence, &succeeded()).await;
    let (reached, survivor) = (claims[0].task.customer, claims[1].task.customer);
    scene.bench.customers().merge(survivor, reached).await.unwrap();
    let tasks = scene.bench.tasks().await;
    assert!(tasks.iter().all(|task| task.state == TaskState::Succeeded), "{tasks:?}");
    // A claim from before is worth nothing.
    assert_eq!(scene.try_open(&claims[1], 0).await, Err(OpenRefusal::ClaimLost));
}

async fn an_opt_out_of_either_holds_after_a_merge(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let (survivor, other) = (id_of(&scene, "c0").await, id_of(&scene, "c1").await);
    scene.store().opt_out(other, "agent").await.unwrap();
    scene.bench.customers().merge(survivor, other).await.unwrap();
    assert!(scene.store().customer(survivor).await.unwrap().opt_out.is_some());
    assert!(scene.store().live_numbers(survivor).await.unwrap().is_empty());
    assert!(scene.claim(10).await.is_empty());
    scene.bench.customers().withdraw_opt_out(survivor).await.unwrap();
    assert_eq!(scene.store().live_numbers(survivor).await.unwrap().len(), 4);
}

async fn nobody_is_merged_or_erased_during_a_call(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let claims = scene.claim(10).await;
    let open = scene.open(&claims[0]).await;
    let (talking, idle) = (claims[0].task.customer, claims[1].task.customer);
    let customers = scene.bench.customers();
    for refused in [
        customers.merge(idle, talking).await,
        customers.merge(talking, idle).await,
        customers.erase(talking).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    scene.close(&open, claims[0].fence, &succeeded()).await;
    customers.erase(talking).await.unwrap();
}

async fn an_erased_customer_is_nobody_and_stays_uncalled(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let claim = scene.claim_one().await;
    let open = scene.open(&claim).await;
    let again = super::bench::again(&*scene.bench, Reason::NoAnswer, std::time::Duration::ZERO).await;
    scene.close(&open, claim.fence, &again).await;
    let customer = claim.customer.id;
    let customers = scene.bench.customers();
    customers.erase(customer).await.unwrap();
    let left = scene.store().customer(customer).await.unwrap().row;
    assert!(left.external_id.starts_with("erased:") && left.numbers.is_empty(), "{left:?}");
    assert!(left.dates.is_empty() && left.account_manager.is_none());
    assert_eq!(left.class.as_deref(), Some("even"), "reports still count him");
    let attempt = scene.store().attempt(open.id).await.unwrap();
    assert_ne!(attempt.number, open.number, "the call stays, of nobody");
    assert_eq!(scene.task().await.state, TaskState::Withdrawn);
    assert!(matches!(customers.erase(customer).await, Err(StoreError::Conflict(_))));
    // Neither by hand nor by a later list is the number called again.
    let refused = scene.store().open_manual(&by_hand(number(0))).await.unwrap();
    assert_eq!(refused, Err(OpenRefusal::OptedOut));
    let report = scene.store().import_customers(&[row(0)]).await.unwrap();
    assert_eq!(report.created, 1, "the erased one is not known any more");
    let fresh = id_of(&scene, "c0").await;
    assert_ne!(fresh, customer);
    let opt_out = scene.store().customer(fresh).await.unwrap().opt_out.unwrap();
    assert_eq!(opt_out.source, "erased");
    // Until he says otherwise.
    customers.withdraw_opt_out(fresh).await.unwrap();
    scene.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
}

async fn a_withdrawn_opt_out_lets_calls_through_again(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let customer = scene.task().await.customer;
    let customers = scene.bench.customers();
    assert!(matches!(customers.withdraw_opt_out(customer).await, Err(StoreError::Conflict(_))));
    scene.store().opt_out(customer, "agent").await.unwrap();
    customers.withdraw_opt_out(customer).await.unwrap();
    assert!(scene.store().customer(customer).await.unwrap().opt_out.is_none());
    assert_eq!(scene.task().await.state, TaskState::Refused, "what ended stays ended");
    scene.store().open_manual(&by_hand(number(0))).await.unwrap().unwrap();
    scene.store().opt_out(customer, "agent").await.unwrap();
    assert!(scene.store().live_numbers(customer).await.unwrap().is_empty(), "and he may opt out again");
}

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

pub(super) fn waiver(plan: Option<PlanId>) -> NewWaiver {
    let signed = |name: &str| Signature { name: name.to_owned(), on: today() };
    NewWaiver {
        plan,
        contents: Declared {
            documents_signed_in_person: true,
            terms_understood: true,
            fees_understood: true,
            remarks: "面签".to_owned(),
        },
        customer: signed("客户"),
        salesperson: signed("业务员"),
        sales_manager: signed("经理"),
    }
}

async fn a_waiver_ends_its_plans_tasks_and_bars_its_calls(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let second = PlanId(Uuid::now_v7());
    scene.start(second, &content("second", 9)).await;
    let claims = scene.claim(1).await;
    let customer = claims[0].task.customer;
    let customers = scene.bench.customers();
    let kept =
        customers.register_waiver(customer, &waiver(Some(scene.plan)), today(), "planner").await.unwrap();
    assert_eq!(customers.waivers(customer).await.unwrap(), std::slice::from_ref(&kept));
    for task in scene.bench.tasks().await {
        let expected = if task.plan == scene.plan { TaskState::Withdrawn } else { TaskState::Calling };
        assert_eq!(task.state, expected);
    }
    // The other plan's call goes through, until every plan is waived.
    let all = customers.register_waiver(customer, &waiver(None), today(), "planner").await.unwrap();
    assert_eq!(scene.try_open(&claims[0], 0).await, Err(OpenRefusal::Waived));
    assert!(scene.bench.tasks().await.iter().all(|task| task.state == TaskState::Withdrawn));
    for waiver in [all, kept] {
        customers.revoke_waiver(waiver.id, "supervisor").await.unwrap();
        assert!(matches!(customers.revoke_waiver(waiver.id, "x").await, Err(StoreError::Conflict(_))));
    }
    let revoked = customers.waivers(customer).await.unwrap();
    assert!(revoked.iter().all(|waiver| waiver.revoked_by.as_deref() == Some("supervisor")));
}

async fn a_waiver_that_lacks_something_is_refused(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let customer = scene.task().await.customer;
    let mut undeclared = waiver(None);
    undeclared.contents.fees_understood = false;
    let mut unsigned = waiver(None);
    " ".clone_into(&mut unsigned.sales_manager.name);
    let mut early = waiver(None);
    early.customer.on = today() + chrono::Days::new(1);
    for broken in [undeclared, unsigned, early] {
        let refused = scene.bench.customers().register_waiver(customer, &broken, today(), "planner").await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(scene.task().await.state, TaskState::Due);
}

async fn twins_share_a_number_or_the_name(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let customer = scene.task().await.customer;
    let shares = CustomerRow { numbers: vec![number(1), number(40)], ..row(7) };
    let named = CustomerRow { name: row(0).name, ..row(8) };
    scene.store().import_customers(&[shares, named, row(9)]).await.unwrap();
    let twins = scene.bench.customers().twins(customer).await.unwrap();
    let found: Vec<_> =
        twins.iter().map(|twin| (twin.external_id.as_str(), twin.number.clone(), twin.same_name)).collect();
    assert_eq!(found, [("c7", Some(number(1)), false), ("c8", None, true)]);
}

async fn those_who_may_be_one_are_listed_once_newest_first(bench: Arc<dyn Bench>) {
    let at = |branch: &str, row: CustomerRow| CustomerRow { branch: Some(branch.to_owned()), ..row };
    let named = |name: &str, row: CustomerRow| CustomerRow { name: name.to_owned(), ..row };
    let rows = [
        at("SH", named("王伟", row(0))),
        CustomerRow { numbers: vec![number(40), number(0)], ..row(1) },
        // The same name elsewhere is another person, and so is one whose branch nobody knows.
        at("BJ", named("王伟", row(2))),
        named("王伟", row(3)),
        at("SH", named("王伟", row(4))),
        CustomerRow { numbers: vec![number(40)], ..row(5) },
    ];
    for row in rows {
        // One after the other, so that their ids are in this order.
        bench.store().import_customers(&[row]).await.unwrap();
    }
    let customers = bench.customers();
    let told = |page: &PageOf<Alike>| -> Vec<String> {
        let common = |twin: &Twin| match (&twin.number, twin.same_name) {
            (Some(_), false) => "number",
            (None, true) => "name",
            _ => "both, or nothing",
        };
        let twin = |twin: &Twin| format!("{} by {}", twin.external_id, common(twin));
        let one = |one: &Alike| {
            format!("{}: {}", one.external_id, one.twins.iter().map(twin).collect::<Vec<_>>().join(", "))
        };
        page.items.iter().map(one).collect()
    };
    let whole = customers.alike(Page { before: None, limit: 10 }).await.unwrap();
    assert_eq!(told(&whole), ["c5: c1 by number", "c4: c0 by name", "c1: c0 by number"]);
    assert_eq!(whole.next, None);
    let first = customers.alike(Page { before: None, limit: 2 }).await.unwrap();
    assert_eq!(told(&first), told(&whole)[..2]);
    let rest = customers.alike(Page { before: first.next, limit: 2 }).await.unwrap();
    assert_eq!((told(&rest), rest.next), (told(&whole)[2..].to_vec(), None));
    let (survivor, other) = (whole.items[0].twins[0].id, whole.items[0].id);
    customers.merge(survivor, other).await.unwrap();
    let left = customers.alike(Page { before: None, limit: 10 }).await.unwrap();
    assert_eq!(told(&left), told(&whole)[1..]);
}
