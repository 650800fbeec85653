//! A real call leaves its ladder: every message in order, both ways, readable by tshark; no answer to the carrier's
//! challenge anywhere; and after its time it is gone.

mod service;

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use service::{Api, Carrier, SATISFIED, Server, Site, quick_plan, until};

const NUMBER: &str = "13800138000";
const PASSWORD: &str = "a-password-of-the-trunk";

/// A service with a database of the test's own that has called one customer over a trunk that wants a password.
async fn called(site: &mut Site, server: &Server) -> (service::Process, Api, String) {
    site.database_url = Some(server.url());
    site.trunk = format!("user = \"4008001234\"\npassword = \"{PASSWORD}\"\nrealm = \"carrier.test\"");
    let trunk = format!("trunk: {{realm: carrier.test, username: \"4008001234\", password: {PASSWORD}}}\n");
    let _carrier = Carrier::start(site, &trunk, &[(NUMBER, SATISFIED)]).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let plan = quick_plan(&json!({"ring_time": 20, "longest_call": 60, "hang_up_grace": 3}));
    api.start_calling(&[("C1", "王小明", NUMBER)], &plan).await;
    let attempts = api.ended_attempts(Duration::from_secs(60), 1).await;
    assert_eq!(attempts[0]["reason"], "completed", "{attempts:#?}");
    (serve, api, attempts[0]["id"].as_str().unwrap().to_owned())
}

/// The messages of an attempt, once the last of them is kept.
async fn ladder(api: &Api, attempt: &str) -> Vec<Value> {
    until(Duration::from_secs(20), "the whole ladder is kept", || async {
        let trace = api.get(&format!("/api/v1/attempts/{attempt}/trace")).await.good();
        let messages = trace["messages"].as_array().unwrap().clone();
        messages.iter().any(|message| message["label"] == "200 OK to BYE").then_some(messages)
    })
    .await
}

#[tokio::test]
async fn every_message_is_kept_in_order_and_no_credential_with_it() {
    let mut site = Site::new();
    let server = Server::start(&site);
    let (serve, api, attempt) = called(&mut site, &server).await;
    let messages = ladder(&api, &attempt).await;
    let said: Vec<(&str, &str)> = messages
        .iter()
        .filter(|message| message["again"] == false)
        .map(|message| (message["direction"].as_str().unwrap(), message["label"].as_str().unwrap()))
        .collect();
    let (sent, received) = ("sent", "received");
    let expected = [
        (sent, "INVITE (SDP)"),
        (received, "407 Proxy Authentication Required"),
        (sent, "ACK"),
        (sent, "INVITE (SDP)"),
        (received, "100 Trying"),
        (received, "180 Ringing"),
        (received, "200 OK (SDP)"),
        (sent, "ACK"),
        (received, "BYE"),
        (sent, "200 OK to BYE"),
    ];
    assert_eq!(said, expected);
    assert!(messages.iter().all(|message| message["peer"] == site.peer.to_string()));
    assert!(messages.iter().all(|message| message["local"] == site.sip.to_string()));

    let texts: Vec<&str> = messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
    let answered = texts.iter().find_map(|text| text.split_once("Proxy-Authorization: "));
    let (_, line) = answered.expect("the challenge was answered");
    let line = line.lines().next().unwrap();
    assert!(line.contains("realm=\"carrier.test\"") && line.contains("response=***"), "{line}");

    let kept = server.sql("select encode(bytes, 'escape') from trace_messages order by seq");
    assert!(kept.contains("Proxy-Authorization"));
    let text = api.bytes(&format!("/api/v1/attempts/{attempt}/trace.txt")).await;
    let capture = api.bytes(&format!("/api/v1/attempts/{attempt}/trace.pcap")).await;
    for place in [kept, text_of(&text), text_of(&capture), serve.stderr()] {
        assert!(!digest(&place), "a digest stands in\n{place}");
        assert!(!place.contains(PASSWORD), "{place}");
    }
    assert_eq!(methods(&capture, site.peer.port()), ["INVITE", "ACK", "INVITE", "ACK", "BYE"]);
    let pings = server.sql("select count(*) from trace_messages where start_line like 'OPTIONS%'");
    assert_eq!(pings.trim(), "0", "pings are no part of a call");
}

#[tokio::test]
async fn after_its_time_it_is_gone_and_the_attempt_stays() {
    let mut site = Site::new();
    let server = Server::start(&site);
    let (serve, api, attempt) = called(&mut site, &server).await;
    assert!(!ladder(&api, &attempt).await.is_empty());
    drop(serve);
    // All but the first are 31 days old.
    server.sql("update trace_messages set at = at - interval '31 days' where seq > 0");

    let _serve = site.serve().await;
    let left = until(Duration::from_secs(20), "what is too old is deleted", || async {
        let left = server.sql("select seq from trace_messages");
        (left.lines().count() <= 1).then_some(left)
    })
    .await;
    assert_eq!(left.trim(), "0", "what is young enough stays");
    let path = format!("/api/v1/attempts/{attempt}");
    assert_eq!(api.get(&path).await.good()["reason"], "completed");
    assert_eq!(api.get(&format!("{path}/trace")).await.good()["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn turned_off_nothing_is_kept_and_calls_go_on() {
    let mut site = Site::new();
    let server = Server::start(&site);
    site.environment.push(("HUIFANG_TRACE__KEEP_DAYS".to_owned(), "0".to_owned()));
    let (serve, _, _) = called(&mut site, &server).await;
    // Its end writes what is left to be written.
    drop(serve);
    assert_eq!(server.sql("select count(*) from trace_messages").trim(), "0");
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether 32 hex digits stand together: an MD5.
fn digest(text: &str) -> bool {
    text.as_bytes().windows(32).any(|window| window.iter().all(u8::is_ascii_hexdigit))
}

/// The methods of the requests in a capture, as tshark reads them.
fn methods(capture: &[u8], port: u16) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capture).unwrap();
    let done = Command::new("tshark")
        .arg("-r")
        .arg(file.path())
        .args([
            "-d",
            &format!("udp.port=={port},sip"),
            "-Y",
            "sip.Method",
            "-T",
            "fields",
            "-e",
            "sip.Method",
        ])
        .stderr(Stdio::null())
        .output()
        .expect("tshark is installed (apt: tshark)");
    assert!(done.status.success(), "{}", done.status);
    text_of(&done.stdout).lines().map(str::to_owned).collect()
}
