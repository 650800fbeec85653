//! The whole service: a plan that fires from dates makes its tasks by itself, moves and withdraws them as the dates
//! change, calls who is due, and rings its author beforehand.

mod service;

use std::time::Duration;

use serde_json::{Value, json};
use service::{Api, Carrier, Site, quick_plan, until};

const WITHIN: Duration = Duration::from_secs(30);
const DUE: &str = "13800138001";
const LATER: &str = "13800138002";
const AUTHOR: &str = "13900139000";

async fn import(api: &Api, rows: &[(&str, &str, String)]) {
    let lines: Vec<String> =
        rows.iter().map(|(name, number, on)| format!("{name},{name},{number},{on}")).collect();
    api.import(&format!("external_id,name,number,signed_on\n{}\n", lines.join("\n"))).await.good();
}

/// The customer's task, once it is as wanted.
async fn task(api: &Api, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    until(WITHIN, "the task is as the dates ask for", || async {
        let tasks = api.items("tasks?limit=200").await;
        tasks.into_iter().find(|task| task["customer_name"] == name).filter(&wanted)
    })
    .await
}

#[tokio::test]
async fn tasks_follow_their_customers_dates() {
    let site = Site::new();
    let _carrier = Carrier::start(&site, "", &[(DUE, "no_answer"), (AUTHOR, "no_answer")]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;

    let today = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let on = |days: i64| (today + chrono::TimeDelta::days(days)).to_string();
    import(&api, &[("due", DUE, on(0)), ("later", LATER, on(20))]).await;
    let mut plan = quick_plan(&json!({"ring_time": 1, "longest_call": 60}));
    plan["schedule"] = json!({"firings": [{"on": {"event": "signed"}, "within": ["1m"], "rule": "W8.1"}]});
    let plan = api.post("/api/v1/plans", &plan).await.good();
    let path = |what: &str| format!("/api/v1/plans/{}/{what}", plan["id"].as_str().unwrap());

    let dry = api.get(&path("dry-run")).await.good();
    assert_eq!((&dry["run"]["calls"], dry["run"]["rows"].as_array().unwrap().len()), (&json!(2), 2), "{dry}");

    let rehearsed = api.post(&path("rehearse"), &json!({"number": AUTHOR})).await.good();
    let heard = api.ended_attempts(WITHIN, 1).await;
    assert_eq!((&heard[0]["id"], &heard[0]["task"]), (&rehearsed["attempt"], &Value::Null), "{heard:?}");
    assert_eq!(heard[0]["reason"], "no_answer");

    api.post(&path("approve"), &json!({})).await.good();
    let started = api.post(&path("start"), &json!({})).await.good();
    assert_eq!(started["tasks_created"], 0, "they come by their dates");
    let later = task(&api, "later", |task| task["due_on"] == on(20)).await;
    assert_eq!((&later["occasion"], &later["state"]), (&json!("signed"), &json!("due")));
    // Who is due is called, who is not is not.
    api.ended_attempts(WITHIN, 2).await;
    let called = task(&api, "due", |task| task["state"] == "waiting").await;

    import(&api, &[("due", DUE, on(-1)), ("later", LATER, on(25))]).await;
    task(&api, "later", |task| task["due_on"] == on(25)).await;
    import(&api, &[("later", LATER, String::new())]).await;
    task(&api, "later", |task| task["state"] == "withdrawn").await;
    let seen = task(&api, "due", |_| true).await;
    assert_eq!(seen["due_on"], called["due_on"], "what was dialled is seen through");
}
