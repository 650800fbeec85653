//! `/api/v1/attempts/{id}/trace`, as JSON, text and capture file.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use records::AttemptId;
use serde::Serialize;
use trace::Rung;
use utoipa::ToSchema;

use crate::act::{Shown, ladder};
use crate::auth::Caller;
use crate::extract::At;
use crate::front::Front;
use crate::pcap;
use crate::problem::{Problem, Reply};

/// The signalling of an attempt.
#[derive(Serialize, ToSchema)]
pub(crate) struct Trace {
    attempt: AttemptId,
    /// Whether numbers are masked.
    masked: bool,
    /// Whether messages are missing: more came than are kept.
    cut: bool,
    messages: Vec<TraceMessage>,
}

/// One SIP message, secrets taken out.
#[derive(Serialize, ToSchema)]
pub(crate) struct TraceMessage {
    at: DateTime<Utc>,
    /// Seconds since the first message.
    since: f64,
    /// `sent` or `received`.
    direction: &'static str,
    /// Such as `udp`.
    transport: &'static str,
    #[schema(value_type = String)]
    local: std::net::SocketAddr,
    #[schema(value_type = String)]
    peer: std::net::SocketAddr,
    /// Its first line, shortened.
    label: String,
    /// Sent once more.
    again: bool,
    text: String,
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<AttemptId>) -> Reply {
    let Shown { ladder, masked } = read(&front, &caller, id, "json").await?;
    let messages = ladder.rungs().iter().map(message).collect();
    Ok(Json(Trace { attempt: id, masked, cut: ladder.cut(), messages }).into_response())
}

pub(crate) async fn text(State(front): State<Front>, caller: Caller, At(id): At<AttemptId>) -> Reply {
    let Shown { ladder, masked } = read(&front, &caller, id, "text").await?;
    let numbers = if masked { ", numbers" } else { "" };
    let title =
        format!("Signalling of attempt {id}. Masked: credentials, media keys, pressed digits{numbers}.");
    let text = ladder.to_text(&title, &front.desk.settings.zone);
    Ok((file(id, "txt", "text/plain; charset=utf-8"), text).into_response())
}

pub(crate) async fn capture(State(front): State<Front>, caller: Caller, At(id): At<AttemptId>) -> Reply {
    let shown = read(&front, &caller, id, "pcap").await?;
    let bytes = pcap::capture(&shown.ladder)
        .map_err(|error| Problem::internal(format!("the capture cannot be written: {error}")))?;
    Ok((file(id, "pcap", "application/vnd.tcpdump.pcap"), bytes).into_response())
}

async fn read(front: &Front, caller: &Caller, id: AttemptId, form: &str) -> Result<Shown, Problem> {
    let row = front.desk.overview.attempt_row(id).await?;
    ladder(front, caller, &row, form).await
}

fn message(rung: &Rung) -> TraceMessage {
    let envelope = rung.message.envelope;
    TraceMessage {
        at: envelope.at,
        since: rung.seconds(),
        direction: envelope.direction.slug(),
        transport: envelope.transport.param(),
        local: envelope.local,
        peer: envelope.peer,
        label: rung.label(),
        again: rung.again,
        text: rung.message.text(),
    }
}

fn file(id: AttemptId, ending: &str, kind: &str) -> [(header::HeaderName, String); 2] {
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.{ending}\"")),
    ]
}
