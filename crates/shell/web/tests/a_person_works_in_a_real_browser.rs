//! Chromium logs in, plays a recording, changes the language, works an item, and stops all calling.
//! With `SCREENSHOTS=folder` it leaves pictures of the pages.

mod office;

use office::browser::Browser;
use office::{Office, Scene};
use ports::{LinePhase, LiveCall, Store};
use records::{AttemptId, CallbackState, Number, Role};
use uuid::Uuid;

#[tokio::test]
async fn a_supervisor_hears_a_recording_and_stops_all_calling() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    office.floor.calls.lock().unwrap().push(LiveCall {
        attempt: AttemptId(Uuid::now_v7()),
        customer_name: Some("赵敏".to_owned()),
        plan_name: Some(scene.plan.content.name.clone()),
        direction: records::Direction::Outbound,
        number: Number::parse("13900139000").unwrap(),
        trunk: "carrier".to_owned(),
        phase: LinePhase::Talking,
        question: Some("stability".to_owned()),
        started_at: chrono::Utc::now(),
    });
    let supervisor = office.person(Role::Supervisor).await;
    let browser = Browser::open("zh-CN", 1280, 900).await;

    browser.page.goto(&office.base).await.unwrap();
    assert_eq!(browser.text("h1").await, "登录");
    browser.picture("1-login").await;
    browser.log_in(&office, &supervisor).await;
    assert_eq!(browser.text("h1").await, "总览");
    browser.picture("2-overview").await;

    browser.page.goto(&format!("{}/attempts/{}", office.base, scene.attempt)).await.unwrap();
    let duration = browser
        .when("const a = document.getElementById('recording'); const told = () => done(a.duration);
               if (a.readyState > 0) told(); else { a.onloadedmetadata = told; a.onerror = () => done('error'); }")
        .await;
    assert!((duration.as_f64().unwrap() - scene.recording.seconds).abs() < 0.05, "{duration}");
    browser.picture("3-attempt").await;
    // The second cue: a seek by range, then sound that moves on and comes to its end.
    browser.click("button[data-seek='2000']").await;
    let at = browser
        .when("const a = document.getElementById('recording');
               const look = () => { if (!a.paused && a.currentTime > 2.5) { a.ontimeupdate = null; done(a.currentTime); } };
               a.ontimeupdate = look; a.onerror = () => done('error'); look();")
        .await;
    assert!(at.as_f64().is_some_and(|at| at > 2.5), "{at}");
    let ended = browser
        .when(
            "const a = document.getElementById('recording'); if (a.ended) done(a.currentTime);
               a.onended = () => done(a.currentTime);",
        )
        .await;
    assert!((ended.as_f64().unwrap() - scene.recording.seconds).abs() < 0.05, "{ended}");
    assert!(!office.trail("recording.hear").await.is_empty());

    browser.click("#language-en").await;
    browser.one("html[lang=en]").await;
    assert!(browser.text("h1").await.starts_with("Attempt"), "the same page in English");
    browser.page.goto(&format!("{}/overview", office.base)).await.unwrap();
    browser.picture("4-overview-en").await;

    browser.click("#stop-all").await;
    browser.page.accept_alert().await.unwrap();
    browser.one("[data-calling=false] #resume").await;
    assert!(!office.store.switch().await.unwrap().calling, "the database says so too");
    assert!(office.floor.calls.lock().unwrap().is_empty());
    browser.picture("5-stopped").await;
    browser.click("#resume").await;
    browser.page.accept_alert().await.unwrap();
    browser.one("[data-calling=true]").await;
    assert!(office.store.switch().await.unwrap().calling);

    office.store.set_switch(false, "somebody else").await.unwrap();
    browser.one("[data-calling=false] #resume").await;
}

#[tokio::test]
async fn an_agent_works_an_item_on_a_phone() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let agent = office.person(Role::Agent).await;
    let browser = Browser::open("en", 390, 844).await;
    browser.log_in(&office, &agent).await;
    assert_eq!(browser.text("h1").await, "Callbacks");
    browser.picture("6-queue-phone").await;
    let wide = browser.when("done(document.documentElement.scrollWidth > window.innerWidth)").await;
    assert_eq!(wide, false, "the page is not wider than the phone");

    browser.click("td a[href^='/callbacks/']").await;
    assert!(browser.text("main").await.contains("+86138****8000"));
    browser.click("#take").await;
    browser.one("#finish").await;
    assert!(browser.text("main").await.contains("+8613800138000"), "who works on it may dial");
    browser.fill("textarea[name=note]", "Apologised; a technician comes tomorrow.").await;
    browser.picture("7-item-phone").await;
    browser.click("#finish").await;
    browser.one(".tabs").await;
    let page = ports::Page { before: None, limit: 10 };
    let done = ports::Overview::callbacks(&office.store, Some(CallbackState::Done), page).await.unwrap();
    assert_eq!(done.items[0].callback.note.as_deref(), Some("Apologised; a technician comes tomorrow."));
}

#[tokio::test]
async fn pages_of_an_admin_are_there_to_be_looked_at() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let admin = office.person(Role::Admin).await;
    let browser = Browser::open("zh-CN", 1280, 900).await;
    browser.log_in(&office, &admin).await;
    for (number, name) in (8..).zip(["plans", "attempts", "callbacks", "customers", "accounts"]) {
        browser.page.goto(&format!("{}/{name}", office.base)).await.unwrap();
        browser.one("main h1").await;
        browser.picture(&format!("{number}-{name}")).await;
        let unnamed = browser
            .when(
                "done([...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
                   .filter((field) => field.labels.length === 0).map((field) => field.outerHTML))",
            )
            .await;
        assert_eq!(unnamed, serde_json::json!([]), "{name}: every field has a label");
    }
}
