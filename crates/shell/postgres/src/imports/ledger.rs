//! The list of imports, their previews and their faults.

use chrono::{DateTime, Utc};
use intake::{Fault, FaultCode};
use ports::{FileRead, Import, ImportCounts, ImportFault, NewImport, Page, PageOf, StoreError};
use records::ImportId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Scope, merge};
use crate::error::Trouble;
use crate::words::{count, json, missing, to_json, word};

const PLACE: &str = "table imports";

pub(crate) async fn begin(connection: &mut PgConnection, import: &NewImport) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into imports (id, file, source, by) values ($1, $2, $3, $4)",
        import.id.0,
        import.file,
        import.source.slug(),
        import.by
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The file was read to its end: its rows are compared with the customers that are there.
pub(crate) async fn read(
    connection: &mut PgConnection,
    id: ImportId,
    read: &FileRead,
) -> Result<Import, Trouble> {
    sqlx::query(crate::transact::LONG).execute(&mut *connection).await?;
    in_state(connection, id, "reading").await?;
    // Plans for a million rows must not be those for none.
    sqlx::query("analyze import_rows").execute(&mut *connection).await?;
    let counts = merge::compare(connection, id, &Scope::of(&read.layout)).await?;
    sqlx::query("analyze import_hits").execute(&mut *connection).await?;
    sqlx::query!(
        "update imports set state = 'read', sha256 = $2, bytes = $3, layout = $4, sample = $5, rows = $6, faulty = $7,
                            created = $8, updated = $9, unchanged = $10, merged = $11
         where id = $1",
        id.0,
        read.sha256,
        read.bytes as i64,
        to_json(&read.layout, PLACE)?,
        to_json(&read.sample, PLACE)?,
        read.rows as i64,
        read.faulty as i64,
        counts.created as i64,
        counts.updated as i64,
        counts.unchanged as i64,
        counts.merged as i64,
    )
    .execute(&mut *connection)
    .await?;
    one(connection, id).await
}

/// Holds the import; Conflict unless it is in this state.
pub(super) async fn in_state(
    connection: &mut PgConnection,
    id: ImportId,
    state: &'static str,
) -> Result<(), Trouble> {
    let kept = sqlx::query_scalar!("select state from imports where id = $1 for update", id.0)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| missing("import", id))?;
    if kept == state {
        return Ok(());
    }
    let why = format!("the import is {kept}, not {state}: bring the file once more if it is still needed");
    Err(StoreError::Conflict(why).into())
}

/// Ends it without its rows.
pub(crate) async fn drop_import(
    connection: &mut PgConnection,
    id: ImportId,
    failed: Option<&str>,
) -> Result<(), Trouble> {
    let state = if failed.is_some() { "failed" } else { "dropped" };
    let ended = sqlx::query!(
        "update imports set state = $2, why = $3, sample = '[]', ended_at = now()
         where id = $1 and state in ('reading', 'read')",
        id.0,
        state,
        failed
    )
    .execute(&mut *connection)
    .await?;
    if ended.rows_affected() == 0 {
        one(connection, id).await?;
    }
    sweep(connection, &[id.0]).await
}

/// Takes away what was put aside.
pub(super) async fn sweep(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), Trouble> {
    sqlx::query!("delete from import_rows where import_id = any($1)", ids).execute(&mut *connection).await?;
    sqlx::query!("delete from import_hits where import_id = any($1)", ids).execute(connection).await?;
    Ok(())
}

/// Drops what nobody said yes to, and the original rows of old faults.
pub(crate) async fn forget(
    connection: &mut PgConnection,
    begun_before: DateTime<Utc>,
    faults_before: DateTime<Utc>,
) -> Result<u64, Trouble> {
    let dropped = sqlx::query_scalar!(
        "update imports set state = 'dropped', sample = '[]', ended_at = now()
         where state in ('reading', 'read') and begun_at < $1 returning id",
        begun_before
    )
    .fetch_all(&mut *connection)
    .await?;
    sweep(connection, &dropped).await?;
    sqlx::query!(
        "update import_faults f set original = '{}', given = '' from imports i
         where i.id = f.import_id and i.begun_at < $1 and f.original <> '{}'",
        faults_before
    )
    .execute(connection)
    .await?;
    Ok(dropped.len() as u64)
}

pub(crate) async fn one(connection: &mut PgConnection, id: ImportId) -> Result<Import, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("import", id))?)
}

pub(crate) async fn page(connection: &mut PgConnection, page: Page) -> Result<PageOf<Import>, Trouble> {
    let limit = page.limit.clamp(1, 500) as usize;
    let mut ids = sqlx::query_scalar!(
        "select id from imports where $1::uuid is null or id < $1 order by id desc limit $2",
        page.before,
        limit as i64 + 1
    )
    .fetch_all(&mut *connection)
    .await?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().copied().filter(|_| more);
    Ok(PageOf { items: by_ids(connection, &ids).await?, next })
}

async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Import>, Trouble> {
    let rows = sqlx::query!(
        "select id, file, sha256, bytes, source, by, state, layout, sample, rows, faulty, created, updated, unchanged,
                merged, why, begun_at, ended_at
         from imports where id = any($1) order by id desc",
        ids
    )
    .fetch_all(connection)
    .await?;
    let read = |row: Vec<_>| -> Result<Vec<Import>, StoreError> { row.into_iter().collect() };
    Ok(read(
        rows.into_iter()
            .map(|row| {
                Ok(Import {
                    id: ImportId(row.id),
                    file: row.file,
                    sha256: row.sha256,
                    bytes: row.bytes.map(count),
                    source: word(&row.source, PLACE)?,
                    by: row.by,
                    state: word(&row.state, PLACE)?,
                    layout: json(row.layout, PLACE)?,
                    sample: json(row.sample, PLACE)?,
                    rows: count(row.rows),
                    faulty: count(row.faulty),
                    counts: ImportCounts {
                        created: count(row.created),
                        updated: count(row.updated),
                        unchanged: count(row.unchanged),
                        merged: count(row.merged),
                    },
                    why: row.why,
                    begun_at: row.begun_at,
                    ended_at: row.ended_at,
                })
            })
            .collect(),
    )?)
}

pub(crate) async fn faults(
    connection: &mut PgConnection,
    id: ImportId,
    after: Option<(u64, u32)>,
    limit: u32,
) -> Result<Vec<ImportFault>, Trouble> {
    let (line, place) = after.map_or((-1, -1), |(line, place)| (line as i64, place as i32));
    let rows = sqlx::query!(
        "select line, place, field, code, given, original from import_faults
         where import_id = $1 and (line, place) > ($2, $3) order by line, place limit $4",
        id.0,
        line,
        place,
        i64::from(limit)
    )
    .fetch_all(connection)
    .await?;
    let fault = |row: (i64, i32, String, String, String, Vec<String>)| {
        let (line, place, column, code, given, original) = row;
        let code = FaultCode::of_slug(&code).ok_or_else(|| StoreError::Corrupt {
            place: "table import_faults",
            why: format!("{code} is no fault"),
        })?;
        let fault = Fault { line: count(line), column, code, given };
        Ok(ImportFault { place: place.unsigned_abs(), fault, original })
    };
    let faults: Result<Vec<_>, StoreError> = rows
        .into_iter()
        .map(|row| fault((row.line, row.place, row.field, row.code, row.given, row.original)))
        .collect();
    Ok(faults?)
}
