//! The description at `/api/v1/openapi.json` and the running server tell the same. Every other test's answers are held
//! against it as well, by `Office::ask`.

mod office;

use office::{Office, Scene};
use ports::{LinePhase, LiveCall, Store};
use records::{AttemptId, Number, Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// Something of each kind to ask for, by the part of the path before the id.
async fn ids(office: &Office, scene: &Scene, token: &str) -> Vec<(&'static str, String)> {
    let first = async |path: &str| {
        let (status, list) = office.ask(token, "GET", path, None).await;
        assert_eq!(status, 200, "{list}");
        list["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path}: {list}")).to_owned()
    };
    let step: Uuid = sqlx::query_scalar(
        "insert into ladder_steps (id, task_id, plan_id, customer_id, rung, kind)
         select $1, id, plan_id, customer_id, 1, 'letter' from tasks limit 1 returning id",
    )
    .bind(Uuid::now_v7())
    .fetch_one(&office.pool)
    .await
    .unwrap();
    vec![
        ("customers", first("/api/v1/customers").await),
        ("imports", first("/api/v1/imports").await),
        ("plans", scene.plan.id.to_string()),
        ("tasks", first("/api/v1/tasks").await),
        ("attempts", scene.attempt.to_string()),
        ("recordings", scene.recording.id.to_string()),
        ("steps", step.to_string()),
    ]
}

#[tokio::test]
async fn everything_that_can_be_read_is_answered_as_described() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    office.floor.calls.lock().unwrap().push(LiveCall {
        attempt: AttemptId(Uuid::now_v7()),
        customer_name: None,
        plan_name: Some("x".to_owned()),
        direction: records::Direction::Inbound,
        number: Number::parse("13900139000").unwrap(),
        trunk: "carrier".to_owned(),
        phase: LinePhase::Ringing,
        question: None,
        started_at: chrono::Utc::now(),
    });
    let admin = office.token(Role::Admin).await;
    let list = "编号,姓名,电话\nC7,王,13700137000\nC8,李,12\n";
    let sent = office.request("POST", "/api/v1/imports?file=list.csv").bearer_auth(&admin);
    let sent = sent.header("content-type", "text/csv").body(list).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let twin = records::CustomerRow {
        external_id: "C9".to_owned(),
        name: "王".to_owned(),
        numbers: vec![Number::parse("13800138000").unwrap()],
        ..records::CustomerRow::default()
    };
    office.store.import_customers(&[twin]).await.unwrap();
    let ids = ids(&office, &scene, &admin).await;
    let masked = office.token(Role::Planner).await;
    let paths: Vec<String> = office
        .described()
        .await
        .paths()
        .iter()
        .filter(|(_, item)| {
            item["get"]["responses"]["200"]["content"]["application/json"]["schema"].is_object()
        })
        .map(|(path, _)| path.clone())
        .collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let kind = path.split('/').nth(3).unwrap_or_default();
        let id = ids.iter().find(|(of, _)| *of == kind).map_or("?", |(_, id)| id);
        let address = path.replace("{id}", id);
        let (status, told) = office.ask(&admin, "GET", &address, None).await;
        assert_eq!(status, 200, "{address}: {told}");
        let seen: &[Value] = told["items"].as_array().map_or(&[], Vec::as_slice);
        let may_be_empty = ["/api/v1/trunks", "/api/v1/alarms"].contains(&path.as_str());
        assert!(told["items"].is_null() || may_be_empty || !seen.is_empty(), "{address}: nothing to look at");
        // The same with numbers masked, and what a refusal looks like.
        let (status, _) = office.ask(&masked, "GET", &address, None).await;
        assert!([200, 403].contains(&status), "{address}: {status}");
    }
    for (address, status) in [
        (format!("/api/v1/customers/{}", Uuid::now_v7()), 404),
        ("/api/v1/tasks?limit=0".to_owned(), 400),
        ("/api/v1/tasks?state=none".to_owned(), 400),
    ] {
        assert_eq!(office.ask(&admin, "GET", &address, None).await.0, status, "{address}");
    }
}

#[tokio::test]
async fn parameters_roles_and_credentials_are_told() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let document: Value = {
        let request = office.request("GET", "/api/v1/openapi.json").bearer_auth(&token);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    };
    assert_eq!(document["openapi"], "3.1.0");
    let operation = &document["paths"]["/api/v1/attempts"]["get"];
    assert_eq!(operation["x-roles"], json!(["admin", "planner", "supervisor", "auditor", "integration"]));
    assert_eq!(operation["security"], json!([{"token": []}, {"session": []}]));
    let parameters: Vec<_> =
        operation["parameters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    for name in ["plan", "reason", "since", "before", "limit"] {
        assert!(parameters.contains(&name), "{name}: {parameters:?}");
    }
    let of = |path: &str, method: &str| document["paths"][path][method].clone();
    assert_eq!(of("/api/v1/calling/stop", "post")["x-roles"], json!(["admin", "supervisor"]));
    assert_eq!(of("/healthz", "get")["security"], Value::Null);
    let merge = of("/api/v1/customers/{id}/merge", "post");
    assert_eq!(
        merge["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/MergeAsked"
    );
    for status in ["400", "401", "403", "404", "409", "415", "422", "503"] {
        assert!(merge["responses"][status].is_object(), "{status}");
    }
    let reasons = document["components"]["schemas"]["Reason"]["enum"].as_array().unwrap().len();
    assert_eq!(reasons, records::Reason::ALL.len());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(
                summary.ends_with('.') && summary.contains(' '),
                "{method} {path} is told in a sentence: {summary}"
            );
        }
    }
}
