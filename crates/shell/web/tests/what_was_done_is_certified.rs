//! The certificate of a task and the figures of a plan, over HTTP: by role, in both languages, with their trail.

mod office;

use office::{Office, Scene};
use records::Role;
use serde_json::Value;

async fn task_of(office: &Office, scene: &Scene) -> String {
    let attempt = ports::Store::attempt(&office.store, scene.attempt).await.unwrap();
    attempt.task.unwrap().to_string()
}

fn clause<'a>(certificate: &'a Value, name: &str) -> &'a Value {
    let clauses = certificate["clauses"].as_array().unwrap();
    clauses.iter().find(|clause| clause["clause"] == name).unwrap_or_else(|| panic!("{name}: {certificate}"))
}

#[tokio::test]
async fn a_certificate_tells_rule_by_rule_what_was_done() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let task = task_of(&office, &scene).await;
    let path = format!("/api/v1/tasks/{task}/certificate");
    let supervisor = office.token(Role::Supervisor).await;
    let (status, certificate) = office.ask(&supervisor, "GET", &path, None).await;
    assert_eq!(status, 200, "{certificate}");
    assert_eq!(certificate["state"], "with_person");
    assert_eq!(certificate["ending"], Value::Null, "still open: as of now");
    assert_eq!(clause(&certificate, "recordings")["verdict"], "kept");
    assert_eq!(clause(&certificate, "attempts")["verdict"], "not_applicable");
    assert_eq!(clause(&certificate, "callbacks")["verdict"], "open");
    assert_eq!(clause(&certificate, "approval")["verdict"], "kept");
    assert_eq!(clause(&certificate, "recordings")["code"], "W2, W6.1");
    let tried = &certificate["attempts"][0];
    assert_eq!((&tried["reason"], &tried["number"]), (&"completed".into(), &"+8613800138000".into()));
    assert_eq!(tried["recording"]["sha256"], scene.recording.sha256);
    assert_eq!(tried["answers"][0]["value"], "poor");
    let approver = certificate["plan"]["approved_by"].as_str().unwrap();
    assert_eq!(certificate["people"][approver], "测试supervisor");

    let auditor = office.token(Role::Auditor).await;
    let (_, masked) = office.ask(&auditor, "GET", &path, None).await;
    assert_eq!(masked["attempts"][0]["number"], "+86138****8000");
    assert!(!masked.to_string().contains("13800138000"));
    let agent = office.token(Role::Agent).await;
    assert_eq!(office.ask(&agent, "GET", &path, None).await.0, 403);
    let gone = format!("/api/v1/tasks/{}/certificate", uuid::Uuid::now_v7());
    assert_eq!(office.ask(&auditor, "GET", &gone, None).await.0, 404);

    let read = office.trail("certificate.read").await;
    assert_eq!(read.len(), 2, "who saw one left a trace; nobody else did");
    assert!(read.iter().all(|(_, subject, _)| *subject == format!("task:{task}")));
}

#[tokio::test]
async fn an_agent_sees_the_certificate_of_the_task_whose_item_is_taken_and_of_no_other() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let task = task_of(&office, &scene).await;
    let (page, json) = (format!("/tasks/{task}/certificate"), format!("/api/v1/tasks/{task}/certificate"));
    let (agent, another) = (office.person(Role::Agent).await, office.person(Role::Agent).await);
    let item: uuid::Uuid =
        sqlx::query_scalar("select id from callbacks").fetch_one(&office.pool).await.unwrap();
    let path = format!("/callbacks/{item}");
    let before = office.see(&agent, &path).await.text().await.unwrap();
    assert!(!before.contains(&page), "no way to what is refused");
    let refused = office.see(&agent, &page).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("请先领取"));

    assert_eq!(office.submit(&agent, &format!("{path}/take"), "").await.status(), 303);
    assert!(office.see(&agent, &path).await.text().await.unwrap().contains(&page), "the item leads to it");
    let seen = office.see(&agent, &page).await;
    assert_eq!(seen.status(), 200);
    let seen = seen.text().await.unwrap();
    assert!(seen.contains("+86138****8000") && !seen.contains("13800138000"));
    assert!(!seen.contains("href=\"/plans/"), "no way to the plan, which agents do not see");
    assert_eq!(office.see(&agent, &json).await.status(), 200);
    assert_eq!(office.see(&another, &page).await.status(), 403);
    assert_eq!(office.see(&another, &json).await.status(), 403);
    assert!(!office.see(&another, &path).await.text().await.unwrap().contains(&page));
    let read = office.trail("certificate.read").await;
    assert_eq!(read.len(), 2, "who saw one left a trace; nobody else did");
    assert!(read.iter().all(|(actor, ..)| *actor == agent.account.login));

    let fields = "outcome=succeeded&note=done";
    assert_eq!(office.submit(&agent, &format!("{path}/finish"), fields).await.status(), 303);
    assert_eq!(office.see(&agent, &page).await.status(), 403, "the case is closed");
}

#[tokio::test]
async fn an_agent_who_has_taken_a_step_sees_what_belongs_to_its_task() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let task = task_of(&office, &scene).await;
    let step: uuid::Uuid = sqlx::query_scalar(
        "insert into ladder_steps (id, task_id, plan_id, customer_id, rung, kind)
         select $1, id, plan_id, customer_id, 1, 'letter' from tasks where id = $2 returning id",
    )
    .bind(uuid::Uuid::now_v7())
    .bind(task.parse::<uuid::Uuid>().unwrap())
    .fetch_one(&office.pool)
    .await
    .unwrap();
    let (agent, another) = (office.person(Role::Agent).await, office.person(Role::Agent).await);
    let (page, path) = (format!("/tasks/{task}/certificate"), format!("/steps/{step}"));
    let attempt = format!("/attempts/{}", scene.attempt);
    for refused in [&page, &attempt] {
        assert_eq!(office.see(&agent, refused).await.status(), 403, "{refused}");
    }
    assert!(!office.see(&agent, &path).await.text().await.unwrap().contains(&page));
    assert_eq!(office.submit(&agent, &format!("{path}/take"), "").await.status(), 303);
    assert!(office.see(&agent, &path).await.text().await.unwrap().contains(&page), "the step leads to it");
    let certificate = office.see(&agent, &page).await.text().await.unwrap();
    assert!(certificate.contains(&attempt), "and it leads to the attempts");
    assert_eq!(office.see(&agent, &attempt).await.status(), 200);
    for refused in [&page, &attempt] {
        assert_eq!(office.see(&another, refused).await.status(), 403, "{refused}");
    }
}

#[tokio::test]
async fn the_page_of_a_certificate_is_there_to_be_printed() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let task = task_of(&office, &scene).await;
    let auditor = office.person(Role::Auditor).await;
    let page = office.see(&auditor, &format!("/tasks/{task}/certificate")).await.text().await.unwrap();
    for part in
        ["回访证明", "W12.3", "录音与封存", "符合", "+86138****8000", &scene.recording.sha256, "still-open"]
    {
        assert!(page.contains(part), "{part}");
    }
    let english = office
        .request("GET", &format!("/tasks/{task}/certificate"))
        .header("cookie", format!("{}; huifang_language=en", auditor.cookie));
    let english = english.send().await.unwrap().text().await.unwrap();
    assert!(english.contains("Rule by rule") && english.contains("Every talk recorded and sealed"));
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing from elsewhere");
    let style = office.request("GET", "/assets/console.css").send().await.unwrap().text().await.unwrap();
    assert!(style.contains("@media print"));
    let attempt = office.see(&auditor, &format!("/attempts/{}", scene.attempt)).await.text().await.unwrap();
    assert!(attempt.contains(&format!("/tasks/{task}/certificate")), "the attempt leads to it");
}

#[tokio::test]
async fn a_plan_tells_how_far_it_is() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let planner = office.token(Role::Planner).await;
    let path = format!("/api/v1/plans/{}/coverage", scene.plan.id);
    let (status, figures) = office.ask(&planner, "GET", &path, None).await;
    assert_eq!(status, 200, "{figures}");
    assert_eq!((&figures["due"], &figures["open"], &figures["made"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(figures["coverage_goal"], 0.9);
    let (_, before) =
        office.ask(&planner, "GET", &format!("{path}?from=2001-01-01&to=2001-12-31"), None).await;
    assert_eq!((&before["due"], &before["to"]), (&0.into(), &"2001-12-31".into()));
    let (status, _) =
        office.ask(&planner, "GET", &format!("{path}?from=2026-02-01&to=2026-01-01"), None).await;
    assert_eq!(status, 400);
    let (_, all) = office.ask(&planner, "GET", "/api/v1/coverage", None).await;
    assert_eq!(all["items"][0]["name"], "十一月满意度回访");
    let supervisor = office.person(Role::Supervisor).await;
    let page = office.see(&supervisor, &format!("/plans/{}", scene.plan.id)).await.text().await.unwrap();
    assert!(page.contains("完成情况") && page.contains("走访与信函占比"));
}
