//! Customers: search, and the upload of a file.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use ports::{ImportReport, Page, PageOf};
use records::Customer;
use serde::Deserialize;

use super::signed::check_token;
use super::ui::{Ui, page as show, page_with};
use crate::act::{Broken, import};
use crate::auth::Caller;
use crate::extract::Asked;
use crate::front::Front;
use crate::import::{RowError, read_csv};
use crate::problem::{Problem, Reply};

const ROWS: u32 = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    search: String,
    before: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    ui: Ui,
    part: PageOf<Customer>,
    search: String,
    report: Option<ImportReport>,
    errors: Vec<RowError>,
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(search): Asked<Search>) -> Reply {
    let part = found(&front, &search).await?;
    show(&CustomersPage { ui, part, search: search.search, report: None, errors: Vec::new() })
}

async fn found(front: &Front, search: &Search) -> Result<PageOf<Customer>, Problem> {
    let text = Some(search.search.trim()).filter(|text| !text.is_empty());
    Ok(front.desk.overview.customers(text, Page { before: search.before, limit: ROWS }).await?)
}

pub(crate) async fn import_file(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    form: Result<Multipart, MultipartRejection>,
) -> Reply {
    let form = form.map_err(|rejection| Problem::unreadable(rejection.body_text()))?;
    let bytes = file(&caller, form).await?;
    let (status, report, errors) = match import(&front, &caller, read_csv(&bytes), Broken::Refuse).await {
        Ok(imported) => (StatusCode::OK, Some(imported.report), imported.errors),
        Err(problem) if !problem.errors.is_empty() => (problem.status(), None, problem.errors),
        Err(problem) => return Err(problem),
    };
    let part = found(&front, &Search::default()).await?;
    page_with(status, &CustomersPage { ui, part, search: String::new(), report, errors })
}

/// The file of the form, once its token is found to fit; the token comes first.
async fn file(caller: &Caller, mut form: Multipart) -> Result<Vec<u8>, Problem> {
    let mut signed = false;
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("form_token") => {
                check_token(Some(caller), &field.text().await?)?;
                signed = true;
            }
            Some("file") if signed => return Ok(field.bytes().await?.to_vec()),
            _ => {}
        }
    }
    check_token(Some(caller), "").and(Ok(Vec::new()))
}
