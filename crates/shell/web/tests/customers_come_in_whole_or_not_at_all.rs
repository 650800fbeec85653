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

/// Uploads a list through the console's form; where it leads, or the refusal.
async fn upload(
    office: &Office,
    person: &office::Person,
    token: &str,
    name: &str,
    list: &[u8],
) -> reqwest::Response {
    let part =
        |head: &str| format!("--frontier\r\ncontent-disposition: form-data; {head}\r\n\r\n").into_bytes();
    let mut body = part("name=\"form_token\"");
    body.extend(token.as_bytes());
    body.extend(b"\r\n");
    body.extend(part(&format!("name=\"file\"; filename=\"{name}\"")));
    body.extend(list);
    body.extend(b"\r\n--frontier--\r\n");
    let request = office.request("POST", "/customers/imports").header("cookie", &person.cookie);
    let request = request.header("origin", &office.base);
    request.header("content-type", "multipart/form-data; boundary=frontier").body(body).send().await.unwrap()
}

#[tokio::test]
async fn the_console_shows_a_list_before_anything_is_imported() {
    let office = Office::open().await;
    let planner = office.person(Role::Planner).await;
    let page = office.see(&planner, "/customers").await.text().await.unwrap();
    let token = form_token(&page);
    // GBK, as a spreadsheet on a Chinese desk saves it: "编号,姓名,电话,备注 / K1,王小明,13800138000,= / K2,赵敏,110,".
    let list = b"\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb,\xb5\xe7\xbb\xb0,\xb1\xb8\xd7\xa2\r\n\
                 K1,\xcd\xf5\xd0\xa1\xc3\xf7,13800138000,\r\nK2,\xd5\xd4\xc3\xf4,110,=1+1\r\n";
    let sent = upload(&office, &planner, &token, "../\u{8868}.csv", list).await;
    assert_eq!(sent.status(), 303, "{}", sent.text().await.unwrap());
    let preview = sent.headers()["location"].to_str().unwrap().to_owned();
    let shown = office.see(&planner, &preview).await.text().await.unwrap();
    for part in [
        "待确认",
        "gb18030",
        "王小明",
        "+86138****8000",
        "未使用",
        "是紧急号码",
        "errors.csv",
        "carry-out-good",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("13800138000") && !shown.contains("../"), "{shown}");
    let (_, found) =
        office.ask(&office.token(Role::Integration).await, "GET", "/api/v1/customers", None).await;
    assert_eq!(found["items"], json!([]), "nothing before the yes");

    let errors = office.see(&planner, &format!("{preview}/errors.csv")).await;
    assert_eq!(errors.headers()["content-type"], "text/csv; charset=utf-8");
    let errors = errors.text().await.unwrap();
    assert!(errors.contains("3,电话,“110”是紧急号码,请填写客户本人的号码,K2,赵敏,110,'=1+1\r\n"), "{errors}");
    let stranger = office.person(Role::Planner).await;
    let refused = office.see(&stranger, &format!("{preview}/errors.csv")).await;
    assert_eq!(refused.status(), 403, "whole numbers are for who sent them");

    let all = office.submit(&planner, &format!("{preview}/carry-out"), "").await;
    assert_eq!(all.status(), 422, "one row is broken");
    let good = office.submit(&planner, &format!("{preview}/carry-out"), "broken=skip").await;
    assert_eq!(good.status(), 303);
    let done = office.see(&planner, &preview).await.text().await.unwrap();
    assert!(done.contains("已导入") && !done.contains("id=\"sample\""), "{done}");
    let again = office.submit(&planner, &format!("{preview}/carry-out"), "broken=skip").await;
    assert_eq!(again.status(), 409);
    let actions: Vec<_> = office.trail("import.errors").await.into_iter().map(|entry| entry.0).collect();
    assert_eq!(actions, std::slice::from_ref(&planner.account.login));
    assert_eq!(office.trail("import.read").await.len(), 1);
    assert_eq!(office.trail("customer.import").await.len(), 1);

    let forged =
        upload(&office, &planner, &"0".repeat(64), "x.csv", b"external_id,name,number\nC2,B,13900139000\n")
            .await;
    assert_eq!(forged.status(), 403);
    let other =
        upload(&office, &planner, &token, "x.csv", b"external_id,name,number\nC2,B,13900139000\n").await;
    let preview = other.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(office.submit(&planner, &format!("{preview}/drop"), "").await.status(), 303);
    let listed = office.see(&planner, "/customers/imports").await.text().await.unwrap();
    assert!(listed.contains("已放弃") && listed.contains("已导入"), "{listed}");
}

#[tokio::test]
async fn machines_may_look_first_too() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let list = "external_id,name,number,remark\nC1,A,13800138000,\nC2,B,12,\n";
    let request = office.request("POST", "/api/v1/imports?file=list.csv").bearer_auth(&token);
    let answer = request.header("content-type", "text/csv").body(list).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let read: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let figures = ["state", "rows", "faulty", "created"].map(|name| read[name].clone());
    assert_eq!(figures, [json!("read"), json!(2), json!(1), json!(1)]);
    assert_eq!(read["layout"]["columns"][3], json!({"header": "remark", "field": null}));
    assert_eq!(read["errors"][0]["line"], json!(3));
    let id = read["id"].as_str().unwrap();
    let (status, problem) =
        office.ask(&token, "POST", &format!("/api/v1/imports/{id}/carry-out"), None).await;
    assert_eq!((status, &problem["errors"][0]["column"]), (422, &json!("number")));
    let path = format!("/api/v1/imports/{id}/carry-out?broken=skip");
    let (status, done) = office.ask(&token, "POST", &path, None).await;
    assert_eq!((status, &done["state"], &done["created"]), (200, &json!("done"), &json!(1)));
    let (_, listed) = office.ask(&token, "GET", "/api/v1/imports", None).await;
    assert_eq!(listed["items"][0]["id"], json!(id));
    let request =
        office.request("GET", &format!("/api/v1/imports/{id}/errors.csv?lang=en")).bearer_auth(&token);
    let errors = request.send().await.unwrap().text().await.unwrap();
    assert!(
        errors.starts_with("\u{feff}line,column,fault,remedy,external_id,name,number,remark\r\n3,number,"),
        "{errors}"
    );
}
