//! `/api/v1/recordings`; audio by byte ranges, and no byte of it without an entry in the trail.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use ports::{Archive, ArchiveError};
use records::{Recording, RecordingId};
use serde_json::json;
use std::sync::Arc;

use crate::act::works_on;
use crate::auth::Caller;
use crate::extract::{Asked, At, PageAsked};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::range::{Part, part};
use crate::sight::shown;

/// Read from the vault at once.
const CHUNK: usize = 256 * 1024;

pub(crate) async fn list(State(front): State<Front>, caller: Caller, Asked(page): Asked<PageAsked>) -> Reply {
    shown(&caller, &front.desk.overview.recordings(page.page()?).await?)
}

pub(crate) async fn audio(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<RecordingId>,
    method: Method,
    headers: HeaderMap,
) -> Reply {
    let recording = front.desk.store.recording(id).await?;
    let attempt = front.desk.store.attempt(recording.attempt).await?;
    if !works_on(&front, &caller, &attempt).await? {
        return Err(Problem::not_allowed(
            "agents hear the recordings of the cases they work on: take its item or step first",
        ));
    }
    let etag = format!("\"{}\"", recording.sha256);
    if names(&headers, &header::IF_NONE_MATCH, &etag) {
        return Ok(describe(StatusCode::NOT_MODIFIED, &etag).into_response());
    }
    let asked = match part(asked_range(&headers, &etag), recording.bytes) {
        Part::Unsatisfiable => return Ok(unsatisfiable(recording.bytes, &etag)),
        Part::Whole => None,
        Part::Bytes { first, last } => Some((first, last)),
    };
    let span = Span::of(asked, recording.bytes);
    if method == Method::HEAD {
        return Ok(head(span, asked.is_some(), recording.bytes, &etag));
    }
    let detail = json!({"first": span.first, "length": span.length, "of": recording.bytes});
    front.must_trail(&caller, "recording.hear", &format!("recording:{id}"), detail).await?;
    let body = body(front.desk.archive.clone(), recording.clone(), span).await?;
    let mut response = head(span, asked.is_some(), recording.bytes, &etag);
    *response.body_mut() = body;
    Ok(response)
}

/// The bytes to be sent.
#[derive(Clone, Copy)]
struct Span {
    first: u64,
    length: u64,
}

impl Span {
    fn of(asked: Option<(u64, u64)>, total: u64) -> Self {
        asked.map_or(Self { first: 0, length: total }, |(first, last)| Self {
            first,
            length: last - first + 1,
        })
    }
}

/// The range, unless `If-Range` names another version than the one there is.
fn asked_range<'a>(headers: &'a HeaderMap, etag: &str) -> Option<&'a str> {
    let same = headers.get(header::IF_RANGE).is_none_or(|value| value.as_bytes() == etag.as_bytes());
    headers.get(header::RANGE).filter(|_| same)?.to_str().ok()
}

fn names(headers: &HeaderMap, name: &header::HeaderName, etag: &str) -> bool {
    let listed = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    listed.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

fn describe(status: StatusCode, etag: &str) -> (StatusCode, [(header::HeaderName, String); 3]) {
    let headers = [
        (header::CONTENT_TYPE, "audio/wav".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, etag.to_owned()),
    ];
    (status, headers)
}

fn unsatisfiable(total: u64, etag: &str) -> Response {
    let problem =
        Problem::unreadable(format!("the range starts behind the end: the recording has {total} bytes"));
    let mut response = problem.into_response();
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    for (name, text) in [(header::CONTENT_RANGE, format!("bytes */{total}")), (header::ETAG, etag.to_owned())]
    {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn head(span: Span, partial: bool, total: u64, etag: &str) -> Response {
    let status = if partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = describe(status, etag).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, span.length.into());
    let range = format!("bytes {}-{}/{total}", span.first, (span.first + span.length).saturating_sub(1));
    if let (true, Ok(value)) = (partial, HeaderValue::from_str(&range)) {
        headers.insert(header::CONTENT_RANGE, value);
    }
    response
}

/// Streams the span; its first piece is read now, so that what is missing is said before the answer begins.
async fn body(archive: Arc<dyn Archive>, recording: Recording, span: Span) -> Result<Body, Problem> {
    if span.length == 0 {
        return Ok(Body::empty());
    }
    let first = piece(&*archive, &recording, span).await?;
    let rest = Span { first: span.first + first.len() as u64, length: span.length - first.len() as u64 };
    let state = (archive, recording, rest, Some(first));
    Ok(Body::from_stream(stream::try_unfold(state, |(archive, recording, rest, ready)| async move {
        if let Some(ready) = ready {
            return Ok(Some((ready, (archive, recording, rest, None))));
        }
        if rest.length == 0 {
            return Ok::<_, ArchiveError>(None);
        }
        let bytes = piece(&*archive, &recording, rest).await?;
        let sent = bytes.len() as u64;
        let rest = Span { first: rest.first + sent, length: rest.length - sent };
        Ok(Some((bytes, (archive, recording, rest, None))))
    })))
}

async fn piece(archive: &dyn Archive, recording: &Recording, span: Span) -> Result<Bytes, ArchiveError> {
    let last = span.first + span.length - 1;
    let excerpt = archive.read(&recording.path, span.first, Some(last), CHUNK).await?;
    let whole = excerpt.total == recording.bytes && excerpt.start == span.first;
    if !whole || excerpt.bytes.is_empty() || excerpt.bytes.len() as u64 > span.length {
        let why = "the file is not as long as when it was sealed: restore it from the backup";
        return Err(ArchiveError::Io(std::io::Error::new(std::io::ErrorKind::InvalidData, why)));
    }
    Ok(excerpt.bytes.into())
}
