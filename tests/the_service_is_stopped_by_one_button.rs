//! One request stops all calling: calls that ring or talk end at once, and none begins until calling is resumed.

mod service;

use std::time::{Duration, Instant};

use carrier::{EndedBy, Event};
use serde_json::json;
use service::{Carrier, LISTENS, Site, hold, quick_plan, until};

const LINES: u32 = 4;
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
    until(Duration::from_secs(20), "every line is in use, half of them ringing and half talking", || async {
        let live = api.get("/api/v1/live").await.good();
        let live = live["calls"].as_array().unwrap();
        let phase = |word: &str| live.iter().filter(|call| call["phase"] == word).count() == live.len() / 2;
        let full = live.len() == LINES as usize && carrier.calls() == LINES as usize;
        (full && phase("ringing") && phase("talking")).then_some(())
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
        std::future::ready((carrier.calls() >= 2 * LINES as usize).then_some(()))
    })
    .await;
    api.post("/api/v1/calling/stop", &json!({})).await.good();
}
