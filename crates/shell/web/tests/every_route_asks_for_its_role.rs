//! Walks the table of routes: nothing is reached without a login, nor with a role that the table does not name.

mod office;

use office::{Office, Person, form};
use records::Role;
use reqwest::Response;
use uuid::Uuid;
use web::{Gate, Route, Side, routes};

/// The pattern with ids that belong to nothing.
fn address(route: &Route) -> String {
    let id = Uuid::now_v7().to_string();
    route.path.replace("{id}", &id).replace("{lang}", "en").replace("{file}", "console.css")
}

async fn without_login(office: &Office, route: &Route) -> Response {
    form(office.request(route.method.as_str(), &address(route)), "").send().await.unwrap()
}

async fn with_cookie(office: &Office, route: &Route, person: &Person) -> u16 {
    let request = office.request(route.method.as_str(), &address(route)).header("cookie", &person.cookie);
    form(request.header("sec-fetch-site", "same-origin"), "").send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn every_route_asks_for_its_role() {
    let office = Office::open().await;
    let mut people = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Integration) {
        people.push(office.person(role).await);
    }
    let machine = office.token(Role::Integration).await;
    let mut open = Vec::new();
    for route in routes() {
        let name = format!("{} {}", route.method, route.path);
        let answer = without_login(&office, &route).await;
        match (route.gate, route.side) {
            (Gate::Open, _) => {
                assert_ne!(answer.status(), 401, "{name}");
                open.push(name);
                continue;
            }
            (_, Side::Api) => {
                assert_eq!(answer.status(), 401, "{name}");
                assert_eq!(answer.headers()["content-type"], "application/problem+json", "{name}");
            }
            (_, Side::Console) => {
                assert_eq!(
                    (answer.status().as_u16(), &answer.headers()["location"]),
                    (303, &"/login".parse().unwrap()),
                    "{name}"
                );
            }
        }
        // Leaving is tried last, by nobody: it would end the sessions of the walk.
        for person in people.iter().filter(|_| route.path != "/logout") {
            let role = person.account.role;
            let status = with_cookie(&office, &route, person).await;
            // Forms without their token are refused with 403 as well, behind the door.
            let form = route.side == Side::Console && route.method == "POST";
            if !route.gate.admits(role) {
                assert_eq!(status, 403, "{name} for {role}");
            } else if !form {
                assert!(![401, 403].contains(&status), "{name} for {role}: {status}");
            }
        }
        let request = office.request(route.method.as_str(), &address(&route)).bearer_auth(&machine);
        let status = form(request, "").send().await.unwrap().status();
        if !route.gate.admits(Role::Integration) {
            assert_eq!(status, 403, "{name} for a machine");
        } else if route.side == Side::Api {
            assert!(![401, 403].contains(&status.as_u16()), "{name} for a machine: {status}");
        }
    }
    let expected = [
        "GET /healthz",
        "GET /readyz",
        "GET /assets/{file}",
        "GET /login",
        "POST /login",
        "GET /language/{lang}",
    ];
    assert_eq!(open, expected, "nothing else is open");
}

#[tokio::test]
async fn roles_do_what_their_work_needs_and_no_more() {
    let may = |role: Role, method: &str, path: &str| {
        let found = routes().into_iter().find(|route| route.method == method && route.path == path);
        found.unwrap_or_else(|| panic!("{method} {path}")).gate.admits(role)
    };
    for (method, path, roles) in [
        ("POST", "/api/v1/calling/stop", vec![Role::Admin, Role::Supervisor]),
        ("POST", "/calling/stop", vec![Role::Admin, Role::Supervisor]),
        ("POST", "/api/v1/customers/import", vec![Role::Admin, Role::Planner, Role::Integration]),
        ("POST", "/api/v1/callbacks/{id}/take", vec![Role::Admin, Role::Agent, Role::Supervisor]),
        ("GET", "/api/v1/recordings", vec![Role::Admin, Role::Supervisor, Role::Auditor, Role::Integration]),
        ("POST", "/api/v1/accounts", vec![Role::Admin]),
        ("POST", "/api/v1/accounts/{id}/tokens", vec![Role::Admin]),
        ("GET", "/metrics", vec![Role::Admin, Role::Integration]),
    ] {
        for role in Role::ALL {
            assert_eq!(may(role, method, path), roles.contains(&role), "{method} {path} for {role}");
        }
    }
}
