//! `/api/v1/customers`

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use intake::{RawRow, Tongue};
use ports::ImportSource;
use records::{CustomerId, NewWaiver, WaiverId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::imports::check_kind;
use crate::act::{self, Broken, Imported};
use crate::auth::Caller;
use crate::extract::{Asked, At, Body as JsonBody, PageAsked};
use crate::front::Front;
use crate::import::read_json;
use crate::problem::Reply;
use crate::sight::shown;

#[derive(Deserialize, ToSchema)]
pub(crate) struct Search {
    /// A part of the name, the external id or a number.
    search: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct ImportAsked {
    /// What happens where rows are broken.
    #[serde(default)]
    broken: Broken,
    /// The file's name, to be shown.
    #[serde(default)]
    file: String,
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
    JsonBody(items): JsonBody<Vec<Value>>,
) -> Reply {
    Ok(Json(act::import(&front, &caller, read_json(items), asked.broken).await?).into_response())
}

/// A file as the body, imported at once.
pub(crate) async fn post_file(
    State(front): State<Front>,
    caller: Caller,
    Asked(asked): Asked<ImportAsked>,
    headers: HeaderMap,
    body: Body,
) -> Reply {
    check_kind(&headers)?;
    let octets = body.into_data_stream();
    let read = act::read_file(&front, &caller, ImportSource::Api, &asked.file, octets).await?;
    let errors = act::errors(&front, &read, Tongue::En).await?;
    match act::carry_out(&front, &caller, read.id, asked.broken).await {
        Ok(done) => Ok(Json(Imported { report: act::report_of(&done), errors }).into_response()),
        Err(problem) => {
            act::drop_import(&front, &caller, read.id).await?;
            Err(problem)
        }
    }
}

/// The record as a whole, as text; the external id stays.
pub(crate) async fn put(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    JsonBody(raw): JsonBody<RawRow>,
) -> Reply {
    shown(&caller, &act::change(&front, &caller, id, raw, Tongue::En).await?)
}

pub(crate) async fn opt_out(State(front): State<Front>, caller: Caller, At(id): At<CustomerId>) -> Reply {
    shown(&caller, &act::opt_out(&front, &caller, id).await?)
}

pub(crate) async fn withdraw_opt_out(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
) -> Reply {
    shown(&caller, &act::withdraw_opt_out(&front, &caller, id).await?)
}

/// Those who may be one, over all customers.
pub(crate) async fn alike(
    State(front): State<Front>,
    caller: Caller,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    shown(&caller, &front.desk.customers.alike(page.page()?).await?)
}

/// Who may be the same customer.
pub(crate) async fn twins(State(front): State<Front>, caller: Caller, At(id): At<CustomerId>) -> Reply {
    shown(&caller, &front.desk.customers.twins(id).await?)
}

/// Which customer becomes part of the one in the path.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeAsked {
    other: CustomerId,
}

pub(crate) async fn merge(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    JsonBody(asked): JsonBody<MergeAsked>,
) -> Reply {
    shown(&caller, &act::merge(&front, &caller, id, asked.other).await?)
}

pub(crate) async fn erase(State(front): State<Front>, caller: Caller, At(id): At<CustomerId>) -> Reply {
    act::erase(&front, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) async fn waivers(State(front): State<Front>, At(id): At<CustomerId>) -> Reply {
    front.desk.store.customer(id).await?;
    Ok(Json(front.desk.customers.waivers(id).await?).into_response())
}

pub(crate) async fn post_waiver(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CustomerId>,
    JsonBody(waiver): JsonBody<NewWaiver>,
) -> Reply {
    let waiver = act::register_waiver(&front, &caller, id, &waiver).await?;
    Ok((StatusCode::CREATED, Json(waiver)).into_response())
}

pub(crate) async fn revoke_waiver(State(front): State<Front>, caller: Caller, At(id): At<WaiverId>) -> Reply {
    act::revoke_waiver(&front, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
