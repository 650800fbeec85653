//! Plans from a preset: what their readers are told, the dry run as table and calendar, pause and resume, the rehearsal.

mod office;

use office::{Office, Scene};
use ports::{Planning, Store};
use records::{PlanId, Role};
use serde_json::{Value, json};

async fn written(office: &Office, token: &str, more: Value) -> Value {
    let mut asked = json!({"name": "投运回访", "questionnaire": "satisfaction", "audience": "everyone"});
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, plan) = office.ask(token, "POST", "/api/v1/plans", Some(asked)).await;
    assert_eq!(status, 201, "{plan}");
    plan
}

#[tokio::test]
async fn a_plan_begins_with_a_preset_and_says_what_is_missing_of_the_calendar() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let planner = office.token(Role::Planner).await;
    let (_, presets) = office.ask(&planner, "GET", "/api/v1/presets", None).await;
    let of_e =
        presets["items"].as_array().unwrap().iter().find(|preset| preset["id"] == "e-power-on").unwrap();
    assert_eq!(of_e["cites"]["firings[1].within"], "E6.1");

    let plan = written(&office, &planner, json!({"preset": "e-power-on", "priority": 3})).await;
    assert_eq!(plan["schedule"]["preset"], "e-power-on");
    assert_eq!(plan["schedule"]["firings"][1]["offsets"], json!(["1m", "6m", "12m"]));
    assert_eq!(plan["priority"], 3, "what is given goes before the preset");
    // It goes on for a year at least, and no release can know the holidays so far ahead.
    let warning = plan["warnings"][0].as_str().unwrap();
    assert!(warning.contains("public holidays") && warning.contains("calendar.file"), "{warning}");

    for (change, remedy) in [
        (json!({"preset": "x-none"}), "use one of w-signed"),
        (
            json!({"schedule": {"firings": [{"on": {"event": "signed"}, "every": "-1m", "rule": "W8.2"}]}}),
            "such as 6m",
        ),
        (
            json!({"schedule": {"firings": [{"on": {"event": "signed"}, "offsets": ["5"], "rule": "W"}]}}),
            "such as 5wd",
        ),
        (json!({"policy": {"windows": {"spans": ["22:00-02:00"]}}}), "22:00-02:00+1"),
    ] {
        let mut asked = json!({"name": "x", "questionnaire": "satisfaction", "audience": "everyone"});
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, problem) = office.ask(&planner, "POST", "/api/v1/plans", Some(asked)).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(remedy), "{problem}");
    }
}

#[tokio::test]
async fn a_dry_run_is_a_table_and_a_calendar() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let customers = office.store.customers_after(None, 100).await.unwrap().len() as u64;
    let planner = office.token(Role::Planner).await;
    let plan = written(&office, &planner, json!({})).await;
    let path = format!("/plans/{}/dry-run", plan["id"].as_str().unwrap());
    let (status, told) =
        office.ask(&planner, "GET", &format!("/api/v1{path}?days=10&per_hour=1"), None).await;
    assert_eq!(status, 200, "{told}");
    let run = &told["run"];
    assert_eq!(run["days"].as_object().unwrap().len(), 10);
    assert_eq!(run["customers"], customers);
    let placed =
        run["calls"].as_u64().unwrap() + run["beyond"].as_u64().unwrap() + run["opted_out"].as_u64().unwrap();
    assert_eq!(placed, customers);
    let (status, problem) = office.ask(&planner, "GET", &format!("/api/v1{path}?days=1000"), None).await;
    assert_eq!((status, problem["detail"].as_str().unwrap().contains("1 to 366")), (422, true));

    let exempt = {
        let found = office.store.customers_after(None, 100).await.unwrap();
        found.into_iter().find(|customer| customer.row.external_id == "C2").unwrap()
    };
    let signed = |name: &str| json!({"name": name, "on": "2026-01-03"});
    let waiver = json!({"plan": plan["id"], "contents": {"documents_signed_in_person": true,
        "terms_understood": true, "fees_understood": true, "remarks": ""},
        "customer": signed("A"), "salesperson": signed("B"), "sales_manager": signed("C")});
    let at = format!("/api/v1/customers/{}/waivers", exempt.id);
    let (status, told) = office.ask(&planner, "POST", &at, Some(waiver)).await;
    assert_eq!(status, 201, "{told}");
    let (_, told) = office.ask(&planner, "GET", &format!("/api/v1{path}"), None).await;
    assert_eq!(told["run"]["waived"], 1);
    assert!(!told["run"]["rows"].to_string().contains(&exempt.row.name), "{told}");

    let person = office.person(Role::Planner).await;
    let page = office.see(&person, &path).await.text().await.unwrap();
    for shown in ["试算", "按日与小时", "逐条", "首拨", "<dd id=\"waived\">1</dd>"] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn the_form_takes_a_preset_and_a_cadence() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let planner = office.person(Role::Planner).await;
    let page = office.see(&planner, "/plans?preset=h-repair").await.text().await.unwrap();
    assert!(page.contains("09:00-10:30, 14:30-16:00") && page.contains("repaired"), "{page}");
    let fields = "name=Repairs&questionnaire=satisfaction&audience=segment&class=vip+a&branch=SH&product=\
                  &spans=22:00-02:00&by_weekday=sat%3D10:00-12:00;sun%3D&attempts=3&priority=5&preset=h-repair\
                  &roles=user&mode=visit&by=people\
                  &firings=-+%7B%22on%22:%7B%22event%22:%22repaired%22%7D,%22rule%22:%22H%22,%22recurs%22:true%7D";
    let refused = office.submit(&planner, "/plans", fields).await;
    assert_eq!(refused.status(), 422, "over midnight only where it is said");
    let day = fields.replace("22:00-02:00", "9:00-12:00,20:00-02:00%2B1");
    let made = office.submit(&planner, "/plans", &day).await;
    let status = made.status();
    assert_eq!(status, 303, "{}", made.text().await.unwrap());
    let plans = office.store.plans().await.unwrap();
    let plan = plans.iter().find(|plan| plan.content.name == "Repairs").unwrap();
    let schedule = &plan.content.schedule;
    assert_eq!(
        (schedule.firings.len(), schedule.mode.slug(), schedule.roles[0].0.as_str()),
        (1, "visit", "user")
    );
    assert_eq!(plan.content.policy.windows.by_weekday.len(), 2);
    let page = office.see(&planner, &format!("/plans/{}", plan.id)).await.text().await.unwrap();
    assert!(page.contains("repaired") && page.contains("走访") && page.contains("预演"), "{page}");
}

#[tokio::test]
async fn a_plan_is_paused_and_resumed() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let supervisor = office.token(Role::Supervisor).await;
    let plan = office.store.plans().await.unwrap().remove(0).id;
    let path = |what: &str| format!("/api/v1/plans/{plan}/{what}");
    let (status, paused) = office.ask(&supervisor, "POST", &path("pause"), None).await;
    assert_eq!((status, paused["state"].as_str()), (200, Some("paused")));
    assert_eq!(office.ask(&supervisor, "POST", &path("start"), None).await.0, 409);
    let person = office.person(Role::Supervisor).await;
    let page = office.see(&person, "/plans").await.text().await.unwrap();
    assert!(page.contains(&format!("/plans/{plan}/resume")) && page.contains("已暂停"));
    let (_, running) = office.ask(&supervisor, "POST", &path("resume"), None).await;
    assert_eq!(running["state"], "running");
    assert_eq!(office.trail("plan.pause").await.len(), 1);
}

#[tokio::test]
async fn a_rehearsal_rings_its_author_and_outside_the_windows_only_on_his_word() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let planner = office.token(Role::Planner).await;
    // Open for one minute of the week.
    let shut = json!({"policy": {"windows": {"spans": ["00:00-24:00"], "outer": "00:00-24:00", "working_days_only": false,
        "by_weekday": {"mon": [], "tue": [], "wed": [], "thu": [], "fri": [], "sat": [], "sun": ["00:00-00:01"]}},
        "retry": {"attempts": 1, "half_days": 1}}});
    let plan = written(&office, &planner, shut).await;
    let path = format!("/api/v1/plans/{}/rehearse", plan["id"].as_str().unwrap());
    let asked = |outside| json!({"number": "13900139000", "language": "en", "outside_windows": outside});
    let (status, problem) = office.ask(&planner, "POST", &path, Some(asked(false))).await;
    assert_eq!(
        (status, problem["detail"].as_str().unwrap().contains("outside_windows")),
        (409, true),
        "{problem}"
    );
    assert!(office.floor.rehearsed.lock().unwrap().is_empty());
    let (status, placed) = office.ask(&planner, "POST", &path, Some(asked(true))).await;
    assert_eq!(status, 201, "{placed}");
    let rehearsed = office.floor.rehearsed.lock().unwrap().remove(0);
    assert_eq!(rehearsed.plan.id, PlanId(plan["id"].as_str().unwrap().parse().unwrap()));
    assert_eq!((rehearsed.number.e164(), rehearsed.language.as_deref()), ("+8613900139000", Some("en")));
    assert_eq!(office.trail("plan.rehearse").await.len(), 1);
    let (status, problem) = office.ask(&planner, "POST", &path, Some(json!({"number": "nobody"}))).await;
    assert_eq!(status, 422, "{problem}");
}
