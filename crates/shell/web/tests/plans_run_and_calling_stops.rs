//! Plans from draft to running, the queue, the probes, and the button that stops all calling.

mod office;

use office::{Office, Scene};
use ports::{LinePhase, LiveCall, Store};
use records::{AttemptId, Number, Role};
use serde_json::json;
use uuid::Uuid;
use web::WebSettings;

fn live_call() -> LiveCall {
    LiveCall {
        attempt: AttemptId(Uuid::now_v7()),
        customer_name: Some("赵敏".to_owned()),
        plan_name: Some("十一月满意度回访".to_owned()),
        direction: records::Direction::Outbound,
        number: Number::parse("13900139000").unwrap(),
        trunk: "carrier".to_owned(),
        phase: LinePhase::Talking,
        question: Some("stability".to_owned()),
        started_at: chrono::Utc::now(),
    }
}

#[tokio::test]
async fn a_plan_is_written_by_one_person_and_approved_by_another() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let (author, other) = (office.token(Role::Planner).await, office.token(Role::Supervisor).await);
    let draft = json!({"name": "新合同回访", "questionnaire": "satisfaction", "audience": {"class": "vip"},
        "policy": {"retry": {"attempts": 2}}});
    let (status, plan) = office.ask(&author, "POST", "/api/v1/plans", Some(draft.clone())).await;
    assert_eq!((status, plan["state"].as_str()), (201, Some("draft")));
    let path = |what: &str| format!("/api/v1/plans/{}/{what}", plan["id"].as_str().unwrap());
    assert_eq!(office.ask(&author, "POST", &path("start"), None).await.0, 409, "not approved");
    assert_eq!(office.ask(&author, "POST", &path("approve"), None).await.0, 409, "one's own");
    assert_eq!(office.ask(&other, "POST", &path("approve"), None).await.0, 200);
    let (status, started) = office.ask(&author, "POST", &path("start"), None).await;
    assert_eq!(
        (status, &started["tasks_created"], &started["plan"]["state"]),
        (200, &json!(2), &json!("running"))
    );
    assert_eq!(office.ask(&other, "POST", &path("stop"), None).await.1["state"], "stopped");

    for (change, status, remedy) in [
        (json!({"questionnaire": "nps"}), 422, "use one of satisfaction"),
        (json!({"policy": {"retry": {"attempts": 11}}}), 422, "retry.attempts"),
        (json!({"policy": {"retry": {"slots": 1}}}), 422, "slots"),
        (json!({"questionnaire_version": "0".repeat(64)}), 404, "no such"),
        (json!({"audience": {"external_ids": []}}), 422, "at least one"),
        (json!({"name": " "}), 422, "name:"),
    ] {
        let mut asked = draft.clone();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (got, problem) = office.ask(&author, "POST", "/api/v1/plans", Some(asked)).await;
        assert_eq!(got, status, "{change}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(remedy), "{change}: {problem}");
    }
}

#[tokio::test]
async fn the_console_makes_a_plan_by_its_form() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let planner = office.person(Role::Planner).await;
    let fields = "name=Quarterly&questionnaire=satisfaction&audience=listed&external_ids=C1%0AC2&class=\
                  &spans=9:00-12:00&attempts=3&priority=5";
    assert_eq!(office.submit(&planner, "/plans", fields).await.status(), 303);
    let plan = office
        .store
        .plans()
        .await
        .unwrap()
        .into_iter()
        .find(|plan| plan.content.name == "Quarterly")
        .unwrap();
    assert_eq!(plan.content.audience, records::Audience::ExternalIds(vec!["C1".to_owned(), "C2".to_owned()]));
    assert!(!plan.content.policy.windows.working_days_only);
    let page = office.see(&planner, "/plans").await.text().await.unwrap();
    assert!(
        !page.contains(&format!("/plans/{}/approve", plan.id)),
        "nobody is offered to approve an own plan"
    );
    let refused = office.submit(&planner, "/plans", &fields.replace("9:00-12:00", "noon")).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("write it as 10:00-11:00"));
}

#[tokio::test]
async fn one_button_stops_all_calling_and_one_resumes_it() {
    let office = Office::open().await;
    office.floor.calls.lock().unwrap().extend([live_call(), live_call()]);
    let supervisor = office.token(Role::Supervisor).await;
    let (_, live) = office.ask(&supervisor, "GET", "/api/v1/live", None).await;
    assert_eq!(live["calls"].as_array().unwrap().len(), 2);
    let (status, stopped) = office.ask(&supervisor, "POST", "/api/v1/calling/stop", None).await;
    assert_eq!((status, &stopped["calling"], &stopped["calls_ended"]), (200, &json!(false), &json!(2)));
    assert!(!office.store.switch().await.unwrap().calling);
    assert!(office.floor.calls.lock().unwrap().is_empty());
    let (_, resumed) = office.ask(&supervisor, "POST", "/api/v1/calling/resume", None).await;
    assert_eq!(resumed["calling"], json!(true));
    assert_eq!(office.trail("calling.stop").await[0].2, json!({"calls_ended": 2}));
}

#[tokio::test]
async fn trunks_and_alarms_are_served_and_shown() {
    let office = Office::open().await;
    let planner = office.token(Role::Planner).await;
    let (status, trunks) = office.ask(&planner, "GET", "/api/v1/trunks", None).await;
    assert_eq!(status, 200);
    assert_eq!(trunks["items"][0]["state"], "up");
    assert_eq!(trunks["items"][0]["hour"]["answer_rate"], 0.75);
    assert_eq!(trunks["items"][0]["caller"], "4008001234");
    assert_eq!(trunks["items"][1]["fallback"], true);
    let (_, alarms) = office.ask(&planner, "GET", "/api/v1/alarms", None).await;
    assert_eq!(alarms["items"][0]["name"], "trunk_down");
    let supervisor = office.person(Role::Supervisor).await;
    let page = office.see(&supervisor, "/overview").await.text().await.unwrap();
    for shown in ["中继不可达", "备用", "4008001234", "75.0 %", "2.5 %", "2 / 5", "no answer to OPTIONS"]
    {
        assert!(page.contains(shown), "{shown} is not shown");
    }
}

#[tokio::test]
async fn calls_end_even_when_the_database_does_not_answer() {
    let office = Office::open().await;
    let admin = office.token(Role::Admin).await;
    office.floor.calls.lock().unwrap().push(live_call());
    sqlx::query("alter table switch rename to switch_away").execute(&office.pool).await.unwrap();
    let (status, problem) = office.ask(&admin, "POST", "/api/v1/calling/stop", None).await;
    assert!(status >= 500, "{problem}");
    assert!(problem["detail"].as_str().unwrap().starts_with("1 calls were ended"), "{problem}");
    assert!(office.floor.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn numbers_are_whole_only_for_those_whose_work_needs_them() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let path = format!("/attempts/{}", scene.attempt);
    for (role, whole) in
        [(Role::Admin, true), (Role::Supervisor, true), (Role::Planner, false), (Role::Auditor, false)]
    {
        let person = office.person(role).await;
        for page in [path.as_str(), "/attempts", "/customers"] {
            let page = office.see(&person, page).await.text().await.unwrap();
            assert_eq!(
                (page.contains("+8613800138000"), page.contains("+86138****8000")),
                (whole, !whole),
                "{role}"
            );
        }
        let token = office.token(role).await;
        let (_, api) = office.ask(&token, "GET", "/api/v1/attempts", None).await;
        assert_eq!(api["items"][0]["number"] == "+8613800138000", whole, "{role}");
    }
}

#[tokio::test]
async fn the_probes_say_what_is_missing() {
    let office = Office::open_with(WebSettings { metrics_open: true, ..WebSettings::default() }).await;
    let get = async |path: &str| office.request("GET", path).send().await.unwrap();
    assert_eq!(get("/healthz").await.status(), 200);
    assert_eq!(get("/readyz").await.status(), 200);
    assert!(get("/metrics").await.text().await.unwrap().contains("huifang_lines_busy 0"));
    let proxied =
        office.request("GET", "/metrics").header("x-forwarded-for", "203.0.113.9").send().await.unwrap();
    assert_eq!(proxied.status(), 401, "a proxy on this machine does not make the world local");
    *office.floor.trouble.lock().unwrap() = Some("no trunk is reachable: check [trunk]".to_owned());
    let answer = get("/readyz").await;
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("no trunk is reachable"));
}

#[tokio::test]
async fn lists_are_filtered_and_read_in_parts() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let token = office.token(Role::Auditor).await;
    let ask = async |path: &str| office.ask(&token, "GET", path, None).await;
    let (_, first) = ask("/api/v1/tasks?limit=1").await;
    let (_, second) = ask(&format!("/api/v1/tasks?limit=1&before={}", first["next"].as_str().unwrap())).await;
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["next"], json!(null));
    let (_, answers) = ask(&format!("/api/v1/answers?plan={}", scene.plan.id)).await;
    assert_eq!(answers["items"], json!([{"question": "stability", "value": "poor", "count": 1}]));
    let (_, busy) = ask("/api/v1/attempts?reason=busy").await;
    assert_eq!(busy["items"], json!([]));
    let (_, attempt) = ask(&format!("/api/v1/attempts/{}", scene.attempt)).await;
    assert_eq!(attempt["facts"].as_array().unwrap().len(), 8);
    assert_eq!(attempt["recording"]["sha256"], json!(scene.recording.sha256));
    for (path, status) in [
        ("/api/v1/tasks?limit=501", 400),
        ("/api/v1/attempts?reason=tired", 400),
        ("/api/v1/attempts/42", 400),
        ("/api/v1/nothing", 404),
        ("/api/v1/calling/stop", 405),
    ] {
        let (got, problem) = ask(path).await;
        assert_eq!((got, &problem["status"]), (status, &json!(status)), "{path}");
    }
    let missing = format!("/api/v1/plans/{}", Uuid::now_v7());
    let (status, problem) = ask(&missing).await;
    assert_eq!((status, &problem["type"]), (404, &json!("urn:huifang:problem:missing")));
}
