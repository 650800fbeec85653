//! One customer's page and what is done there: change, waiver, opt-out, merge, erasure. Each by its role, each in the trail.

mod office;

use office::Office;
use ports::Store;
use records::{CustomerRow, Number, Role};
use serde_json::json;

async fn two_customers(office: &Office, token: &str) -> (String, String) {
    let row = |id: &str, number: &str| CustomerRow {
        external_id: id.to_owned(),
        name: "王小明".to_owned(),
        numbers: vec![Number::parse(number).unwrap()],
        ..CustomerRow::default()
    };
    office.store.import_customers(&[row("C1", "13800138000"), row("C2", "13900139000")]).await.unwrap();
    let id = async |search: &str| {
        let (_, found) = office.ask(token, "GET", &format!("/api/v1/customers?search={search}"), None).await;
        found["items"][0]["id"].as_str().unwrap().to_owned()
    };
    (id("C1").await, id("C2").await)
}

#[tokio::test]
async fn people_change_a_record_and_only_those_who_see_numbers_change_them() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let (first, _) = two_customers(&office, &token).await;
    let supervisor = office.person(Role::Supervisor).await;
    let planner = office.person(Role::Planner).await;
    let path = format!("/customers/{first}");
    let page = office.see(&planner, &path).await.text().await.unwrap();
    assert!(page.contains("+86138****8000") && !page.contains("name=\"numbers\""), "{page}");
    let rest = "name=Anna&class=vip&branch=&language=zh&time_zone=&account_manager=&rated_person=&contract_value=12.5&\
                channel=sms&products=policy%20%7C%2015&dates=signed%20%7C%202026-11-02";
    let more = format!(
        "{rest}&numbers=13700137000%0A010-88886666-801&contacts=technician%20%7C%20T%20%7C%20021-62345678"
    );
    assert_eq!(office.submit(&planner, &path, &more).await.status(), 403, "numbers that were not shown");
    assert_eq!(office.submit(&supervisor, &path, rest).await.status(), 403, "or not sent");
    assert_eq!(office.submit(&supervisor, &path, &more).await.status(), 303);
    let (_, kept) = office.ask(&token, "GET", &format!("/api/v1/customers/{first}"), None).await;
    assert_eq!(kept["numbers"], json!(["+8613700137000", "+861088886666"]));
    assert_eq!(kept["extensions"], json!([{"number": "+861088886666", "extension": "801"}]));
    assert_eq!(kept["contacts"][0]["numbers"], json!(["+862162345678"]));
    assert_eq!((&kept["channel"], &kept["contract_fen"]), (&json!("sms"), &json!(1250)));
    assert_eq!(kept["products"], json!([{"name": "policy", "hesitation_days": 15}]));
    assert_eq!((&kept["external_id"], &kept["dates"]), (&json!("C1"), &json!({"signed": "2026-11-02"})));
    assert_eq!(office.submit(&planner, &path, rest).await.status(), 303, "the rest a planner may change");
    let page = office.see(&supervisor, &path).await.text().await.unwrap();
    assert!(page.contains("+861088886666 转 801") && page.contains("技术员"), "{page}");
    let broken = office.submit(&supervisor, &path, &more.replace("2026-11-02", "soon")).await;
    assert_eq!(broken.status(), 422);
    assert!(broken.text().await.unwrap().contains("不是日期"));
    let trail = office.trail("customer.change").await;
    assert_eq!(trail.len(), 2);
    assert!(!trail[0].2.to_string().contains("137001"), "the trail holds no number: {}", trail[0].2);

    let raw = json!({"name": "Bea", "numbers": ["13700137000"], "dates": {"delivered": "2026-11-09"}});
    let (status, kept) = office.ask(&token, "PUT", &format!("/api/v1/customers/{first}"), Some(raw)).await;
    assert_eq!((status, &kept["dates"]), (200, &json!({"delivered": "2026-11-09"})));
}

#[tokio::test]
async fn a_waiver_needs_everything_and_can_be_taken_back() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let (first, _) = two_customers(&office, &token).await;
    let planner = office.person(Role::Planner).await;
    let path = format!("/customers/{first}/waivers");
    let signed = "customer=A&customer_on=2026-01-02&salesperson=B&salesperson_on=2026-01-02&sales_manager=C&\
                  sales_manager_on=2026-01-03&remarks=&plan=";
    assert_eq!(office.submit(&planner, &path, signed).await.status(), 422, "nothing is declared");
    let whole = format!("{signed}&documents=1&terms=1&fees=1");
    assert_eq!(
        office.submit(&planner, &path, &whole.replace("sales_manager=C", "sales_manager=")).await.status(),
        422
    );
    assert_eq!(office.submit(&planner, &path, &whole).await.status(), 303);
    let (_, waivers) = office.ask(&token, "GET", &format!("/api/v1{path}"), None).await;
    assert_eq!(waivers[0]["sales_manager"], json!({"name": "C", "on": "2026-01-03"}));
    let revoke = format!("/customers/waivers/{}/revoke", waivers[0]["id"].as_str().unwrap());
    assert_eq!(office.submit(&planner, &revoke, &format!("customer={first}")).await.status(), 303);
    assert_eq!(office.submit(&planner, &revoke, &format!("customer={first}")).await.status(), 409);
    let page = office.see(&planner, &format!("/customers/{first}")).await.text().await.unwrap();
    assert!(page.contains("已撤销"), "{page}");
    assert_eq!(
        (office.trail("waiver.register").await.len(), office.trail("waiver.revoke").await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn opting_out_merging_and_erasing_are_for_their_roles_and_leave_a_trail() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let (first, second) = two_customers(&office, &token).await;
    let supervisor = office.person(Role::Supervisor).await;
    let planner = office.person(Role::Planner).await;
    let page = office.see(&supervisor, &format!("/customers/{first}")).await.text().await.unwrap();
    assert!(page.contains(&second), "the other of the same name is proposed: {page}");
    // The same name alone is no reason to list two customers.
    let (_, alike) = office.ask(&token, "GET", "/api/v1/customers/alike", None).await;
    assert_eq!(alike["items"], json!([]));

    assert_eq!(office.submit(&planner, &format!("/customers/{second}/opt-out"), "").await.status(), 303);
    let merge = format!("/customers/{first}/merge");
    assert_eq!(office.submit(&planner, &merge, &format!("other={second}")).await.status(), 303);
    let (_, kept) = office.ask(&token, "GET", &format!("/api/v1/customers/{first}"), None).await;
    assert_eq!(kept["numbers"], json!(["+8613800138000", "+8613900139000"]));
    assert_eq!(kept["opt_out"]["source"], json!("agent"), "it holds for the survivor");
    let withdraw = format!("/customers/{first}/withdraw-opt-out");
    assert_eq!(office.submit(&planner, &withdraw, "").await.status(), 403);
    assert_eq!(office.submit(&supervisor, &withdraw, "").await.status(), 303);

    let erase = format!("/customers/{first}/erase");
    assert_eq!(office.submit(&planner, &erase, "").await.status(), 403);
    assert_eq!(office.submit(&supervisor, &erase, "").await.status(), 303);
    assert_eq!(office.submit(&supervisor, &erase, "").await.status(), 409);
    let (_, list) = office.ask(&token, "GET", "/api/v1/customers", None).await;
    assert_eq!(list["items"], json!([]));
    let left: (i64,) = sqlx::query_as(
        "select count(*) from customers c left join contacts k on k.customer_id = c.id
         where c.name like '%王%' or c.external_id like 'C%' or k.id is not null",
    )
    .fetch_one(&office.pool)
    .await
    .unwrap();
    assert_eq!(left.0, 0, "neither name, nor key, nor number is left of either");
    for action in ["customer.opt_out", "customer.merge", "customer.withdraw_opt_out"] {
        assert_eq!(office.trail(action).await.len(), 1, "{action}");
    }
    assert!(!office.trail("customer.erase").await.is_empty());
}

#[tokio::test]
async fn those_who_may_be_one_are_listed_and_merged_from_the_list() {
    let office = Office::open().await;
    let token = office.token(Role::Integration).await;
    let (first, _) = two_customers(&office, &token).await;
    let third = CustomerRow {
        external_id: "C3".to_owned(),
        name: "王晓明".to_owned(),
        numbers: vec![Number::parse("13800138000").unwrap(), Number::parse("13700137000").unwrap()],
        ..CustomerRow::default()
    };
    office.store.import_customers(&[third]).await.unwrap();
    let (_, alike) = office.ask(&token, "GET", "/api/v1/customers/alike", None).await;
    assert_eq!(
        (alike["items"].as_array().unwrap().len(), &alike["items"][0]["external_id"]),
        (1, &json!("C3"))
    );
    let later = alike["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(alike["items"][0]["twins"][0]["id"], json!(first));
    assert_eq!(alike["items"][0]["twins"][0]["number"], json!("+8613800138000"));

    let (planner, auditor) = (office.person(Role::Planner).await, office.person(Role::Auditor).await);
    let page = office.see(&auditor, "/customers/alike").await.text().await.unwrap();
    assert!(page.contains("+86138****8000") && !page.contains("/merge"), "an auditor looks: {page}");
    let page = office.see(&planner, "/customers/alike").await.text().await.unwrap();
    let merge = format!("/customers/{first}/merge");
    assert!(page.contains(&merge), "into the earlier one: {page}");
    assert_eq!(office.submit(&auditor, &merge, &format!("other={later}&back=alike")).await.status(), 403);
    let merged = office.submit(&planner, &merge, &format!("other={later}&back=alike")).await;
    assert_eq!(
        (merged.status().as_u16(), &merged.headers()["location"]),
        (303, &"/customers/alike".parse().unwrap())
    );
    let (_, alike) = office.ask(&token, "GET", "/api/v1/customers/alike", None).await;
    assert_eq!(alike["items"], json!([]));
    let (_, kept) = office.ask(&token, "GET", &format!("/api/v1/customers/{first}"), None).await;
    assert_eq!(kept["numbers"], json!(["+8613800138000", "+8613700137000"]));
}
