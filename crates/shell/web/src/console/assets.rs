//! Style sheet, script and icon, from within the binary.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use rust_embed::Embed;

use crate::extract::At;
use crate::problem::{Problem, Reply};

#[derive(Embed)]
#[folder = "assets/"]
struct Assets;

pub(crate) async fn file(At(name): At<String>, headers: HeaderMap) -> Reply {
    let file = Assets::get(&name).ok_or_else(|| Problem::missing(format!("there is no file {name}")))?;
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let described = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, described).into_response());
    }
    Ok((described, file.data).into_response())
}
