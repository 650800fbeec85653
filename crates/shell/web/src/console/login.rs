//! Logging in and out, the language, one's own password.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use records::Role;
use serde::Deserialize;

use super::signed::Signed;
use super::ui::{Ui, go, page as show, page_with};
use crate::act::change_own_password;
use crate::auth::{self, Attempted, Caller, SESSION_COOKIE};
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::Reply;
use crate::text::{LANGUAGE_COOKIE, Lang};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    ui: Ui,
    login: String,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    ui: Ui,
    changed: bool,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    login: String,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    old: String,
    new: String,
}

#[derive(Deserialize)]
pub(crate) struct Empty {}

pub(crate) async fn page(ui: Ui) -> Reply {
    show(&LoginPage { ui, login: String::new(), fault: None })
}

pub(crate) async fn log_in(
    State(front): State<Front>,
    ui: Ui,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    jar: CookieJar,
    form: Result<Form<Credentials>, axum::extract::rejection::FormRejection>,
) -> Reply {
    let Form(given) = form?;
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let (status, fault) = match auth::log_in(&front, &given.login, &given.password, from).await? {
        Attempted::In(secret) => {
            let cookie = cookie(SESSION_COOKIE, secret.text().to_owned(), front.desk.settings.secure_cookies);
            return Ok((jar.add(cookie), Redirect::to("/")).into_response());
        }
        Attempted::Refused => (StatusCode::UNAUTHORIZED, ui.t("login.refused").to_owned()),
        Attempted::Wait(seconds) => {
            let fault = ui.t("login.wait").replace("{seconds}", &seconds.to_string());
            let mut response = page_with(
                StatusCode::TOO_MANY_REQUESTS,
                &LoginPage { ui, login: given.login, fault: Some(fault) },
            )?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    };
    page_with(status, &LoginPage { ui, login: given.login, fault: Some(fault) })
}

fn cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

pub(crate) async fn log_out(
    State(front): State<Front>,
    headers: HeaderMap,
    jar: CookieJar,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    auth::close(&front, &headers).await?;
    Ok((jar.remove(Cookie::build(SESSION_COOKIE).path("/")), Redirect::to("/login")).into_response())
}

/// Agents start at the queue, everybody else at the overview.
pub(crate) async fn home(caller: Caller) -> Reply {
    go(if caller.account.role == Role::Agent { "/callbacks" } else { "/overview" })
}

pub(crate) async fn language(
    State(front): State<Front>,
    At(name): At<String>,
    Asked(Back { back }): Asked<Back>,
    jar: CookieJar,
) -> Reply {
    let back = if own_path(&back) { back.as_str() } else { "/" };
    let Some(lang) = Lang::named(&name) else { return go(back) };
    let name = if lang == Lang::Zh { "zh" } else { "en" };
    let mut cookie = cookie(LANGUAGE_COOKIE, name.to_owned(), front.desk.settings.secure_cookies);
    cookie.make_permanent();
    Ok((jar.add(cookie), Redirect::to(back)).into_response())
}

/// A path of this site, and nothing that a browser takes for another site.
fn own_path(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b))
        && !path.contains("//")
}

pub(crate) async fn password(ui: Ui) -> Reply {
    show(&PasswordPage { ui, changed: false })
}

pub(crate) async fn change_password(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    Signed(form): Signed<NewPassword>,
) -> Reply {
    change_own_password(&front, &caller, &form.old, &form.new).await?;
    show(&PasswordPage { ui, changed: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_switch_never_leads_to_another_site() {
        for (path, own) in [
            ("/plans", true),
            ("/attempts/0190-ab", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/%0d%0aSet-Cookie", false),
            ("", false),
        ] {
            assert_eq!(own_path(path), own, "{path}");
        }
    }
}
