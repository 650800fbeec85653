//! `HUIFANG_SECTION__KEY` stands over the file; a value of digits alone is text where text is wanted.

mod service;

use std::time::Duration;

use carrier::Event;
use service::{Carrier, SATISFIED, Site, until};

fn set(site: &mut Site, name: &str, value: &str) {
    site.environment.push((name.to_owned(), value.to_owned()));
}

#[tokio::test]
async fn the_console_listens_where_the_environment_says() {
    let mut site = Site::new();
    let there = Site::new().http;
    set(&mut site, "HUIFANG_HTTP__LISTEN", &there.to_string());
    set(&mut site, "HUIFANG_LOG__FORMAT", "json");
    let mut serve = site.serve_at_once();
    until(Duration::from_secs(90), "the service answers at the address of the environment", || {
        serve.must_run();
        let url = format!("http://{there}/healthz");
        async move { reqwest::get(url).await.ok() }
    })
    .await;
    assert!(
        reqwest::get(format!("http://{}/healthz", site.http)).await.is_err(),
        "the file's address is open as well"
    );
    let log = serve.stderr();
    let line = log.lines().find(|line| line.contains("huifang is up")).expect("the log tells of the start");
    serde_json::from_str::<serde_json::Value>(line).expect("lines are JSON, as the environment says");
}

#[tokio::test]
async fn a_caller_and_a_password_of_digits_are_text() {
    let mut site = Site::new();
    let trunk = "trunk: {realm: carrier.test, username: \"075512345678\", password: \"0123456789\"}\n";
    let carrier = Carrier::start(&site, trunk, &[("13800138000", SATISFIED)]).await;
    set(&mut site, "HUIFANG_TRUNK__MAIN__CALLER", "4008005678");
    set(&mut site, "HUIFANG_TRUNK__MAIN__USER", "075512345678");
    set(&mut site, "HUIFANG_TRUNK__MAIN__PASSWORD", "0123456789");
    set(&mut site, "HUIFANG_TRUNK__MAIN__REALM", "carrier.test");
    let quick = site.questionnaires.join("quick.yaml");
    let done = site.huifang(&["call", "13800138000", "--questionnaire", quick.to_str().unwrap()]).await;
    let outcome: serde_json::Value = serde_json::from_str(done.printed()).unwrap();
    assert_eq!(outcome["reason"], "completed", "{outcome:#}");
    let shown: Vec<String> = carrier
        .journal()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Called { caller, .. } => Some(caller),
            _ => None,
        })
        .collect();
    assert_eq!(shown, ["4008005678"]);
}

#[tokio::test]
async fn a_fault_is_blamed_on_where_it_stands() {
    let site = Site::new();
    let (good, wrong) = (site.path("good.toml"), site.path("wrong.toml"));
    std::fs::write(&good, "[http]\nsession_hours = 8\n").unwrap();
    std::fs::write(&wrong, "[http]\nlissten = \"127.0.0.1:1\"\n").unwrap();
    for (file, variable, value, blamed) in [
        (&good, "HUIFANG_HTTP__LISTEN", "nowhere", "environment (HUIFANG_…): http.listen"),
        (&good, "HUIFANG_HTTP__LISSTEN", "127.0.0.1:1", "environment (HUIFANG_…): http.lissten"),
        (&good, "HUIFANG_HTTPS", "1", "environment (HUIFANG_…): https"),
        (&wrong, "HUIFANG_HTTP__LISTEN", "127.0.0.1:9000", "wrong.toml: http.lissten"),
    ] {
        let mut command = Site::bare(&["check", file.to_str().unwrap()]);
        command.env(variable, value);
        let done =
            service::Process::start("check", site.folder(), command).done(Duration::from_secs(20)).await;
        assert!(done.refused().contains(blamed), "{variable}: {}", done.stderr);
    }
}

#[tokio::test]
async fn every_kind_of_value_can_be_given() {
    let site = Site::new();
    let file = site.path("none.toml");
    std::fs::write(&file, "[trunk.main]\npeer = \"127.0.0.1:5070\"\ncaller = \"1\"\n").unwrap();
    for (variable, value) in [
        ("HUIFANG_HTTP__SECURE_COOKIES", "true"),
        ("HUIFANG_DIALER__POLL_MS", "250"),
        ("HUIFANG_MEDIA__PORTS", "30000-30099"),
        ("HUIFANG_TRUNK__MAIN__CALLER", "+864008001234"),
        ("HUIFANG_SPEECH__COMMAND", "[\"say\", \"{out}\"]"),
        ("HUIFANG_DATABASE__URL", "postgres://a:1@b/c"),
        ("HUIFANG_QUESTIONNAIRES__VARIABLES__COMPANY", "360"),
        ("HUIFANG_TRUNK__MAIN__REALM", "true"),
    ] {
        let mut command = Site::bare(&["check", file.to_str().unwrap()]);
        command.env(variable, value);
        let done =
            service::Process::start("check", site.folder(), command).done(Duration::from_secs(20)).await;
        assert!(done.printed().contains("good"), "{variable}");
    }
}
