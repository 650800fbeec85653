//! `/api/v1/imports`: a file is read as far as its preview, then carried out or dropped.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use intake::Tongue;
use ports::{Import, ImportSource};
use records::ImportId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::act::{self, Broken};
use crate::auth::Caller;
use crate::extract::{Asked, At, PageAsked};
use crate::front::Front;
use crate::import::RowError;
use crate::problem::{Problem, Reply};
use crate::sight::sees_numbers;

/// Media types of lists.
pub(crate) const LISTS: [&str; 4] = [
    "text/csv",
    "text/plain",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];

#[derive(Deserialize, ToSchema)]
pub(crate) struct Sent {
    /// The file's name, to be shown.
    #[serde(default)]
    file: String,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct Yes {
    /// What happens where rows are broken.
    #[serde(default)]
    broken: Broken,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct InTongue {
    /// Language of the headings and faults.
    #[serde(default)]
    lang: Tongue,
}

/// An import with its first faults.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportPreview)]
pub(crate) struct Preview {
    #[serde(flatten)]
    import: Import,
    errors: Vec<RowError>,
}

/// Refuses what is no list by its media type.
pub(super) fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if LISTS.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Problem::wrong_media_type(
        "send the file itself as the body, with Content-Type: text/csv, or that of a workbook (.xlsx)",
    ))
}

/// The file as the body.
pub(crate) async fn post(
    State(front): State<Front>,
    caller: Caller,
    Asked(sent): Asked<Sent>,
    headers: HeaderMap,
    body: Body,
) -> Reply {
    check_kind(&headers)?;
    let octets = body.into_data_stream();
    let import = act::read_file(&front, &caller, ImportSource::Api, &sent.file, octets).await?;
    let errors = act::errors(&front, &import, Tongue::En).await?;
    Ok((StatusCode::CREATED, Json(Preview { import, errors })).into_response())
}

pub(crate) async fn list(State(front): State<Front>, Asked(page): Asked<PageAsked>) -> Reply {
    Ok(Json(front.desk.customers.imports(page.page()?).await?).into_response())
}

pub(crate) async fn one(State(front): State<Front>, At(id): At<ImportId>) -> Reply {
    let import = front.desk.customers.import(id).await?;
    let errors = act::errors(&front, &import, Tongue::En).await?;
    Ok(Json(Preview { import, errors }).into_response())
}

pub(crate) async fn carry_out(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<ImportId>,
    Asked(yes): Asked<Yes>,
) -> Reply {
    Ok(Json(act::carry_out(&front, &caller, id, yes.broken).await?).into_response())
}

pub(crate) async fn drop_one(State(front): State<Front>, caller: Caller, At(id): At<ImportId>) -> Reply {
    Ok(Json(act::drop_import(&front, &caller, id).await?).into_response())
}

/// The file of faults: CSV with a mark, in Chinese unless asked otherwise.
pub(crate) async fn errors_file(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<ImportId>,
    Asked(asked): Asked<InTongue>,
) -> Reply {
    faults(&front, &caller, id, asked.lang).await
}

/// Rows as they came hold whole numbers: they are for who sent them, and for those whose work needs numbers.
pub(crate) async fn faults(front: &Front, caller: &Caller, id: ImportId, tongue: Tongue) -> Reply {
    let import = front.desk.customers.import(id).await?;
    if !sees_numbers(caller) && import.by != caller.account.login {
        return Err(Problem::not_allowed(
            "the rows hold whole numbers: ask who sent the file, or a supervisor, for the file of errors",
        ));
    }
    let subject = format!("import:{id}");
    front.must_trail(caller, "import.errors", &subject, serde_json::json!({})).await?;
    let headers: Vec<String> = import.layout.columns.into_iter().map(|column| column.header).collect();
    let first = format!("{}{}", intake::BOM, intake::heading(tongue, &headers));
    let customers = std::sync::Arc::clone(&front.desk.customers);
    let rest = futures::stream::try_unfold(None, move |after| {
        let customers = std::sync::Arc::clone(&customers);
        async move {
            let faults = customers.faults(id, after, 1_000).await?;
            let Some(last) = faults.last() else { return Ok(None) };
            let after = Some((last.fault.line, last.place));
            let lines: String =
                faults.iter().map(|fault| intake::line_of(&fault.fault, tongue, &fault.original)).collect();
            Ok::<_, ports::StoreError>(Some((Bytes::from(lines), after)))
        }
    });
    let first = futures::stream::once(async { Ok::<_, ports::StoreError>(Bytes::from(first)) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest.into_stream()));
    let name = format!("attachment; filename=\"errors-{id}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    let response: Response = (headers, body).into_response();
    Ok(response)
}
