//! What is going on at this moment, over every process.

use ports::{Activity, Count, TrunkUse};
use sqlx::PgConnection;

use crate::attempts::uncounted;
use crate::error::Trouble;
use crate::words::count;

pub(super) async fn now(connection: &mut PgConnection) -> Result<Activity, Trouble> {
    let mut activity = Activity::default();
    let open = sqlx::query!(
        r#"select trunk, count(*) as "open!" from attempts where ended_at is null group by trunk order by trunk"#
    )
    .fetch_all(&mut *connection)
    .await?;
    activity.open =
        open.into_iter().map(|row| TrunkUse { trunk: row.trunk, open: count(row.open) }).collect();
    today(connection, &mut activity).await?;
    let queue = sqlx::query!(
        r#"select count(*) as "open!", count(*) filter (where state = 'taken') as "taken!",
                  count(*) filter (where due_at <= now()) as "overdue!", min(created_at) as oldest
           from callbacks where state <> 'done'"#
    )
    .fetch_one(connection)
    .await?;
    activity.queue_open = count(queue.open);
    activity.queue_taken = count(queue.taken);
    activity.queue_overdue = count(queue.overdue);
    activity.queue_oldest = queue.oldest;
    Ok(activity)
}

/// The attempts of today, or of the last hour where the day is younger, by the index on their start.
async fn today(connection: &mut PgConnection, activity: &mut Activity) -> Result<(), Trouble> {
    let rows = sqlx::query!(
        r#"with span as materialized (
               select date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai' as midnight,
                      now() - interval '1 hour' as hour
           )
           select reason,
                  count(*) filter (where started_at >= midnight) as "today!",
                  count(*) filter (where started_at > now() - interval '1 minute') as "minute!",
                  count(*) filter (where started_at > hour and direction = 'outbound' and reason <> all($1))
                      as "calls!",
                  count(answered_at) filter (where started_at > hour and direction = 'outbound'
                                             and reason <> all($1)) as "answered!"
           from attempts, span
           where started_at >= least(midnight, hour)
           group by reason"#,
        &uncounted(),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        activity.last_minute += count(row.minute);
        activity.hour_calls += count(row.calls);
        activity.hour_answered += count(row.answered);
        if let Some(name) = row.reason.filter(|_| row.today > 0) {
            activity.today.push(Count { name, count: count(row.today) });
        }
    }
    activity.today.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
    Ok(())
}
