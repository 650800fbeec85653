//! A call is decided by what was seen, and committed later: what came between the two is not missed.

use std::sync::Arc;
use std::time::Duration;

use records::{Attempt, Cap, Claim, MoveRule, NewPlan, PlanId, Policy, Reason};
use trunk::Share;
use uuid::Uuid;

use super::bench::{LEASE, again, attempt, by_hand, content, number, without_bounds};
use super::coming_and_going::{today, waiver};
use super::{Bench, Scene, sentences};
use crate::{LineAsk, NewAttempt, OpenRefusal, Seen};

sentences![
    a_call_made_since_another_was_decided_counts,
    a_call_that_took_the_place_of_one_that_was_seen_counts,
    one_more_than_was_seen_may_still_not_be_too_many,
    what_was_seen_is_judged_before_a_call_is_made,
    attempts_that_count_no_more_hold_nothing_up,
    what_forbids_a_call_after_it_was_decided_forbids_it,
];

/// The customer is called so often in an hour.
fn capped(attempts: u32) -> Policy {
    let mut policy = without_bounds();
    policy.caps.customer = vec![Cap { attempts, within: Duration::from_secs(3_600) }];
    policy
}

/// One customer of one plan with that policy, and the claim of the task.
async fn claimed(bench: Arc<dyn Bench>, policy: Policy) -> (Scene, Claim) {
    let scene = Scene::with(bench, 1).await;
    scene.store().stop_plan(scene.plan).await.unwrap();
    let plan = PlanId(Uuid::now_v7());
    scene.start(plan, &NewPlan { policy, ..content("second", 0) }).await;
    let claim = scene.claim_one().await;
    (scene, claim)
}

async fn seen(scene: &Scene, claim: &Claim) -> Seen {
    let standing = scene.store().standing(claim).await.unwrap();
    Seen { at: standing.now, recent: standing.recent }
}

async fn open(scene: &Scene, claim: &Claim, seen: Seen) -> Result<Attempt, OpenRefusal> {
    scene.store().open_attempt(claim, &NewAttempt { seen, ..attempt(number(0)) }).await.unwrap()
}

async fn by_hand_in_vain(scene: &Scene) {
    let call = by_hand(number(0));
    scene.store().open_manual(&call).await.unwrap().unwrap();
    scene.close_by_hand(call.attempt.id).await;
}

fn is_capped(opened: &Result<Attempt, OpenRefusal>) -> bool {
    matches!(opened, Err(OpenRefusal::Capped { rule: MoveRule::CustomerCap, .. }))
}

async fn a_call_made_since_another_was_decided_counts(bench: Arc<dyn Bench>) {
    let (scene, claim) = claimed(bench, capped(2)).await;
    by_hand_in_vain(&scene).await;
    let before = seen(&scene, &claim).await;
    assert_eq!(before.recent.len(), 1);
    by_hand_in_vain(&scene).await;
    let opened = open(&scene, &claim, before).await;
    assert!(is_capped(&opened), "{opened:?}");
}

async fn a_call_that_took_the_place_of_one_that_was_seen_counts(bench: Arc<dyn Bench>) {
    let mut policy = capped(9);
    policy.retry.gap = Some(Duration::from_secs(900));
    let (scene, _) = claimed(bench, policy).await;
    by_hand_in_vain(&scene).await;
    scene.bench.pass(Duration::from_secs(3_580)).await;
    let claim = scene.claim_one().await;
    let before = seen(&scene, &claim).await;
    assert_eq!(before.recent.len(), 1);
    // As many count as before.
    scene.bench.pass(Duration::from_secs(30)).await;
    by_hand_in_vain(&scene).await;
    let opened = open(&scene, &claim, before).await;
    assert!(matches!(opened, Err(OpenRefusal::Capped { rule: MoveRule::Gap, .. })), "{opened:?}");
}

async fn one_more_than_was_seen_may_still_not_be_too_many(bench: Arc<dyn Bench>) {
    let (scene, claim) = claimed(bench, capped(3)).await;
    by_hand_in_vain(&scene).await;
    let unseen = by_hand(number(1));
    let all = seen(&scene, &claim).await;
    scene.store().open_manual(&unseen).await.unwrap().unwrap();
    scene.close_by_hand(unseen.attempt.id).await;
    open(&scene, &claim, all).await.unwrap();
}

async fn what_was_seen_is_judged_before_a_call_is_made(bench: Arc<dyn Bench>) {
    let (scene, claim) = claimed(bench, capped(1)).await;
    by_hand_in_vain(&scene).await;
    let all = seen(&scene, &claim).await;
    let opened = open(&scene, &claim, all).await;
    assert!(is_capped(&opened), "{opened:?}");
    assert_eq!(scene.store().history(claim.task.id).await.unwrap(), []);
}

async fn attempts_that_count_no_more_hold_nothing_up(bench: Arc<dyn Bench>) {
    let (scene, claim) = claimed(bench, capped(1)).await;
    let before = seen(&scene, &claim).await;
    let first = open(&scene, &claim, before).await.unwrap();
    let while_open = seen(&scene, &claim).await;
    assert_eq!(while_open.recent.len(), 1);
    let ours = again(&*scene.bench, Reason::TrunkCongested, Duration::ZERO).await;
    scene.close(&first, claim.fence, &ours).await;
    let claim = scene.claim_one().await;
    open(&scene, &claim, while_open).await.unwrap();
}

/// What happens between the two.
#[derive(Clone, Copy, Debug)]
enum Between {
    OptedOut,
    OthersOptedOut,
    Waived,
    PlanStopped,
    AllStopped,
    ClaimLost,
    LineLost,
    CustomerOnTheLine,
    NumberOnTheLine,
}

async fn what_forbids_a_call_after_it_was_decided_forbids_it(bench: Arc<dyn Bench>) {
    use Between::{
        AllStopped, ClaimLost, CustomerOnTheLine, LineLost, NumberOnTheLine, OptedOut, OthersOptedOut,
        PlanStopped, Waived,
    };
    let first = [OptedOut, OthersOptedOut, Waived, PlanStopped, ClaimLost, LineLost];
    let all = [&first[..], &[CustomerOnTheLine, NumberOnTheLine, AllStopped]].concat();
    let scene = Scene::with(bench, all.len() as u32 * 2).await;
    for (place, between) in (0_u32..).zip(all) {
        let refused = refused(&scene, place, between).await;
        let as_it_should = match between {
            OptedOut | OthersOptedOut => refused == OpenRefusal::OptedOut,
            Waived => refused == OpenRefusal::Waived,
            PlanStopped | AllStopped => refused == OpenRefusal::Stopped,
            ClaimLost => refused == OpenRefusal::ClaimLost,
            LineLost => refused == OpenRefusal::LineLost,
            CustomerOnTheLine | NumberOnTheLine => matches!(refused, OpenRefusal::AlreadyOpen { .. }),
        };
        assert!(as_it_should, "{between:?}: {refused:?}");
    }
}

/// Decides a call to the customer `2 * place`, lets that happen, and dials.
async fn refused(scene: &Scene, place: u32, between: Between) -> OpenRefusal {
    let (store, everybody) = (scene.store(), scene.bench.customers());
    let plan = PlanId(Uuid::now_v7());
    let audience =
        records::Audience::ExternalIds(vec![format!("c{}", 2 * place), format!("c{}", 2 * place + 1)]);
    scene.start(plan, &NewPlan { audience, ..content("here", 9) }).await;
    let claims = scene.claim(1_000).await;
    let of = |n: u32, plan: PlanId| {
        let id = format!("c{n}");
        claims.iter().find(|claim| claim.customer.row.external_id == id && claim.plan.id == plan).unwrap()
    };
    let (claim, other) = (of(2 * place, plan), of(2 * place + 1, plan));
    let lent = match between {
        Between::LineLost => {
            let ask = LineAsk {
                trunk: "main".to_owned(),
                whole: Share { lines: 4, cps: 4 },
                held: Share::default(),
                wanted: Share { lines: 4, cps: 4 },
            };
            Some(scene.bench.lines().lend("one", &[ask], LEASE).await.unwrap().remove(0).id)
        }
        _ => None,
    };
    let fresh =
        NewAttempt { lent, seen: seen(scene, claim).await, ..attempt(claim.customer.row.numbers[0].clone()) };
    match between {
        Between::OptedOut => store.opt_out(claim.customer.id, "agent").await.unwrap(),
        Between::OthersOptedOut => {
            // Not the number he is known to have opted out on.
            let mut theirs = super::bench::row(2 * place + 1);
            theirs.numbers.push(fresh.number.clone());
            store.import_customers(&[theirs]).await.unwrap();
            store.opt_out(other.customer.id, "agent").await.unwrap();
        }
        Between::Waived => {
            everybody
                .register_waiver(claim.customer.id, &waiver(Some(plan)), today(), "planner")
                .await
                .unwrap();
        }
        Between::PlanStopped => drop(store.stop_plan(plan).await.unwrap()),
        Between::AllStopped => drop(store.set_switch(false, "chief").await.unwrap()),
        Between::ClaimLost => {
            let at = store.now().await.unwrap() + LEASE;
            store.release(claim, at, &super::bench::put_off()).await.unwrap();
        }
        Between::LineLost => scene.bench.lines().give_back("one").await.unwrap(),
        Between::CustomerOnTheLine => {
            let theirs = of(2 * place, scene.plan);
            scene.try_open(theirs, 1).await.unwrap();
        }
        Between::NumberOnTheLine => {
            store.open_manual(&by_hand(fresh.number.clone())).await.unwrap().unwrap();
        }
    }
    let refused = store.open_attempt(claim, &fresh).await.unwrap().unwrap_err();
    let history = store.history(claim.task.id).await.unwrap();
    assert_eq!(history, [], "{between:?}: nothing was written");
    for claim in &claims {
        // Whoever is on the line is left there.
        let _ = store.release(claim, claim.task.next_at, &super::bench::put_off()).await;
    }
    refused
}
