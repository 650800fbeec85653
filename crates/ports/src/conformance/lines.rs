//! Lines lent to processes.

use std::sync::Arc;
use std::time::Duration;

use trunk::Share;

use super::bench::{LONGEST, attempt, from_outside, number, succeeded};
use super::{Bench, Scene, sentences};
use crate::lines::LAST_CALL;
use crate::{LendingId, Lent, LineAsk, NewAttempt, OpenRefusal};

sentences![
    a_process_alone_holds_the_whole_trunk,
    a_process_gets_what_another_has_given_up_and_no_more,
    of_a_process_that_is_gone_the_lines_of_its_open_attempts_are_kept,
    a_line_that_fell_to_others_carries_no_call,
    the_least_of_what_processes_are_configured_with_counts,
    trunks_are_lent_each_by_itself,
];

const LEASE: Duration = Duration::from_secs(45);
const WHOLE: Share = Share { lines: 4, cps: 8 };

fn ask(held: Share, wanted: Share) -> LineAsk {
    LineAsk { trunk: "main".to_owned(), whole: WHOLE, held, wanted }
}

async fn lend(bench: &dyn Bench, node: &str, held: Share, wanted: Share) -> Lent {
    bench.lines().lend(node, &[ask(held, wanted)], LEASE).await.unwrap().remove(0)
}

fn share(lines: u32, cps: u32) -> Share {
    Share { lines, cps }
}

fn on(lent: LendingId, nth: u32) -> NewAttempt {
    NewAttempt { lent: Some(lent), ..attempt(number(nth)) }
}

async fn a_process_alone_holds_the_whole_trunk(bench: Arc<dyn Bench>) {
    let lent = lend(&*bench, "one", Share::default(), share(1, 1)).await;
    assert_eq!((lent.held, lent.keep, lent.whole), (WHOLE, WHOLE, WHOLE));
    let again = lend(&*bench, "one", lent.held, share(1, 1)).await;
    assert_eq!(again, lent);
}

async fn a_process_gets_what_another_has_given_up_and_no_more(bench: Arc<dyn Bench>) {
    let first = lend(&*bench, "one", Share::default(), WHOLE).await;
    let second = lend(&*bench, "two", Share::default(), WHOLE).await;
    assert_eq!(second.held, Share::default());
    assert_ne!(second.id, first.id);
    let first = lend(&*bench, "one", first.held, WHOLE).await;
    assert_eq!((first.held, first.keep), (WHOLE, share(2, 4)));
    // Three calls are up: it has come down by one line only.
    lend(&*bench, "one", share(3, 4), WHOLE).await;
    let second = lend(&*bench, "two", second.held, WHOLE).await;
    assert_eq!(second.held, share(1, 4));
    lend(&*bench, "one", share(2, 4), WHOLE).await;
    let second = lend(&*bench, "two", second.held, WHOLE).await;
    assert_eq!((second.held, second.keep), (share(2, 4), share(2, 4)));
    bench.lines().give_back("one").await.unwrap();
    assert_eq!(lend(&*bench, "two", second.held, WHOLE).await.held, WHOLE);
}

async fn of_a_process_that_is_gone_the_lines_of_its_open_attempts_are_kept(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 2).await;
    let lent = lend(&*scene.bench, "one", Share::default(), WHOLE).await;
    let claims = scene.claim(2).await;
    let mut open = Vec::new();
    for claim in &claims {
        let on = on(lent.id, 2 * open.len() as u32);
        let on = NewAttempt { number: claim.customer.row.numbers[0].clone(), ..on };
        open.push(scene.store().open_attempt(claim, &on).await.unwrap().unwrap());
    }
    scene.close(&open[0], claims[0].fence, &succeeded()).await;
    scene.bench.pass(LEASE).await;
    let other = lend(&*scene.bench, "two", Share::default(), WHOLE).await;
    assert_eq!(other.held, share(3, 8));
    // Renewed late, it has its line again, and nothing that went to the other.
    let back = lend(&*scene.bench, "one", share(1, 0), share(1, 0)).await;
    assert_eq!((back.id, back.held), (lent.id, share(1, 0)));
    scene.bench.pass(LEASE).await;
    let other = lend(&*scene.bench, "two", other.held, WHOLE).await;
    assert_eq!(other.held, share(3, 8));
    scene.bench.pass(LONGEST).await;
    assert_eq!(lend(&*scene.bench, "two", other.held, WHOLE).await.held, WHOLE);
}

async fn a_line_that_fell_to_others_carries_no_call(bench: Arc<dyn Bench>) {
    let scene = Scene::with(bench, 1).await;
    let lent = lend(&*scene.bench, "one", Share::default(), WHOLE).await;
    scene.bench.pass(LEASE.saturating_sub(LAST_CALL)).await;
    let claim = scene.claim_one().await;
    let late = on(lent.id, 0);
    assert_eq!(scene.store().open_attempt(&claim, &late).await.unwrap(), Err(OpenRefusal::LineLost));
    let by_hand = crate::ManualCall { attempt: on(lent.id, 8), rehearsal_of: None };
    assert_eq!(scene.store().open_manual(&by_hand).await.unwrap(), Err(OpenRefusal::LineLost));
    let inbound = crate::InboundCall { attempt: on(lent.id, 9), ..from_outside(number(9)) };
    assert_eq!(scene.store().open_inbound(&inbound).await.unwrap(), Err(OpenRefusal::LineLost));
    // Nothing was written: it opens once the lending is renewed.
    lend(&*scene.bench, "one", lent.held, WHOLE).await;
    scene.store().open_attempt(&claim, &late).await.unwrap().unwrap();
}

async fn the_least_of_what_processes_are_configured_with_counts(bench: Arc<dyn Bench>) {
    let first = lend(&*bench, "one", Share::default(), WHOLE).await;
    let few = LineAsk { whole: share(2, 3), ..ask(Share::default(), share(1, 1)) };
    let told = bench.lines().lend("two", std::slice::from_ref(&few), LEASE).await.unwrap().remove(0);
    assert_eq!((told.held, told.whole), (Share::default(), share(2, 3)));
    let first = lend(&*bench, "one", first.held, WHOLE).await;
    assert_eq!(first.keep, share(1, 2));
}

async fn trunks_are_lent_each_by_itself(bench: Arc<dyn Bench>) {
    let other = LineAsk { trunk: "other".to_owned(), ..ask(Share::default(), WHOLE) };
    let both = [ask(Share::default(), WHOLE), other];
    let lent = bench.lines().lend("one", &both, LEASE).await.unwrap();
    let told: Vec<_> = lent.iter().map(|lent| (lent.trunk.as_str(), lent.held)).collect();
    assert_eq!(told, [("main", WHOLE), ("other", WHOLE)]);
    assert_ne!(lent[0].id, lent[1].id);
}
