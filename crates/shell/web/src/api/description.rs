//! `/api/v1/openapi.json`: this API, described.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;

use crate::openapi;
use crate::problem::{Problem, Reply};

pub(crate) async fn document() -> Reply {
    static WRITTEN: LazyLock<Result<Bytes, String>> = LazyLock::new(|| {
        serde_json::to_vec(&openapi::document()).map(Bytes::from).map_err(|error| error.to_string())
    });
    match &*WRITTEN {
        Ok(bytes) => Ok(([(header::CONTENT_TYPE, "application/json")], bytes.clone()).into_response()),
        Err(why) => Err(Problem::internal(format!("the description cannot be written: {why}"))),
    }
}
