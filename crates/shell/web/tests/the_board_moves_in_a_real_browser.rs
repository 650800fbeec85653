//! Chromium looks at the board while calls go on, and prints a certificate.

mod office;

use fantoccini::wd::PrintConfiguration;
use office::browser::Browser;
use office::{Office, Scene};
use ports::{Closing, ManualCall, NewAttempt, Seen, Store};
use records::{AttemptId, Because, Evidence, NextStep, Number, Reason, Role, TaskState};
use uuid::Uuid;
use web::events::Happening;

/// Waits until an element's text is this, without loading the page again.
async fn becomes(browser: &Browser, css: &str, text: &str) {
    let script = format!(
        "const look = () => {{ const place = document.querySelector({css:?});
           if (place && place.textContent.includes({text:?})) done(place.textContent); else setTimeout(look, 50); }};
         look();"
    );
    browser.when(&script).await;
}

/// A number that is dialled by hand is busy: committed, ended and told as the service does it.
async fn call(office: &Office) {
    let attempt = NewAttempt {
        id: AttemptId(Uuid::now_v7()),
        number: Number::parse("13900139000").unwrap(),
        trunk: "carrier".to_owned(),
        caller: Some("4008001234".to_owned()),
        longest: std::time::Duration::from_secs(900),
        lent: None,
        seen: Seen::default(),
    };
    let call = ManualCall { attempt, rehearsal_of: None };
    office.store.open_manual(&call).await.unwrap().unwrap();
    let closing = Closing {
        reason: Reason::Busy,
        evidence: Evidence::default(),
        answered_at: None,
        next: NextStep::End(TaskState::Withdrawn),
        because: Because::default(),
        callback: None,
        number_dead: false,
    };
    office.store.close_attempt(call.attempt.id, 0, &closing).await.unwrap();
    for happening in Happening::ended(call.attempt.id, &closing) {
        office.events.tell(happening);
    }
}

#[tokio::test]
async fn the_board_follows_the_calls_without_being_loaded_again() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let supervisor = office.person(Role::Supervisor).await;
    let browser = Browser::open("zh-CN", 1280, 900).await;
    browser.log_in(&office, &supervisor).await;
    browser.page.goto(&format!("{}/board", office.base)).await.unwrap();
    assert_eq!(browser.text("h1").await, "看板");
    becomes(&browser, "[data-figure=calls_last_minute]", "1").await;
    browser.when("window.samePage = true; done(true)").await;
    let hidden = browser.when("done(document.querySelector('[data-outcome=busy]').hidden)").await;
    assert_eq!(hidden, true, "nobody was busy");
    call(&office).await;
    becomes(&browser, "#happenings", "拨打结束").await;
    becomes(&browser, "#happenings", "忙").await;
    becomes(&browser, "[data-figure=calls_last_minute]", "2").await;
    becomes(&browser, "[data-figure=answered]", "1 / 2").await;
    becomes(&browser, "[data-outcome=busy] [data-of=count]", "1").await;
    office.store.set_switch(false, "somebody").await.unwrap();
    becomes(&browser, "[data-figure=calling]", "已停止").await;
    assert_eq!(browser.when("done(window.samePage === true)").await, true, "the page was not loaded again");
    assert!(!browser.text("main").await.contains("赵敏"), "no customer is named");
    browser.picture("20-board").await;
    office.events.close();
    becomes(&browser, "#lost:not([hidden])", "").await;
}

#[tokio::test]
async fn a_certificate_is_printed() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let task = office.store.attempt(scene.attempt).await.unwrap().task.unwrap();
    let supervisor = office.person(Role::Supervisor).await;
    let browser = Browser::open("zh-CN", 1280, 900).await;
    browser.log_in(&office, &supervisor).await;
    browser.page.goto(&format!("{}/attempts/{}", office.base, scene.attempt)).await.unwrap();
    browser.click("#certificate").await;
    browser.one("#clauses").await;
    assert!(browser.page.current_url().await.unwrap().path().contains(&task.to_string()));
    let verdict = browser.text("[data-clause=recordings] .verdict").await;
    assert_eq!(verdict, "符合");
    browser.picture("21-certificate").await;
    let pdf = browser.page.print(PrintConfiguration::default()).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000, "{} bytes", pdf.len());
    if let Ok(folder) = std::env::var("SCREENSHOTS") {
        std::fs::write(format!("{folder}/certificate.pdf"), pdf).unwrap();
    }
}
