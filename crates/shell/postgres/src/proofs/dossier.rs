//! Everything on file about one task, as one snapshot shows it.

use std::time::Duration;

use plan::{Dossier, Tried};
use ports::StoreError;
use records::{AttemptId, CustomerId, Recent, TaskId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::attempts::{self, uncounted};
use crate::error::Trouble;
use crate::words::{number, seconds};
use crate::{callbacks, moves, recordings, steps, waivers};

pub(super) async fn read(connection: &mut PgConnection, task: TaskId) -> Result<Dossier, Trouble> {
    sqlx::query!("set transaction isolation level repeatable read read only")
        .execute(&mut *connection)
        .await?;
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(&mut *connection).await?;
    let case = steps::case(connection, task).await?;
    let attempts = tried(connection, task).await?;
    Ok(Dossier {
        now,
        moves: moves::of(connection, task).await?,
        steps: {
            let ids =
                sqlx::query_scalar!("select id from ladder_steps where task_id = $1 order by id", task.0);
            let ids = ids.fetch_all(&mut *connection).await?;
            steps::by_ids(connection, &ids).await?
        },
        callbacks: {
            let ids = sqlx::query_scalar!("select id from callbacks where task_id = $1 order by id", task.0);
            let ids = ids.fetch_all(&mut *connection).await?;
            callbacks::by_ids(connection, &ids).await?
        },
        waivers: waivers::of(connection, case.task.customer).await?,
        recent: recent(connection, case.task.customer, task, case.plan.content.policy.span()).await?,
        attempts,
        task: case.task,
        plan: case.plan,
        customer: case.customer,
    })
}

async fn tried(connection: &mut PgConnection, task: TaskId) -> Result<Vec<Tried>, Trouble> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar!("select id from attempts where task_id = $1 order by started_at, id", task.0)
            .fetch_all(&mut *connection)
            .await?;
    let kept = attempts::by_ids(connection, &ids).await?;
    let mut answers = attempts::answers(connection, &ids).await?;
    let mut sealed = recordings::by_attempts(connection, &ids).await?;
    let tried = kept.into_iter().map(|attempt| {
        let id: AttemptId = attempt.id;
        Tried { answers: answers.remove(&id).unwrap_or_default(), recording: sealed.remove(&id), attempt }
    });
    Ok(tried.collect())
}

/// What the caps count around the attempts of this task.
async fn recent(
    connection: &mut PgConnection,
    customer: CustomerId,
    task: TaskId,
    span: Duration,
) -> Result<Vec<Recent>, Trouble> {
    let rows = sqlx::query!(
        r#"select a.id, a.number, a.started_at, coalesce(a.customer_id = $1, true) as "on_customer!"
           from (select min(started_at) as first, max(started_at) as last from attempts where task_id = $2) own
           join attempts a on a.started_at between own.first - make_interval(secs => $3) and own.last
           where a.direction = 'outbound' and (a.reason is null or a.reason <> all($4))
             and (a.customer_id = $1
                  or a.number = any(array(select n.number from numbers n join contacts k on k.id = n.contact_id
                                          where k.customer_id = $1
                                          union select number from attempts where task_id = $2)))
           order by a.started_at"#,
        customer.0,
        task.0,
        seconds(span),
        &uncounted(),
    )
    .fetch_all(connection)
    .await?;
    let recent = rows.into_iter().map(|row| {
        let number = number(&row.number, "table attempts")?;
        Ok(Recent {
            attempt: AttemptId(row.id),
            number,
            started_at: row.started_at,
            on_customer: row.on_customer,
        })
    });
    Ok(recent.collect::<Result<_, StoreError>>()?)
}
