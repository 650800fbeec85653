//! What the dialer decides by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ports::{Due, Outlook, StoreError};
use records::PlanId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::plans;
use crate::words::word;

/// More items than this are as bad.
const MOST_ITEMS: i64 = 100_000;

pub(crate) async fn outlook(connection: &mut PgConnection, most: u32) -> Result<Outlook, Trouble> {
    let found = sqlx::query_file_as!(Found, "queries/outlook.sql", i64::from(most))
        .fetch_all(&mut *connection)
        .await?;
    let people = sqlx::query!(
        r#"select now() as "now!",
                  (select count(*) from (select from callbacks where state <> 'done' limit $1) c) as "items!",
                  (select count(distinct a.id) from accounts a join sessions s on s.account_id = a.id
                   where a.role = 'agent' and s.expires_at > now()) as "agents!""#,
        MOST_ITEMS
    )
    .fetch_one(&mut *connection)
    .await?;
    let ids: Vec<Uuid> = found.iter().map(|found| found.plan).collect();
    let plans = plans::by_ids(connection, &ids).await?;
    let due = found.into_iter().filter_map(|Found { plan, zone, waiting, oldest }| {
        // A plan that has gone meanwhile has nothing due.
        let plan = Arc::clone(plans.get(&PlanId(plan))?);
        let zone = word(&zone, "table tasks");
        Some(zone.map(|zone| Due { plan, zone, waiting: count(waiting), oldest }))
    });
    let due = due.collect::<Result<_, StoreError>>()?;
    Ok(Outlook { now: people.now, due, items: count(people.items), agents: count(people.agents) })
}

/// Due tasks of one plan and zone.
struct Found {
    plan: Uuid,
    zone: String,
    waiting: i64,
    oldest: DateTime<Utc>,
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
