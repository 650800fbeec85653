//! `/api/v1/customers`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use records::CustomerId;
use serde::Deserialize;
use serde_json::Value;

use crate::act::{Broken, import};
use crate::auth::Caller;
use crate::extract::{Asked, At, Body, PageAsked};
use crate::front::Front;
use crate::import::{read_csv, read_json};
use crate::problem::{Problem, Reply};
use crate::sight::shown;

#[derive(Deserialize)]
pub(crate) struct Search {
    search: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ImportAsked {
    #[serde(default)]
    broken: Broken,
}

pub(crate) async fn list(
    State(front): State<Front>,
    caller: Caller,
    Asked(search): Asked<Search>,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    let search = search.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    shown(&caller, &front.desk.overview.customers(search, page.page()?).await?)
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<CustomerId>) -> Reply {
    shown(&caller, &front.desk.store.customer(id).await?)
}

/// A JSON array.
pub(crate) async fn post(
    State(front): State<Front>,
    caller: Caller,
    Asked(asked): Asked<ImportAsked>,
    Body(items): Body<Vec<Value>>,
) -> Reply {
    Ok(Json(import(&front, &caller, read_json(items), asked.broken).await?).into_response())
}

/// A CSV file as the body.
pub(crate) async fn post_csv(
    State(front): State<Front>,
    caller: Caller,
    Asked(asked): Asked<ImportAsked>,
    headers: HeaderMap,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Reply {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("text/csv") {
        return Err(Problem::wrong_media_type(
            "send the file itself as the body, with Content-Type: text/csv",
        ));
    }
    Ok(Json(import(&front, &caller, read_csv(&bytes?), asked.broken).await?).into_response())
}
