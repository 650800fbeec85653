//! Imports by file and by JSON, through API and console.

mod office;

use office::{Office, form_token};
use records::Role;
use serde_json::{Value, json};

async fn send(office: &Office, token: &str, query: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let request = office.request("POST", &format!("/api/v1/customers/import{query}")).bearer_auth(token);
    let answer = request.header("content-type", "text/csv; charset=utf-8").body(body).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn a_file_is_imported_whole_or_not_at_all_and_twice_changes_nothing() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let good = "\u{feff}external_id,name,number,class,signed_on\r\nC1,王小明,13800138000,vip,2026-03-05\r\n\
                C2,赵敏,010-88886666,,\r\n";
    let broken = format!("{good}C3,孙武,1234,,\r\nC4,李白,13700137000,,soon\r\n");

    let (status, problem) = send(&office, &token, "", broken.clone()).await;
    assert_eq!((status, &problem["type"]), (422, &json!("urn:huifang:problem:invalid")));
    let places: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| (&e["line"], &e["column"])).collect();
    assert_eq!(places, [(&json!(4), &json!("number")), (&json!(5), &json!("signed_on"))]);
    let (_, list) = office.ask(&token, "GET", "/api/v1/customers", None).await;
    assert_eq!(list["items"], json!([]), "nothing half-done");

    let (status, report) = send(&office, &token, "", good).await;
    assert_eq!((status, report), (200, json!({"created": 2, "updated": 0, "unchanged": 0, "errors": []})));
    let (_, report) = send(&office, &token, "", good.replace("赵敏", "赵敏敏")).await;
    assert_eq!(report, json!({"created": 0, "updated": 1, "unchanged": 1, "errors": []}));
    let (status, report) = send(&office, &token, "?broken=skip", broken).await;
    assert_eq!((status, report["errors"].as_array().unwrap().len()), (200, 2));

    let (_, found) = office.ask(&token, "GET", "/api/v1/customers?search=8000", None).await;
    let customer = &found["items"][0];
    assert_eq!((&customer["external_id"], &customer["numbers"]), (&json!("C1"), &json!(["+8613800138000"])));
    assert_eq!(customer["dates"], json!({"signed": "2026-03-05"}));
    assert_eq!(office.trail("customer.import").await.len(), 3);
}

#[tokio::test]
async fn what_is_no_import_is_refused_with_a_remedy() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    for (kind, body, status, remedy) in [
        ("application/json", "[]", 415, "Content-Type: text/csv"),
        ("text/csv", "", 422, "add this column"),
        ("text/csv", "external_id,name,number\n", 422, "no customers below"),
    ] {
        let request = office.request("POST", "/api/v1/customers/import").bearer_auth(&token);
        let answer = request.header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(remedy), "{text}");
    }
    let customers = |rows: Value| Some(rows);
    let row = json!({"external_id": "C1", "name": "A", "numbers": ["13800138000"]});
    let (status, report) = office.ask(&token, "POST", "/api/v1/customers", customers(json!([row]))).await;
    assert_eq!((status, &report["created"]), (200, &json!(1)));
    let (status, problem) =
        office.ask(&token, "POST", "/api/v1/customers", customers(json!([row, row]))).await;
    assert_eq!((status, &problem["errors"][0]["line"]), (422, &json!(2)));
    let (status, _) = office.ask(&token, "POST", "/api/v1/customers", customers(row)).await;
    assert_eq!(status, 422, "an object is no list");
    let token = office.token(Role::Planner).await;
    let (status, problem) =
        office.ask(&token, "POST", "/api/v1/plans", Some(json!({"name": "x".repeat(300_000)}))).await;
    assert_eq!((status, &problem["type"]), (413, &json!("urn:huifang:problem:too_large")));
}

#[tokio::test]
async fn the_console_shows_what_is_wrong_in_an_uploaded_file() {
    let office = Office::open().await;
    let planner = office.person(Role::Planner).await;
    let page = office.see(&planner, "/customers").await.text().await.unwrap();
    let upload = |token: String, csv: &'static str| {
        let part = |head: &str, text: &str| {
            format!("--frontier\r\ncontent-disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let body = part("name=\"form_token\"", &token)
            + &part("name=\"file\"; filename=\"customers.csv\"", csv)
            + "--frontier--\r\n";
        let request = office.request("POST", "/customers/import").header("cookie", &planner.cookie);
        let request = request.header("origin", &office.base);
        request.header("content-type", "multipart/form-data; boundary=frontier").body(body).send()
    };
    let token = form_token(&page);
    let refused = upload(token.clone(), "external_id,name,number\nC1,A,1380013800\n").await.unwrap();
    assert_eq!(refused.status(), 422);
    let shown = refused.text().await.unwrap();
    assert!(shown.contains("check the digits") && shown.contains("row-errors"), "{shown}");

    let done = upload(token, "external_id,name,number\nC1,Anna,13800138000\n").await.unwrap();
    assert_eq!(done.status(), 200);
    let shown = done.text().await.unwrap();
    assert!(shown.contains("导入完成") && shown.contains("+86138****8000"), "{shown}");

    let forged = upload("0".repeat(64), "external_id,name,number\nC2,B,13900139000\n").await.unwrap();
    assert_eq!(forged.status(), 403);
}
