//! Several trunks, each a carrier of its own: a call goes on where one fails it, the fallback stands in by policy, a
//! failing trunk is left alone, and what is wrong stands as an alarm until it is over.

mod service;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use carrier::Event;
use serde_json::{Value, json};
use service::{Api, Carrier, SATISFIED, Site, quick_plan, until};

const NUMBER: &str = "13800138001";
const CUSTOMER: (&str, &str, &str) = ("C1", "张三", NUMBER);
const SOON: Duration = Duration::from_secs(60);
const REFUSES: &str = "{fail: {status: 503, cause: 34}}";

/// The site's `main`, and another trunk behind it.
fn with_trunk(site: &mut Site, name: &str, keys: &str) -> SocketAddr {
    let peer = service::free_port();
    let keys = format!("peer = \"{peer}\"\ncaller = \"4008005678\"\noptions_seconds = 2\n{keys}\n");
    writeln!(site.trunk, "[trunk.{name}]\n{keys}").unwrap();
    peer
}

/// Attempts as (trunk, shown number, reason), in their order.
async fn told(api: &Api, wanted: usize) -> Vec<(String, String, String)> {
    let mut attempts = api.ended_attempts(SOON, wanted).await;
    attempts.sort_by_key(|attempt| attempt["started_at"].as_str().unwrap().to_owned());
    let word = |attempt: &Value, key: &str| attempt[key].as_str().unwrap_or_default().to_owned();
    attempts
        .iter()
        .map(|attempt| (word(attempt, "trunk"), word(attempt, "caller"), word(attempt, "reason")))
        .collect()
}

fn row(trunk: &str, caller: &str, reason: &str) -> (String, String, String) {
    (trunk.to_owned(), caller.to_owned(), reason.to_owned())
}

/// The standing alarms as (name, trunk).
/// Alarms of trunks; towards the end of a year the calendar has one of its own.
async fn alarms(api: &Api) -> Vec<(String, String)> {
    let word = |alarm: &Value, key: &str| alarm[key].as_str().unwrap_or_default().to_owned();
    let alarms = api.items("alarms").await;
    let of_trunks = alarms.iter().filter(|alarm| alarm["trunk"] != "calendar");
    of_trunks.map(|alarm| (word(alarm, "name"), word(alarm, "trunk"))).collect()
}

#[tokio::test]
async fn a_call_that_one_trunk_refuses_goes_on_over_the_next_at_once() {
    let mut site = Site::new();
    let second = with_trunk(&mut site, "second", "priority = 1");
    let backup = with_trunk(&mut site, "backup", "fallback = true");
    let first = Carrier::start(&site, "", &[(NUMBER, REFUSES)]).await;
    let second = Carrier::start_at(&site, "second", second, "", &[(NUMBER, SATISFIED)]).await;
    let backup = Carrier::start_at(&site, "backup", backup, "", &[(NUMBER, SATISFIED)]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    api.start_calling(&[CUSTOMER], &quick_plan(&json!({"ring_time": 30}))).await;

    assert_eq!(
        told(&api, 2).await,
        [row("main", "4008001234", "trunk_congested"), row("second", "4008005678", "completed")]
    );
    assert_eq!((first.calls(), second.calls(), backup.calls()), (1, 1, 0));
    let shown = second.journal().into_iter().find_map(|entry| match entry.event {
        Event::Called { caller, .. } => Some(caller),
        _ => None,
    });
    assert_eq!(shown.as_deref(), Some("4008005678"));
    let task = &api.items("tasks").await[0];
    assert_eq!((&task["state"], &task["attempts"]), (&json!("succeeded"), &json!(1)));
    let metrics = api.get("/metrics").await.body;
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("huifang_failovers_total{from=\"main\",to=\"second\"} 1"), "{metrics}");
    assert!(metrics.contains("huifang_trunk_up{trunk=\"second\"} 1"), "{metrics}");
}

#[tokio::test]
async fn the_fallback_stands_in_for_a_dead_trunk_and_the_alarm_ends_with_it() {
    let mut site = Site::new();
    let backup = with_trunk(&mut site, "backup", "fallback = true");
    let backup = Carrier::start_at(&site, "backup", backup, "", &[(NUMBER, SATISFIED)]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    until(SOON, "the dead trunk is an alarm", || async {
        (alarms(&api).await == [("trunk_down".to_owned(), "main".to_owned())]).then_some(())
    })
    .await;
    assert_eq!(api.items("trunks").await[1]["state"], "down");
    api.start_calling(&[CUSTOMER], &quick_plan(&json!({"ring_time": 30}))).await;
    assert_eq!(told(&api, 1).await, [row("backup", "4008005678", "completed")]);
    assert_eq!(backup.calls(), 1);
    // It is filed after the attempt has its reason.
    until(SOON, "it is recorded as any other", || async {
        (api.items("recordings").await.len() == 1).then_some(())
    })
    .await;

    let _main = Carrier::start(&site, "", &[]).await;
    until(SOON, "the alarm is over", || async { alarms(&api).await.is_empty().then_some(()) }).await;
    let main = &api.items("trunks").await[1];
    assert_eq!((&main["name"], &main["state"]), (&json!("main"), &json!("up")));
}

#[tokio::test]
async fn a_customer_who_did_not_answer_is_called_over_the_fallback_the_next_time() {
    let mut site = Site::new();
    let key = "HUIFANG_DIALER__FALLBACK__ON_NO_ANSWER".to_owned();
    site.environment.push((key, "next_attempt".to_owned()));
    let backup = with_trunk(&mut site, "backup", "fallback = true");
    let main = Carrier::start(&site, "", &[(NUMBER, "no_answer")]).await;
    let _backup = Carrier::start_at(&site, "backup", backup, "", &[(NUMBER, SATISFIED)]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let mut plan = quick_plan(&json!({"ring_time": 1}));
    plan["policy"]["retry"] = json!({"attempts": 3, "slot": 2, "half_days": 1, "soon": 1});
    api.start_calling(&[CUSTOMER], &plan).await;
    assert_eq!(
        told(&api, 2).await,
        [row("main", "4008001234", "no_answer"), row("backup", "4008005678", "completed")]
    );
    assert_eq!(main.calls(), 1);
}

#[tokio::test]
async fn a_trunk_whose_calls_fail_is_left_alone() {
    let mut site = Site::new();
    site.lines = 1;
    site.trunk =
        "[trunk.main.breaker]\nfailures_in_a_row = 3\nrest_seconds = 600\nlongest_rest_seconds = 600\n"
            .into();
    let numbers = ["13800138001", "13800138002", "13800138003", "13800138004", "13800138005"];
    let carrier = Carrier::start(&site, "", &numbers.map(|number| (number, REFUSES))).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let customers = numbers.map(|number| (number, "客户", number));
    api.start_calling(&customers, &quick_plan(&json!({"ring_time": 30}))).await;
    until(SOON, "the open breaker is an alarm", || async {
        (alarms(&api).await == [("breaker_open".to_owned(), "main".to_owned())]).then_some(())
    })
    .await;
    let not_ready = api.get("/readyz").await;
    assert_eq!(not_ready.status, 503);
    assert!(not_ready.body.to_string().contains("left alone"), "{not_ready:?}");
    let trunk = &api.items("trunks").await[0];
    assert_eq!((&trunk["state"], &trunk["breaker_open"]), (&json!("resting"), &json!(true)));
    // One line, so the calls came one after the other, and the fourth was never placed.
    assert_eq!(carrier.calls(), 3);
}
