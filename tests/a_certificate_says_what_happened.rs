//! After a call over the virtual carrier has ended, its task's certificate says what happened, and whoever listened to
//! the events heard it.

mod service;

use std::time::Duration;

use serde_json::{Value, json};
use service::{Carrier, Site, quick_plan, until};

const NUMBER: &str = "13800138001";

fn verdict<'a>(certificate: &'a Value, clause: &str) -> &'a str {
    let clauses = certificate["clauses"].as_array().unwrap();
    let found = clauses.iter().find(|found| found["clause"] == clause);
    found.unwrap_or_else(|| panic!("{clause}: {certificate}"))["verdict"].as_str().unwrap()
}

#[tokio::test]
async fn a_customer_who_does_not_answer_is_certified() {
    let site = Site::new();
    let _carrier = Carrier::start(&site, "", &[(NUMBER, "no_answer")]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let mut events = api.events().await;
    let mut plan = quick_plan(&json!({"ring_time": 2, "longest_call": 60}));
    plan["policy"]["retry"]["attempts"] = json!(1);
    let id = api.start_calling(&[("C1", "李明", NUMBER)], &plan).await;

    let opened = events.until("attempt_opened").await;
    assert_eq!((&opened["trunk"], &opened["direction"]), (&json!("main"), &json!("outbound")));
    let ended = events.until("attempt_ended").await;
    assert_eq!((&ended["attempt"], &ended["reason"]), (&opened["attempt"], &json!("no_answer")));
    let queued = events.until("callback_queued").await;
    assert_eq!((&queued["attempt"], &queued["cause"]), (&opened["attempt"], &json!("exhausted")));
    assert!(!events.heard.contains("李明") && !events.heard.contains(NUMBER), "nobody is named");

    let tasks = api.items("tasks").await;
    let path = format!("/api/v1/tasks/{}/certificate", tasks[0]["id"].as_str().unwrap());
    let certificate = api.get(&path).await.good();
    assert_eq!(certificate["state"], "with_person");
    for (clause, expected) in [
        ("approval", "not_required"), // the test's admin approves what he wrote, as its setting allows
        ("attempts", "kept"),
        ("ring_time", "kept"),
        ("windows", "kept"),
        ("gap", "kept"),
        ("number_cap", "kept"),
        ("reasons", "kept"),
        ("recordings", "not_applicable"),
        ("caller", "kept"),
        ("callbacks", "open"),
        ("deadline", "not_applicable"),
    ] {
        assert_eq!(verdict(&certificate, clause), expected, "{clause}: {certificate}");
    }
    assert_eq!(certificate["attempts"][0]["id"], opened["attempt"]);
    let rules: Vec<_> = certificate["moves"].as_array().unwrap().iter().map(|made| &made["rule"]).collect();
    assert_eq!(rules, ["fell_due", "dialled", "round_exhausted"]);

    // The board counts it, and the plan's figures do.
    let board = until(Duration::from_secs(20), "the board shows the item", || async {
        let board = api.get("/api/v1/board").await.good();
        (board["queue"]["open"] == 1).then_some(board)
    })
    .await;
    assert_eq!(board["outcomes_today"], json!([{"name": "no_answer", "count": 1}]));
    let figures = api.get(&format!("/api/v1/plans/{id}/coverage?from=2020-01-01")).await.good();
    assert_eq!((&figures["due"], &figures["made"], &figures["open"]), (&json!(1), &json!(1), &json!(1)));
    let metrics = api.get("/metrics").await.body;
    assert!(metrics.as_str().unwrap().contains("huifang_alarm"));
}
