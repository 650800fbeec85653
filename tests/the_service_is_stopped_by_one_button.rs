//! One request stops all calling: calls that ring or talk end at once, and none begins until calling is resumed.

mod service;

use std::time::{Duration, Instant};

use carrier::{EndedBy, Event};
use serde_json::json;
use service::{Carrier, LISTENS, Site, hold, quick_plan, until};

/// One more than half of the customers, so that some ring and some talk, whoever comes first.
const LINES: u32 = 5;
const NUMBERS: [&str; 8] = [
    "13800138001",
    "13800138002",
    "13800138003",
    "13800138004",
    "13800138005",
    "13800138006",
    "13800138007",
    "13800138008",
];

#[tokio::test]
async fn calls_that_ring_and_talk_end_and_none_begins_until_resumed() {
    let mut site = Site::new();
    site.lines = LINES;
    let behaviours = NUMBERS
        .iter()
        .enumerate()
        .map(|(n, number)| (*number, if n % 2 == 0 { LISTENS } else { "no_answer" }));
    let carrier = Carrier::start(&site, "", &behaviours.collect::<Vec<_>>()).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let names: Vec<String> = (1..=NUMBERS.len()).map(|n| format!("C{n}")).collect();
    let customers: Vec<(&str, &str, &str)> =
        names.iter().zip(NUMBERS).map(|(name, number)| (name.as_str(), name.as_str(), number)).collect();
    api.start_calling(&customers, &quick_plan(&json!({"ring_time": 30, "longest_call": 120}))).await;
    until(Duration::from_secs(20), "every line is in use, some ringing and the others talking", || async {
        let live = api.get("/api/v1/live").await.good();
        let live = live["calls"].as_array().unwrap();
        let phase = |word: &str| live.iter().filter(|call| call["phase"] == word).count();
        let calls = carrier.journal().into_iter().filter_map(|entry| match entry.event {
            Event::Called { behaviour, .. } => Some(behaviour),
            _ => None,
        });
        let talkers = calls.filter(|behaviour| behaviour == "answer").count();
        let settled = phase("talking") == talkers && phase("ringing") == LINES as usize - talkers;
        (live.len() == LINES as usize && settled).then_some(())
    })
    .await;

    let pressed = Instant::now();
    let stopped = api.post("/api/v1/calling/stop", &json!({})).await.good();
    assert_eq!((&stopped["calling"], &stopped["calls_ended"]), (&json!(false), &json!(LINES)));
    until(Duration::from_secs(3).saturating_sub(pressed.elapsed()), "the carrier sees all calls end", || {
        std::future::ready((carrier.ended() >= LINES as usize).then_some(()))
    })
    .await;
    for entry in carrier.journal() {
        if let Event::Ended { by, .. } = entry.event {
            assert!(matches!(by, EndedBy::Caller | EndedBy::Cancelled), "{entry:?}");
        }
    }
    let attempts = api.ended_attempts(Duration::from_secs(10), LINES as usize).await;
    for attempt in &attempts {
        assert_eq!(attempt["reason"], "cancelled", "{attempt:#}");
    }

    until(
        Duration::from_secs(10),
        "what was recorded is sealed, and nothing else is left in staging",
        || std::future::ready(site.staged().is_empty().then_some(())),
    )
    .await;

    assert_eq!(api.get("/api/v1/calling").await.good()["calling"], false);
    // Twenty looks of the dialer, with four tasks due and the others due again.
    hold(Duration::from_secs(2), "nobody is called while calling is stopped", || {
        carrier.calls() == LINES as usize
    })
    .await;
    let quick = site.questionnaires.join("quick.yaml");
    let refused = site.huifang(&["call", "13900139000", "--questionnaire", quick.to_str().unwrap()]).await;
    assert!(refused.refused().contains("resume it"), "a call by hand is refused as well: {}", refused.stderr);
    assert_eq!(carrier.calls(), LINES as usize);

    api.post("/api/v1/calling/resume", &json!({})).await.good();
    until(Duration::from_secs(15), "calling goes on", || {
        std::future::ready((carrier.calls() > LINES as usize).then_some(()))
    })
    .await;
    api.post("/api/v1/calling/stop", &json!({})).await.good();
}

/// Stops while calls are being dialled, ring, are being answered and talk, again and again.
#[tokio::test]
async fn no_call_slips_through_a_stop_in_the_middle_of_dialling() {
    const CUSTOMERS: usize = 24;
    let mut site = Site::new();
    (site.lines, site.cps) = (CUSTOMERS as u32, 100);
    let numbers: Vec<String> = (0..CUSTOMERS).map(|n| format!("138001381{n:02}")).collect();
    let behaviours: Vec<String> =
        (0..CUSTOMERS).map(|n| LISTENS.replace("200ms", &format!("{}ms", n * 20))).collect();
    let customers: Vec<_> =
        numbers.iter().map(String::as_str).zip(behaviours.iter().map(String::as_str)).collect();
    let carrier = Carrier::start(&site, "", &customers).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    api.post("/api/v1/calling/stop", &json!({})).await.good();
    let rows: Vec<_> = numbers.iter().map(|n| (n.as_str(), "somebody", n.as_str())).collect();
    api.start_calling(&rows, &quick_plan(&json!({"ring_time": 30, "longest_call": 120}))).await;

    for round in 1..=4 {
        let before = carrier.calls();
        api.post("/api/v1/calling/resume", &json!({})).await.good();
        until(Duration::from_secs(30), "some are called again", || {
            std::future::ready((carrier.calls() >= before + 4 * round).then_some(()))
        })
        .await;
        api.post("/api/v1/calling/stop", &json!({})).await.good();
        until(Duration::from_secs(3), "every call is over at the carrier", || {
            std::future::ready((carrier.calls() == carrier.ended()).then_some(()))
        })
        .await;
        let attempts = api.ended_attempts(Duration::from_secs(5), before).await;
        let allowed = ["cancelled", "answered_late"];
        for attempt in &attempts {
            assert!(allowed.contains(&attempt["reason"].as_str().unwrap()), "{attempt:#}");
        }
        let after = carrier.calls();
        hold(Duration::from_millis(500), "nobody is called while calling is stopped", || {
            carrier.calls() == after
        })
        .await;
    }
}
