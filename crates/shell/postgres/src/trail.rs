//! The trail, the switch and the clock.

use chrono::{DateTime, Utc};
use ports::Switch;
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::Trouble;

pub(crate) async fn now(connection: &mut PgConnection) -> Result<DateTime<Utc>, Trouble> {
    Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(connection).await?)
}

pub(crate) async fn switch(connection: &mut PgConnection) -> Result<Switch, Trouble> {
    let switch = sqlx::query_as!(Switch, "select calling, changed_at, changed_by from switch");
    Ok(switch.fetch_one(connection).await?)
}

/// Waits for the attempts that are being opened at this moment; after it none can be opened while it is off.
pub(crate) async fn set_switch(
    connection: &mut PgConnection,
    calling: bool,
    by: &str,
) -> Result<Switch, Trouble> {
    let switch = sqlx::query_as!(
        Switch,
        "update switch set calling = $1, changed_by = $2, changed_at = clock_timestamp()
         returning calling, changed_at, changed_by",
        calling,
        by
    );
    Ok(switch.fetch_one(connection).await?)
}

pub(crate) async fn write(
    connection: &mut PgConnection,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into events (actor, action, subject, detail) values ($1, $2, $3, $4)",
        actor,
        action,
        subject,
        detail
    )
    .execute(connection)
    .await?;
    Ok(())
}
