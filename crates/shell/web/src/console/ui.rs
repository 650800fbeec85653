//! What every page knows: language, who looks at it, where.

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use records::{Account, Number};

use crate::auth::Caller;
use crate::front::Front;
use crate::import::RowError;
use crate::problem::{Problem, Reply};
use crate::routes::gate;
use crate::sight::sees_numbers;
use crate::text::Lang;

/// See the file's head.
#[derive(Clone)]
pub(crate) struct Ui {
    pub(crate) lang: Lang,
    pub(crate) account: Option<Account>,
    pub(crate) form_token: String,
    pub(crate) path: String,
    zone: Tz,
    whole_numbers: bool,
}

impl Ui {
    pub(crate) fn of(front: &Front, request: &Request, caller: Option<&Caller>) -> Self {
        Self {
            lang: Lang::of(request.headers()),
            account: caller.map(|caller| caller.account.clone()),
            form_token: caller.map(|caller| caller.form_token().to_owned()).unwrap_or_default(),
            path: request.uri().path().to_owned(),
            zone: front.desk.settings.zone,
            whole_numbers: caller.is_some_and(sees_numbers),
        }
    }

    /// In this language, for nobody.
    #[cfg(test)]
    pub(super) fn plain(lang: Lang) -> Self {
        let (form_token, path) = (String::new(), String::new());
        Self { lang, account: None, form_token, path, zone: Tz::UTC, whole_numbers: false }
    }

    /// The text under a key; the key itself where it is missing, which a test forbids.
    pub(crate) fn t<'a>(&self, key: &'a str) -> &'a str {
        self.lang.text(key).unwrap_or(key)
    }

    /// The label of a slug, such as of `no_answer` under `reason`.
    pub(crate) fn word(&self, kind: &str, slug: &str) -> String {
        self.lang.text(&format!("{kind}.{slug}")).unwrap_or(slug).to_owned()
    }

    /// Whether the account may use a route.
    pub(crate) fn may(&self, method: &str, path: &str) -> bool {
        let gate = gate(method, path);
        self.account.as_ref().is_some_and(|account| gate.is_some_and(|gate| gate.admits(account.role)))
    }

    /// Whether the menu entry is the page shown.
    pub(crate) fn here(&self, path: &str) -> bool {
        self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    pub(crate) fn time(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    #[expect(clippy::ref_option, reason = "templates pass references")]
    pub(crate) fn time_if(&self, at: &Option<DateTime<Utc>>) -> String {
        at.as_ref().map_or_else(|| "—".to_owned(), |at| self.time(at))
    }

    /// Whether whole numbers are shown.
    pub(crate) fn sees_numbers(&self) -> bool {
        self.whole_numbers
    }

    /// Whole for those whose work needs it.
    pub(crate) fn number(&self, number: &Number) -> String {
        if self.whole_numbers { number.e164().to_owned() } else { number.to_string() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ui {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let ui = parts.extensions.get::<Self>().cloned();
        ui.ok_or_else(|| Problem::internal("a page without its guard"))
    }
}

/// A field of a filter; empty where nothing was chosen.
pub(super) fn parsed<T>(name: &str, text: &str) -> Result<Option<T>, Problem>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| Problem::unreadable(format!("{name}: {error}")))
}

/// A rendered page.
pub(super) fn page(template: &impl Template) -> Reply {
    page_with(StatusCode::OK, template)
}

pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Reply {
    Ok((status, Html(template.render()?)).into_response())
}

/// After a write: shows a page of ours.
#[expect(clippy::unnecessary_wraps, reason = "handlers answer a Reply")]
pub(super) fn go(path: &str) -> Reply {
    Ok(Redirect::to(path).into_response())
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    ui: &'a Ui,
    title: String,
    detail: &'a str,
    errors: &'a [RowError],
}

/// A problem as people see it.
pub(crate) fn problem_page(ui: &Ui, problem: &Problem) -> Response {
    let title = ui.word("problem", problem.kind());
    let page = ProblemPage { ui, title, detail: &problem.detail, errors: &problem.errors };
    let mut response = match page.render() {
        Ok(html) => (problem.status(), Html(html)).into_response(),
        Err(_) => problem.status().into_response(),
    };
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(axum::http::header::RETRY_AFTER, seconds.into());
    }
    response
}
