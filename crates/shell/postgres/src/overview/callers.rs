//! How calls fare under each shown number.

use std::time::Duration;

use ports::CallerCounts;
use records::Reason;
use sqlx::PgConnection;

use crate::error::Trouble;
use crate::words::{count, seconds};

/// Ended calls begun within the window, by shown number. Faults of our own side say nothing about the number.
pub(crate) async fn counts(
    connection: &mut PgConnection,
    window: Duration,
) -> Result<Vec<CallerCounts>, Trouble> {
    let ours: Vec<String> =
        Reason::ALL.iter().filter(|reason| !reason.counts()).map(|reason| reason.slug().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select caller as "caller!", count(*) as "calls!", count(answered_at) as "answered!",
                  count(*) filter (where reason = 'barred') as "barred!"
           from attempts
           where started_at >= now() - make_interval(secs => $1) and caller is not null
             and reason is not null and reason <> all($2)
           group by caller order by caller"#,
        seconds(window),
        &ours,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| CallerCounts {
            caller: row.caller,
            calls: count(row.calls),
            answered: count(row.answered),
            barred: count(row.barred),
        })
        .collect())
}
