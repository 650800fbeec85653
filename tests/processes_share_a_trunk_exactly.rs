//! Two services on one database and one trunk: the carrier never sees more calls up than the trunk has lines, nor more
//! INVITEs within a second than it allows, nor two calls at once to one number, also when one of them is killed.

mod called;
mod service;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use called::{Called, Seen, most_at_once, most_in_a_second};
use serde_json::json;
use service::{Api, Pair, quick_plan, until};

const LINES: usize = 4;
const CPS: usize = 10;
const CUSTOMERS: usize = 30;

/// Has two plans call the same customers; two of them share a number.
async fn call_everybody(api: &Api) {
    let rows: Vec<(String, String)> = (0..CUSTOMERS)
        .map(|nth| (format!("C{nth}"), format!("138001380{:02}", nth.min(CUSTOMERS - 2))))
        .collect();
    let customers: Vec<(&str, &str, &str)> =
        rows.iter().map(|(id, number)| (id.as_str(), "王小明", number.as_str())).collect();
    let mut plan = quick_plan(&json!({"ring_time": 20}));
    for name in ["一", "二"] {
        plan["name"] = json!(name);
        api.start_calling(&customers, &plan).await;
    }
}

fn numbers(seen: &[Seen]) -> HashSet<&str> {
    seen.iter().map(|call| call.number.as_str()).collect()
}

/// How many calls came from each process.
fn by_process(seen: &[Seen]) -> HashMap<SocketAddr, usize> {
    let mut counts = HashMap::new();
    for call in seen {
        *counts.entry(call.from).or_default() += 1;
    }
    counts
}

/// Calls to one number never overlap.
fn no_number_is_called_twice_at_once(seen: &[Seen]) {
    for number in numbers(seen) {
        let calls: Vec<Seen> = seen.iter().filter(|call| call.number == number).cloned().collect();
        assert_eq!(most_at_once(&calls), 1, "{calls:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_rate_and_numbers_hold_over_two_processes_and_a_call_by_hand() {
    let pair = Pair::new(LINES as u32, CPS as u32);
    let called = Called::at(pair.one.peer, Duration::from_millis(300));
    let (_first, _second, api) = pair.serve().await;

    // A call by hand gets a line though the services hold them all.
    let questionnaire = pair.one.questionnaires.join("quick.yaml");
    let by_hand =
        pair.one.huifang(&["call", "13900139000", "--questionnaire", questionnaire.to_str().unwrap()]).await;
    assert!(by_hand.printed().contains("\"busy\""), "{}", by_hand.printed());

    call_everybody(&api).await;
    until(Duration::from_secs(60), "everybody was called, and nobody is on the line", || {
        let all = numbers(&called.seen()).len() == CUSTOMERS && called.up().is_empty();
        std::future::ready(all.then_some(()))
    })
    .await;
    let seen = called.seen();
    let (most, fastest) = (most_at_once(&seen), most_in_a_second(&seen));
    println!(
        "{} calls, {most} at once, {fastest} within a second, by process {:?}",
        seen.len(),
        by_process(&seen)
    );
    assert!(most <= LINES, "{most} calls at once on {LINES} lines");
    assert!(fastest <= CPS, "{fastest} INVITEs within a second, {CPS} allowed");
    no_number_is_called_twice_at_once(&seen);
    // Both called, besides the one by hand.
    let shares = by_process(&seen);
    assert_eq!(shares.len(), 3, "{shares:?}");
    let least = CUSTOMERS / 6;
    assert_eq!(shares.values().filter(|calls| **calls >= least).count(), 2, "{shares:?}");
    let lent = pair.server.sql("select coalesce(sum(held_lines), 0) from lendings where until > now()");
    assert!(lent.trim().parse::<usize>().unwrap() <= LINES, "{lent} lines are lent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_had_up_is_nobodys_line_and_nobody_it_called_is_called_again() {
    let pair = Pair::new(LINES as u32, CPS as u32);
    let called = Called::at(pair.one.peer, Duration::from_secs(3));
    let (first, second, api) = pair.serve().await;
    call_everybody(&api).await;
    let both = || called.up().len() == LINES && by_process(&called.up()).len() == 2;
    until(Duration::from_secs(30), "both have calls up", || std::future::ready(both().then_some(()))).await;
    let before = called.seen().len();
    first.kill_dead().await;

    let at_kill = called.up();
    let gone = SocketAddr::new(pair.one.sip.ip(), pair.one.sip.port());
    let stuck: Vec<&Seen> = at_kill.iter().filter(|call| call.from == gone).collect();
    assert!(!stuck.is_empty(), "{at_kill:?}");
    // The survivor goes on, and a fresh process in the place of the one that is gone joins it.
    let _again = pair.one.serve().await;
    until(Duration::from_secs(10), "all lines but those that may be up are lent again", || {
        let lent = pair.server.sql("select coalesce(sum(held_lines), 0) from lendings where until > now()");
        let up = pair.server.sql(
            "select count(*) from attempts a join lendings l on l.id = a.lending_id
             where a.ended_at is null and l.until <= now()",
        );
        let figure = |text: String| text.trim().parse::<usize>().unwrap();
        std::future::ready((figure(lent) + figure(up) == LINES).then_some(()))
    })
    .await;
    until(Duration::from_secs(40), "the survivor has called on", || {
        std::future::ready((called.seen().len() >= before + 6).then_some(()))
    })
    .await;
    drop(second);
    let seen = called.seen();
    // To the carrier its calls are over; to us they may be up until their longest life has passed.
    let held = Duration::from_secs(3);
    let by_carrier: Vec<Seen> = seen
        .iter()
        .map(|call| Seen { ended: call.ended.or(Some(call.invited + held + held)), ..call.clone() })
        .collect();
    assert!(most_at_once(&by_carrier) <= LINES, "{by_carrier:#?}");
    let killed_at = at_kill.iter().map(|call| call.invited).max().unwrap();
    // The fresh process has the address of the one that is gone.
    let is_stuck = |call: &Seen| call.from == gone && call.invited <= killed_at && call.ended.is_none();
    let others: Vec<Seen> = seen
        .iter()
        .filter(|call| !is_stuck(call) && call.ended.is_none_or(|ended| ended > killed_at))
        .cloned()
        .collect();
    let most = most_at_once(&others);
    println!(
        "{} calls were up when it was killed; then at most {most} of {LINES} lines were used",
        stuck.len()
    );
    assert!(most + stuck.len() <= LINES, "{most} calls beside {} that may be up", stuck.len());
    for call in &stuck {
        let again = seen.iter().filter(|other| other.number == call.number).count();
        assert_eq!(again, 1, "{} may be on the line still and was called again", call.number);
    }
    no_number_is_called_twice_at_once(&by_carrier);
}
