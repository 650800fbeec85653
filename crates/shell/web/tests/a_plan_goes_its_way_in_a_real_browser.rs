//! Chromium goes a plan's whole way: a list comes in, a plan is made from a preset, foretold, approved by another
//! person, started and paused; where calls reach nobody, a step of its ladder is carried out.
//! With `SCREENSHOTS=folder` it leaves pictures of the pages.

mod office;

use std::time::Duration;

use chrono::{Days, Utc};
use office::browser::Browser;
use office::{Office, Person, publish};
use plan::{Calendar, Horizon, Subject, occasions};
use ports::{Closing, NewAttempt, Planning, Seen, Steps, Store};
use records::{
    AttemptId, Because, Climb, Evidence, MoveRule, NextStep, Plan, PlanState, Reason, Role, StepKind,
    StepOutcome, StepState, TaskState,
};
use uuid::Uuid;

async fn go(browser: &Browser, office: &Office, path: &str) {
    browser.page.goto(&format!("{}{path}", office.base)).await.unwrap();
    browser.one("main h1").await;
}

/// Puts a value into a field as a person would who first empties it.
async fn put(browser: &Browser, field: &str, value: &str) {
    let script = format!("document.querySelector(`{field}`).value = `{value}`; done(true)");
    browser.one(field).await;
    assert_eq!(browser.when(&script).await, true, "{field}");
}

async fn the_only_plan(office: &Office) -> Plan {
    let mut plans = office.store.plans().await.unwrap();
    assert_eq!(plans.len(), 1);
    plans.remove(0)
}

/// A list of two customers whose contracts were signed ten days ago.
async fn a_list_comes_in(browser: &Browser, office: &Office) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("名单.csv");
    let signed = Utc::now().date_naive().checked_sub_days(Days::new(10)).unwrap();
    let list = format!(
        "客户编号,姓名,手机,签约日期\nC1,王小明,13800138000,{signed}\nC2,赵敏,13900139000,{signed}\n"
    );
    std::fs::write(&file, list).unwrap();
    go(browser, office, "/customers").await;
    browser.fill("#file", file.to_str().unwrap()).await;
    browser.click("#import").await;
    browser.one("#sample").await;
    assert!(browser.text("#sample").await.contains("赵敏"), "the preview shows the rows");
    assert!(office.store.customers_after(None, 10).await.unwrap().is_empty(), "nothing is imported yet");
    browser.picture("20-import-preview").await;
    browser.click("#carry-out").await;
    browser.one("#state.done").await;
    assert_eq!(office.store.customers_after(None, 10).await.unwrap().len(), 2);
}

/// From the preset of W7.1, with a letter as the last rung and masked key tones.
async fn a_plan_is_made(browser: &Browser, office: &Office) -> Plan {
    go(browser, office, "/plans").await;
    browser.click("select[name=preset] option[value=w-signed]").await;
    browser.click("form[method=get] button").await;
    browser.one("input[name=preset][value=w-signed]").await;
    browser.fill("input[name=name]", "签约回访").await;
    browser.click("#rules summary").await;
    browser.click("select[name=key_tones] option[value=masked]").await;
    put(browser, "input[name=ladder]", "phone, letter 30d").await;
    put(browser, "input[name=gap]", "90m").await;
    browser.picture("21-plan-form").await;
    browser.click("#create").await;
    browser.one("td a[href^='/plans/']").await;
    let plan = the_only_plan(office).await;
    assert_eq!((plan.content.name.as_str(), plan.state), ("签约回访", PlanState::Draft));
    let policy = &plan.content.policy;
    assert_eq!(plan.content.schedule.preset.as_deref(), Some("w-signed"));
    assert_eq!(policy.ladder.0.len(), 2);
    assert_eq!(policy.retry.gap, Some(Duration::from_secs(5400)));
    assert_eq!(policy.call.key_tones, records::KeyTones::Masked);
    plan
}

async fn it_is_foretold(browser: &Browser, office: &Office, plan: &Plan) {
    go(browser, office, &format!("/plans/{}", plan.id)).await;
    browser.click("#rules summary").await;
    let shown = browser.text("#rules").await;
    assert!(
        shown.contains("phone, letter 30d") && shown.contains("屏蔽") && shown.contains("90m"),
        "{shown}"
    );
    browser.picture("22-plan").await;
    browser.click("a[href$='/dry-run']").await;
    browser.one(".hours").await;
    assert_eq!(browser.text("#calls").await, "2", "both are called in the days to come");
    let called =
        browser.when("done(document.querySelectorAll('.hours td[class^=shade]:not(.shade0)').length)").await;
    assert!(called.as_u64().is_some_and(|hours| hours > 0), "the calendar shows when: {called}");
    browser.picture("23-dry-run").await;
}

/// The author cannot; another person can.
async fn another_person_approves(browser: &Browser, office: &Office, plan: &Plan, supervisor: &Person) {
    let approve = format!("form[action='/plans/{}/approve'] button", plan.id);
    go(browser, office, "/plans").await;
    let own = browser.when(&format!("done(document.querySelectorAll(`{approve}`).length)")).await;
    assert_eq!(own, 0, "nobody approves a plan of their own");
    browser.log_in(office, supervisor).await;
    go(browser, office, "/plans").await;
    browser.click(&approve).await;
    browser.click(&format!("form[action='/plans/{}/start'] button", plan.id)).await;
    browser.one(".tag.running").await;
    assert_eq!(the_only_plan(office).await.approved_by, Some(supervisor.account.id));
}

/// What the service does beside the web: tasks from dates, as in `app/evaluating`.
async fn tasks_are_made(office: &Office) {
    let lease = Duration::from_secs(60);
    let mut round = office.store.take_evaluation("test", lease).await.unwrap().unwrap();
    let customers = office.store.next_customers(&round, 100).await.unwrap();
    let content = round.plan.content.clone();
    let (calendar, horizon) = (Calendar::official(), Horizon::of(&round.plan, round.today, 7));
    let wanted: Vec<_> = customers
        .iter()
        .map(|one| {
            let subject = Subject::from(one);
            (one.id, occasions(&content.schedule, &content.audience, &subject, &calendar, horizon))
        })
        .collect();
    assert_eq!(office.store.keep_tasks(&mut round, &wanted, lease).await.unwrap().made, 2);
    office.store.finish_evaluation(&round).await.unwrap();
}

/// A round of calls reached nobody: the task comes to the letter.
async fn calls_reach_nobody(office: &Office) {
    let claims = office.store.claim_due("test", 10, Duration::from_secs(60)).await.unwrap();
    let claim = claims.iter().find(|claim| claim.customer.row.external_id == "C1").unwrap();
    let attempt = NewAttempt {
        id: AttemptId(Uuid::now_v7()),
        number: claim.customer.row.numbers[0].clone(),
        trunk: "carrier".to_owned(),
        caller: None,
        longest: Duration::from_secs(900),
        lent: None,
        seen: Seen::default(),
    };
    office.store.open_attempt(claim, &attempt).await.unwrap().unwrap();
    let closing = Closing {
        reason: Reason::NoAnswer,
        evidence: Evidence::default(),
        answered_at: None,
        next: NextStep::Climb(Climb { rung: 1, step: StepKind::Letter, at: None }),
        because: Because::of(MoveRule::RoundExhausted),
        callback: None,
        number_dead: false,
    };
    office.store.close_attempt(attempt.id, claim.fence, &closing).await.unwrap();
}

/// Posted, then answered; the task succeeds, and its way is told.
async fn the_letter_is_carried_out(browser: &Browser, office: &Office, plan: &Plan) {
    go(browser, office, &format!("/steps?kind=letter&plan={}", plan.id)).await;
    browser.picture("24-steps").await;
    browser.click("td a[href^='/steps/']").await;
    let step = browser.page.current_url().await.unwrap().path().rsplit('/').next().unwrap().parse().unwrap();
    browser.click("#take").await;
    browser.one("#taken").await;
    assert!(office.store.step(step).await.unwrap().taken_by.is_some());
    put(browser, "input[name=posted_on]", "2026-11-20").await;
    put(browser, "input[name=tracking]", "XA123").await;
    browser.click("#carry").await;
    browser.one(".tag.carried").await;
    let carried = office.store.step(step).await.unwrap();
    assert_eq!(carried.state, StepState::Carried);

    let folder = tempfile::tempdir().unwrap();
    let reply = folder.path().join("reply.txt");
    std::fs::write(&reply, "abc").unwrap();
    browser.fill("input[data-hash]", reply.to_str().unwrap()).await;
    // FIPS 180-2, appendix B.1.
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    browser
        .when(&format!(
            "const field = document.querySelector('input[name=paper_sha256]');
             const look = () => field.value === '{hash}' ? done(true) : requestAnimationFrame(look); look();"
        ))
        .await;
    put(browser, "input[name=replied_on]", "2026-11-22").await;
    browser.click("select[name=outcome] option[value=succeeded]").await;
    browser.fill("textarea[name=note]", "客户回函满意").await;
    browser.picture("25-step").await;
    browser.click("#finish").await;
    browser.one("form[action='/steps']").await;
    let done = office.store.step(step).await.unwrap();
    assert_eq!((done.state, done.outcome), (StepState::Done, Some(StepOutcome::Succeeded)));
    let form = serde_json::to_value(&done.form).unwrap();
    assert_eq!((&form["tracking"], &form["reply"]["sha256"]), (&"XA123".into(), &hash.into()));

    go(browser, office, &format!("/steps/{step}")).await;
    browser.click("#task").await;
    browser.one("#moves").await;
    let way = browser.text("#moves").await;
    for told in ["计划到期，任务产生", "已拨号", "本轮拨打次数已尽", "步骤已执行，待答复", "步骤已完成"]
    {
        assert!(way.contains(told), "{told} is not in: {way}");
    }
    browser.picture("26-task").await;
    assert_eq!(office.store.case(done.task).await.unwrap().task.state, TaskState::Succeeded);
}

#[tokio::test]
async fn a_plan_goes_its_whole_way() {
    let office = Office::open().await;
    publish(&office).await;
    let planner = office.person(Role::Planner).await;
    let supervisor = office.person(Role::Supervisor).await;
    let browser = Browser::open("zh-CN", 1280, 900).await;
    browser.log_in(&office, &planner).await;

    a_list_comes_in(&browser, &office).await;
    let plan = a_plan_is_made(&browser, &office).await;
    it_is_foretold(&browser, &office, &plan).await;
    another_person_approves(&browser, &office, &plan, &supervisor).await;
    tasks_are_made(&office).await;
    calls_reach_nobody(&office).await;

    go(&browser, &office, "/plans").await;
    browser.click(&format!("form[action='/plans/{}/pause'] button", plan.id)).await;
    browser.one(".tag.paused").await;
    assert_eq!(the_only_plan(&office).await.state, PlanState::Paused);

    the_letter_is_carried_out(&browser, &office, &plan).await;
    let described = browser.one("#api").await.attr("href").await.unwrap();
    assert_eq!(described.as_deref(), Some("/api/v1/openapi.json"), "the API's description is a link away");
}
