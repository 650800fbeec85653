//! Figures of the console's first page.

use ports::{Count, OutcomeCounts};
use records::PlanId;
use sqlx::PgConnection;

use crate::error::Trouble;
use crate::words::count;

/// Tasks and callbacks by state, attempts by reason.
pub(crate) async fn outcomes(
    connection: &mut PgConnection,
    plan: Option<PlanId>,
) -> Result<OutcomeCounts, Trouble> {
    let rows = sqlx::query!(
        r#"select 'task' as "of!", state as "name!", count(*) as "count!" from tasks
           where $1::uuid is null or plan_id = $1 group by state
           union all
           select 'reason', reason, count(*) from attempts
           where reason is not null and ($1::uuid is null or plan_id = $1) group by reason
           union all
           select 'direction', direction, count(*) from attempts
           where reason is not null and ($1::uuid is null or plan_id = $1) group by direction
           union all
           select 'callback', state, count(*) from callbacks
           where $1::uuid is null or plan_id = $1 group by state
           order by 1, 3 desc, 2"#,
        plan.map(|id| id.0)
    )
    .fetch_all(connection)
    .await?;
    let mut counts = OutcomeCounts::default();
    for row in rows {
        let list = match row.of.as_str() {
            "task" => &mut counts.tasks,
            "reason" => &mut counts.reasons,
            "direction" => &mut counts.directions,
            _ => &mut counts.callbacks,
        };
        list.push(Count { name: row.name, count: count(row.count) });
    }
    Ok(counts)
}

/// Answers by question and value.
pub(crate) async fn answers(
    connection: &mut PgConnection,
    plan: Option<PlanId>,
) -> Result<Vec<(String, Count)>, Trouble> {
    let rows = sqlx::query!(
        r#"select n.question, n.value, count(*) as "count!" from answers n join attempts a on a.id = n.attempt_id
           where $1::uuid is null or a.plan_id = $1
           group by n.question, n.value
           order by n.question, 3 desc, n.value"#,
        plan.map(|id| id.0)
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.question, Count { name: row.value, count: count(row.count) }))
        .collect())
}
