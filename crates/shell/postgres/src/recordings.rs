//! Sealed recordings.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ports::{NewRecording, StoreError};
use records::{AttemptId, Recording, RecordingId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{json, missing, to_json};

const PLACE: &str = "table recordings";

/// Files a recording; the same hash for the same attempt again changes nothing.
pub(crate) async fn file(connection: &mut PgConnection, fresh: &NewRecording) -> Result<(), Trouble> {
    let of = sqlx::query!(
        r#"with filed as (
               insert into recordings (id, attempt_id, path, bytes, seconds, sha256, cues)
               select $1::uuid, a.id, $3::text, $4::bigint, $5::float8, $6::text, $7::jsonb
               from attempts a where a.id = $2
               on conflict (attempt_id) do nothing
               returning sha256
           )
           select coalesce((select sha256 from filed),
                           (select r.sha256 from recordings r where r.attempt_id = a.id)) as sha256
           from attempts a where a.id = $2"#,
        fresh.id.0,
        fresh.attempt.0,
        fresh.path,
        fresh.bytes as i64,
        fresh.seconds,
        fresh.sha256,
        to_json(&fresh.cues, PLACE)?,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| missing("attempt", fresh.attempt))?;
    match of.sha256 {
        Some(kept) if kept == fresh.sha256 => Ok(()),
        Some(_) => Err(StoreError::Conflict(format!(
            "the attempt {} has another recording already: keep both files and ask the auditor",
            fresh.attempt
        ))
        .into()),
        // Somebody else files one at this moment, which this statement cannot see yet.
        None => Err(StoreError::Unavailable("it is being filed at this moment; try again".to_owned()).into()),
    }
}

pub(crate) async fn one(connection: &mut PgConnection, id: RecordingId) -> Result<Recording, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("recording", id))?)
}

/// The recordings of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Recording>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select r.id, r.attempt_id, r.path, r.bytes, r.seconds, r.sha256, r.cues, r.sealed_at
         from unnest($1::uuid[]) with ordinality as asked (id, place) join recordings r on r.id = asked.id
         order by asked.place",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Recording::try_from).collect::<Result<_, _>>()?)
}

/// The recordings of these attempts.
pub(crate) async fn by_attempts(
    connection: &mut PgConnection,
    attempts: &[Uuid],
) -> Result<HashMap<AttemptId, Recording>, Trouble> {
    let ids = sqlx::query_scalar!("select id from recordings where attempt_id = any($1)", attempts)
        .fetch_all(&mut *connection)
        .await?;
    let found = by_ids(connection, &ids).await?;
    Ok(found.into_iter().map(|recording| (recording.attempt, recording)).collect())
}

/// A recording as the query gives it.
struct Kept {
    id: Uuid,
    attempt_id: Uuid,
    path: String,
    bytes: i64,
    seconds: f64,
    sha256: String,
    cues: serde_json::Value,
    sealed_at: DateTime<Utc>,
}

impl TryFrom<Kept> for Recording {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        Ok(Self {
            id: RecordingId(kept.id),
            attempt: AttemptId(kept.attempt_id),
            path: kept.path,
            bytes: kept.bytes.unsigned_abs(),
            seconds: kept.seconds,
            sha256: kept.sha256,
            cues: json(kept.cues, PLACE)?,
            sealed_at: kept.sealed_at,
        })
    }
}
