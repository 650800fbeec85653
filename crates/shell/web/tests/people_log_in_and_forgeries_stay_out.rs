//! The console's door: first admin, logins, sessions, forged forms, throttling.

mod office;

use office::{Office, form, form_token};
use ports::Accounts;
use records::Role;
use web::WebSettings;

#[tokio::test]
async fn the_first_admin_is_made_once_and_can_log_in() {
    let office = Office::open().await;
    let first = web::first_admin(&office.store).await.unwrap().expect("there was no account");
    assert!(web::first_admin(&office.store).await.unwrap().is_none());
    let answer = office.log_in(first.login, &first.password).await;
    assert_eq!(answer.status(), 303);
    let (_, hash) = office.store.account_by_login("admin").await.unwrap().unwrap();
    assert!(hash.starts_with("$argon2id$") && !hash.contains(&first.password));
}

#[tokio::test]
async fn a_session_lasts_until_it_is_left_or_the_account_is_closed() {
    let office = Office::open().await;
    let auditor = office.person(Role::Auditor).await;
    assert_eq!(office.see(&auditor, "/overview").await.status(), 200);
    let stored: Vec<u8> =
        sqlx::query_scalar("select secret_hash from sessions").fetch_one(&office.pool).await.unwrap();
    assert!(!auditor.cookie.contains(&hex::encode(&stored)), "the database holds no usable secret");

    assert_eq!(office.submit(&auditor, "/logout", "").await.status(), 303);
    assert_eq!(office.see(&auditor, "/overview").await.status(), 303);

    let agent = office.person(Role::Agent).await;
    assert_eq!(office.see(&agent, "/callbacks").await.status(), 200);
    office.store.set_active(agent.account.id, false).await.unwrap();
    assert_eq!(office.see(&agent, "/callbacks").await.status(), 303);
    assert_eq!(office.log_in(&agent.account.login, &agent.password).await.status(), 401);
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites() {
    let settings = WebSettings { secure_cookies: true, ..WebSettings::default() };
    let office = Office::open_with(settings).await;
    let (account, password) = office.account(Role::Admin).await;
    let answer = office.log_in(&account.login, &password).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let headers = answer.headers();
    assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["x-frame-options"], "DENY");
    assert_eq!(headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_write_by_cookie_must_come_from_our_own_page() {
    let office = Office::open().await;
    let admin = office.person(Role::Admin).await;
    let page = office.see(&admin, "/overview").await.text().await.unwrap();
    let token = form_token(&page);
    let signed = format!("form_token={token}");
    for (site, body, status) in [
        (None, signed.as_str(), 403),
        (Some("cross-site"), signed.as_str(), 403),
        (Some("same-site"), signed.as_str(), 403),
        (Some("same-origin"), "", 403),
        (Some("same-origin"), "form_token=0000", 403),
    ] {
        let mut request = office.request("POST", "/calling/stop").header("cookie", &admin.cookie);
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        assert_eq!(form(request, body).send().await.unwrap().status(), status, "{site:?} {body}");
        assert!(ports::Store::switch(&office.store).await.unwrap().calling, "{site:?} {body}");
    }
    let forged = office.request("POST", "/api/v1/calling/stop").header("cookie", &admin.cookie);
    assert_eq!(forged.header("origin", "http://evil.example").send().await.unwrap().status(), 403);
    assert_eq!(office.submit(&admin, "/calling/stop", "").await.status(), 303);
    assert!(!ports::Store::switch(&office.store).await.unwrap().calling);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_machines_have_no_login() {
    let office = Office::open().await;
    let (machine, password) = office.account(Role::Integration).await;
    assert_eq!(office.log_in(&machine.login, &password).await.status(), 401);
    let (account, password) = office.account(Role::Planner).await;
    for _ in 0..5 {
        assert_eq!(office.log_in(&account.login, "wrong").await.status(), 401);
    }
    let answer = office.log_in(&account.login, &password).await;
    assert_eq!(answer.status(), 429, "even the right password waits");
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 31);
    let (other, password) = office.account(Role::Planner).await;
    assert_eq!(office.log_in(&other.login, &password).await.status(), 303, "others do not");
}

#[tokio::test]
async fn people_change_their_own_password_and_machines_their_tokens_are_shown_once() {
    let office = Office::open().await;
    let admin = office.person(Role::Admin).await;
    let wrong = office.submit(&admin, "/password", "old=wrong&new=correct-horse-battery").await;
    assert_eq!(wrong.status(), 422);
    let short = office.submit(&admin, "/password", &format!("old={}&new=short", admin.password)).await;
    assert_eq!(short.status(), 422);
    let done = office
        .submit(&admin, "/password", &format!("old={}&new=correct-horse-battery", admin.password))
        .await;
    assert_eq!(done.status(), 200);
    assert_eq!(office.log_in(&admin.account.login, "correct-horse-battery").await.status(), 303);

    let made = office.submit(&admin, "/accounts", "login=crm&name=CRM&role=integration&password=").await;
    assert_eq!(made.status(), 303);
    let (crm, _) = office.store.account_by_login("crm").await.unwrap().unwrap();
    let page = office.submit(&admin, &format!("/accounts/{}/tokens", crm.id), "label=nightly").await;
    let page = page.text().await.unwrap();
    let (_, rest) = page.split_once("<code id=\"token\">").expect("the token is shown");
    let token = rest.split('<').next().unwrap();
    assert!(token.starts_with("hf_"));
    let (status, me) = office.ask(token, "GET", "/api/v1/me", None).await;
    assert_eq!((status, me["login"].as_str()), (200, Some("crm")));
    let again = office.see(&admin, "/accounts").await.text().await.unwrap();
    assert!(!again.contains(token));
    office.submit(&admin, &format!("/accounts/{}/tokens/revoke", crm.id), "").await;
    assert_eq!(office.ask(token, "GET", "/api/v1/me", None).await.0, 401);
    office.submit(&admin, &format!("/accounts/{}/active", crm.id), "active=false").await;
    let (crm, _) = office.store.account_by_login("crm").await.unwrap().unwrap();
    assert!(!crm.active);
    let own = office.submit(&admin, &format!("/accounts/{}/active", admin.account.id), "active=false").await;
    assert_eq!(own.status(), 409, "nobody locks themselves out");
}
