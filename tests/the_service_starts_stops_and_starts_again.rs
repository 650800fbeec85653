//! Starting, stopping and starting again on the same data, whether the end was orderly or not.

mod service;

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use service::{Carrier, LISTENS, SATISFIED, Site, quick_plan, runs, until};

const FIRST_START: &str = "First start";
const CUSTOMERS: [(&str, &str, &str); 3] =
    [("C1", "王小明", "13800138001"), ("C2", "欧阳震华", "13800138002"), ("C3", "李雷", "01088886666")];

#[tokio::test]
async fn a_term_signal_ends_it_in_order_and_the_password_is_shown_once() {
    let site = Site::new();
    let mut serve = site.serve().await;
    assert_eq!(serve.stderr().matches(FIRST_START).count(), 1, "{}", serve.stderr());
    let postmaster = site.postmaster().expect("the private Postgres runs");

    let told = Instant::now();
    serve.signal(Signal::SIGTERM);
    let status = serve.ended(Duration::from_secs(15)).await;
    assert_eq!(status.code(), Some(0), "{}", serve.stderr());
    assert!(told.elapsed() < Duration::from_secs(10), "stopping took {:?}", told.elapsed());
    assert!(!runs(postmaster), "the private Postgres still runs");

    let serve = site.serve().await;
    assert!(!serve.stderr().contains(FIRST_START), "the password is shown again:\n{}", serve.stderr());
    site.admin().await.get("/api/v1/me").await.good();
}

#[tokio::test]
async fn after_a_kill_the_next_start_finds_everything_as_it_was() {
    let site = Site::new();
    let serve = site.serve().await;
    let api = site.admin().await;
    api.import("external_id,name,number\nC1,王小明,13800138001\n").await.good();
    serve.kill_dead().await;
    let left = site.postmaster().expect("the private Postgres outlives a service that is killed");

    let mut serve = site.serve().await;
    assert_eq!(site.postmaster(), Some(left), "the server that was left is adopted");
    assert_eq!(api.items("customers").await.len(), 1);
    assert!(!serve.stderr().contains(FIRST_START));

    serve.signal(Signal::SIGTERM);
    assert_eq!(serve.ended(Duration::from_secs(15)).await.code(), Some(0));
    assert!(!runs(left), "an adopted server is stopped like one's own");
}

#[tokio::test]
async fn a_stop_lets_nobody_ring_on_and_every_attempt_has_its_reason() {
    let site = Site::new();
    let carrier = Carrier::start(&site, "", &[("13800138001", "no_answer"), ("13800138002", LISTENS)]).await;
    let mut serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let plan = quick_plan(&json!({"ring_time": 30, "longest_call": 60}));
    api.start_calling(&CUSTOMERS[..2], &plan).await;
    let talking = |event: &carrier::Event| matches!(event, carrier::Event::Pressed { .. });
    carrier.sees(Duration::from_secs(20), "the customer who listens has pressed a key", 1, talking).await;
    carrier
        .sees(Duration::from_secs(20), "both are called", 2, |event| {
            matches!(event, carrier::Event::Called { .. })
        })
        .await;

    serve.signal(Signal::SIGTERM);
    assert_eq!(serve.ended(Duration::from_secs(20)).await.code(), Some(0), "{}", serve.stderr());
    assert_eq!(carrier.ended(), 2, "a call outlived the service: {:#?}", carrier.journal());

    let mut site = site;
    site.environment = vec![("HUIFANG_DIALER__ENABLED".to_owned(), "false".to_owned())];
    let _serve = site.serve().await;
    let attempts = api.ended_attempts(Duration::from_secs(5), 2).await;
    let reasons: Vec<_> = attempts.iter().map(|attempt| &attempt["reason"]).collect();
    assert_eq!(reasons, [&json!("cancelled"), &json!("cancelled")], "{attempts:#?}");
}

#[tokio::test]
async fn the_log_names_no_customer_and_no_number() {
    let site = Site::new();
    let behaviours = [("13800138001", SATISFIED), ("13800138002", "busy"), ("01088886666", "rejected")];
    let carrier = Carrier::start(&site, "", &behaviours).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    api.start_calling(&CUSTOMERS, &quick_plan(&json!({"ring_time": 5}))).await;
    until(Duration::from_secs(40), "all calls have ended at the carrier", || {
        std::future::ready((carrier.ended() >= 3).then_some(()))
    })
    .await;
    api.ended_attempts(Duration::from_secs(10), 3).await;
    let refused = api.import("external_id,name,number\nC9,韩梅梅,1380013800X\n").await;
    assert_eq!(refused.status, 422);

    let log = serve.stderr() + &serve.stdout();
    assert!(log.matches("attempt ended").count() >= 3, "the log tells of the calls:\n{log}");
    let digits: String = log.chars().filter(char::is_ascii_digit).collect();
    for (_, name, number) in CUSTOMERS {
        assert!(!log.contains(name), "the log names {name}:\n{log}");
        let significant = number.trim_start_matches('0');
        assert!(!log.contains(significant) && !digits.contains(significant), "the log has {number}:\n{log}");
    }
    assert!(!log.contains("韩梅梅") && !log.contains("1380013800X"), "{log}");
}
