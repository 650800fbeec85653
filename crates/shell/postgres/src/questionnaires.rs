//! Published questionnaires: append-only.

use ports::{NewQuestionnaire, StoreError};
use sqlx::PgConnection;

use crate::error::Trouble;
use crate::words::missing;

pub(crate) async fn publish(connection: &mut PgConnection, fresh: &NewQuestionnaire) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into questionnaires (version, name, source) values ($1, $2, $3) on conflict (version) do nothing",
        fresh.version,
        fresh.name,
        fresh.source
    )
    .execute(&mut *connection)
    .await?;
    let kept = read(connection, &fresh.version).await?;
    if kept == *fresh {
        return Ok(());
    }
    Err(StoreError::Conflict(format!(
        "this text is published as \"{}\" already: publish it under that name, or change the text",
        kept.name
    ))
    .into())
}

pub(crate) async fn read(connection: &mut PgConnection, version: &str) -> Result<NewQuestionnaire, Trouble> {
    let kept = sqlx::query_as!(
        NewQuestionnaire,
        "select name, version, source from questionnaires where version = $1",
        version
    )
    .fetch_optional(connection)
    .await?;
    Ok(kept.ok_or_else(|| missing("questionnaire", version))?)
}
