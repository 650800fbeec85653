//! Whatever is wrong with what the service is given, it says where and what to do, and leaves nothing half-done.

mod service;

use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use serde_json::json;
use service::{Carrier, Done, Site, questionnaire, quick_plan, until};

/// A refusal takes no longer; starting the private Postgres may come before it.
const SOON: Duration = Duration::from_secs(90);

/// Every part must be in the error.
fn names(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "\"{part}\" is not in: {error}");
    }
}

async fn refusal_of_serve(site: &Site) -> Done {
    site.serve_at_once().done(SOON).await
}

#[tokio::test]
async fn an_unknown_key_of_the_file() {
    let site = Site::new();
    let file = site.path("wrong.toml");
    std::fs::write(&file, site.configuration().replace("self_approval", "self_aproval")).unwrap();
    let file = file.to_str().unwrap();
    for arguments in [&["serve", "--config", file][..], &["migrate", "--config", file], &["check", file]] {
        let done = service::Process::start("wrong", site.folder(), Site::bare(arguments)).done(SOON).await;
        names(done.refused(), &["http.self_aproval", file, "huifang.example.toml"]);
    }
    assert!(!site.data.exists(), "something was made in the data folder");
}

#[tokio::test]
async fn an_unknown_key_of_the_environment() {
    let mut site = Site::new();
    site.environment = vec![("HUIFANG_HTTP__LISSTEN".to_owned(), "127.0.0.1:1".to_owned())];
    let done = refusal_of_serve(&site).await;
    names(done.refused(), &["http.lissten", "environment", "huifang.example.toml"]);
    assert!(!done.refused().contains("huifang.toml"), "the file is blamed: {}", done.stderr);
    assert!(!site.data.exists(), "something was made in the data folder");
}

#[tokio::test]
async fn a_trunk_that_cannot_be_reached() {
    let site = Site::new();
    let serve = site.serve().await;
    let api = site.admin().await;
    let peer = site.peer.to_string();
    let remedy = "check the trunk's peer address";
    until(Duration::from_secs(20), "readiness names the trunk", || async {
        let reply = api.get("/readyz").await;
        let reasons = reply.body["reasons"].to_string();
        (reply.status == 503 && ["trunk.main", &peer, remedy].iter().all(|part| reasons.contains(part)))
            .then_some(())
    })
    .await;

    let quick = site.questionnaires.join("quick.yaml");
    let done = site.huifang(&["call", "13800138000", "--questionnaire", quick.to_str().unwrap()]).await;
    names(done.refused(), &["trunk.main", &peer, remedy]);
    assert_eq!(done.stdout, "", "there is no outcome of a call that was not placed");
    assert_eq!(api.items("attempts").await.len(), 0, "an attempt was opened");
    assert_eq!(site.staged().len(), 0);
    drop(serve);
}

#[tokio::test]
async fn a_wrong_trunk_password() {
    let mut site = Site::new();
    let trunk = "trunk: {realm: carrier.test, username: \"4008001234\", password: right-one}\n";
    let carrier = Carrier::start(&site, trunk, &[("13800138000", service::SATISFIED)]).await;
    site.trunk = "user = \"4008001234\"\npassword = \"wrong-one\"\nrealm = \"carrier.test\"".to_owned();
    let quick = site.questionnaires.join("quick.yaml");
    let done = site.huifang(&["call", "13800138000", "--questionnaire", quick.to_str().unwrap()]).await;
    let said = format!("{}{}", done.stdout, done.stderr);
    names(&said, &["trunk_auth_failed", "user and password"]);
    assert!(!said.contains("wrong-one"), "the password is shown: {said}");
    assert!(!done.status.success(), "a call that the trunk refused is no success: {said}");
    assert_eq!(carrier.calls(), 0, "the customer's phone rang");
}

#[tokio::test]
async fn a_prompt_file_that_is_missing() {
    let site = Site::new();
    std::fs::remove_file(site.questionnaires.join("beep.wav")).unwrap();
    let quick = site.questionnaires.join("quick.yaml");
    let quick = quick.to_str().unwrap();
    let line = questionnaire::quick().lines().position(|line| line.contains("beep.wav")).unwrap() + 1;
    let place = format!("{quick}:{line}:");

    let check = site.bare_done(&["check", quick]).await;
    names(check.refused(), &[&place, "beep.wav", "Put it beside the questionnaire"]);

    let _carrier = Carrier::start(&site, "", &[]).await;
    let call = site.huifang(&["call", "13800138000", "--questionnaire", quick]).await;
    names(call.refused(), &[&place, "beep.wav", "put the file there"]);
}

#[tokio::test]
async fn announcements_and_a_calendar_that_cannot_be_used() {
    let site = Site::new();
    let (clips, days) = (site.path("clips"), site.path("holidays.json"));
    std::fs::create_dir(&clips).unwrap();
    std::fs::write(clips.join("switched_off.wav"), "no sound").unwrap();
    std::fs::write(clips.join("vacant.wav"), "no sound either").unwrap();
    std::fs::write(clips.join("readme.txt"), "not a clip").unwrap();
    std::fs::write(&days, "{\"2027\": 5}").unwrap();
    let file = site.path("checked.toml");
    let configured = |clips: &std::path::Path, days: &std::path::Path| {
        let rest = site.configuration();
        let more = format!(
            "\n[hearing]\nannouncements = \"{}\"\n[calendar]\nfile = \"{}\"\n",
            clips.display(),
            days.display()
        );
        std::fs::write(&file, format!("{rest}{more}")).unwrap();
    };
    let check = async || site.bare_done(&["check", file.to_str().unwrap()]).await;
    configured(&clips, &days);
    let done = check().await;
    names(
        done.refused(),
        &["switched_off.wav", "powered_off-2.wav or so", "vacant.wav", "holidays.json", "calendar.file"],
    );
    assert!(!done.refused().contains("readme.txt"), "{}", done.stderr);
    let nowhere = site.path("nowhere");
    configured(&nowhere, &nowhere);
    names(
        check().await.refused(),
        &["hearing.announcements", "Make the folder", "Name a file that the service may read"],
    );

    std::fs::remove_file(clips.join("switched_off.wav")).unwrap();
    std::fs::copy(site.questionnaires.join("beep.wav"), clips.join("vacant.wav")).unwrap();
    let official = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/core/plan/data/holidays.json");
    configured(&clips, std::path::Path::new(official));
    names(check().await.refused(), &["vacant.wav", "record more of it"]);
    std::fs::remove_file(clips.join("vacant.wav")).unwrap();
    configured(&clips, std::path::Path::new(official));
    let good = check().await;
    assert!(good.status.success(), "{}", good.stderr);
    names(&good.stdout, &["good", "the holidays of", "0 announcements of"]);
    assert!(!site.data.exists(), "something was made in the data folder");
}

#[tokio::test]
async fn a_questionnaire_with_a_dead_end() {
    let site = Site::new();
    let file = site.path("dead-end.yaml");
    let text = questionnaire::quick().replace("flag: dissatisfied}\n  - id", "then: why}\n  - id");
    std::fs::write(&file, &text).unwrap();
    let line = text.lines().position(|line| line.contains("then: why")).unwrap() + 1;
    let file = file.to_str().unwrap();
    let done = site.bare_done(&["check", file]).await;
    names(done.refused(), &[&format!("{file}:{line}:"), "why", "1 of 1 files cannot be used"]);

    let good = site.questionnaires.join("quick.yaml");
    let both = site.bare_done(&["check", good.to_str().unwrap(), file]).await;
    names(both.refused(), &["1 of 2 files cannot be used"]);
    names(&both.stdout, &["quick.yaml: good: 2 questions"]);
}

#[tokio::test]
async fn a_row_with_a_broken_number_and_a_caller_of_the_wrong_role() {
    let site = Site::new();
    let _serve = site.serve().await;
    let planner = site.account("planner").await;
    let csv = "external_id,name,number\nC1,王小明,13800138000\nC2,李雷,1380013\n";
    let refused = planner.import(csv).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    names(refused.body["detail"].as_str().unwrap(), &["nothing was imported", "send the whole file again"]);
    let fault = &refused.body["errors"][0];
    assert_eq!((&fault["line"], &fault["column"]), (&json!(3), &json!("number")));
    names(fault["detail"].as_str().unwrap(), &["1380013", "check the digits"]);
    assert_eq!(planner.items("customers").await.len(), 0, "the good row was imported");

    let agent = site.account("agent").await;
    let plan = quick_plan(&json!({}));
    let forbidden = agent.post("/api/v1/plans", &plan).await;
    assert_eq!(forbidden.status, 403, "{forbidden:?}");
    names(forbidden.body["detail"].as_str().unwrap(), &["agent", "planner"]);
    assert_eq!(planner.items("plans").await.len(), 0);

    let twice = site.huifang(&["account", "add", "agent", "--role", "admin"]).await;
    names(twice.refused(), &["agent"]);
    let nobody = site.huifang(&["account", "token", "nobody", "--label", "x"]).await;
    names(nobody.refused(), &["no such account", "nobody"]);
}

#[tokio::test]
async fn a_console_port_that_is_taken() {
    let site = Site::new();
    let _taken = TcpListener::bind(site.http).unwrap();
    let done = refusal_of_serve(&site).await;
    names(done.refused(), &["http.listen", &site.http.to_string(), "choose another port"]);
    assert!(!site.data.exists(), "a second service got as far as the data");
}

#[tokio::test]
async fn a_signalling_port_that_is_taken() {
    let site = Site::new();
    let _taken = UdpSocket::bind(site.sip).unwrap();
    let done = refusal_of_serve(&site).await;
    names(done.refused(), &["cannot bind SIP", &site.sip.to_string(), "choose a free port"]);
    assert_eq!(site.postmaster(), None, "the private Postgres was left running");
}

#[tokio::test]
async fn a_postgres_that_cannot_be_reached() {
    let mut site = Site::new();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    site.database_url = Some(format!("postgres://huifang:top-secret@{nobody}/huifang"));
    let begun = Instant::now();
    let done = refusal_of_serve(&site).await;
    names(done.refused(), &["the database is not available", &nobody.to_string(), "[database] url"]);
    assert!(!done.refused().contains("top-secret"), "{}", done.stderr);
    assert!(begun.elapsed() < Duration::from_secs(20), "the refusal took {:?}", begun.elapsed());
    assert!(!site.data.exists(), "something was made in the data folder");
}

#[tokio::test]
async fn a_data_folder_that_is_a_file() {
    let site = Site::new();
    std::fs::write(&site.data, "not a folder").unwrap();
    let done = refusal_of_serve(&site).await;
    names(done.refused(), &[&site.data.display().to_string(), "data.dir"]);
    assert_eq!(std::fs::read_to_string(&site.data).unwrap(), "not a folder");
}

#[tokio::test]
async fn a_questionnaires_folder_that_is_missing() {
    let mut site = Site::new();
    site.questionnaires = site.path("nowhere");
    let serve = site.serve().await;
    let folder = site.questionnaires.display().to_string();
    names(&serve.stderr(), &["questionnaires.dir", &folder]);
    let api = site.admin().await;
    let refused = api.post("/api/v1/plans", &quick_plan(&json!({}))).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    names(refused.body["detail"].as_str().unwrap(), &["there is no \"quick\"", "add its file"]);
}
