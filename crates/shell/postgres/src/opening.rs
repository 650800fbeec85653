//! Opening an attempt: committed as dialling before its INVITE leaves, or refused with nothing written.

use ports::{ManualCall, NewAttempt, OpenRefusal, StoreError};
use records::{Attempt, Claim, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::seconds;
use crate::{attempts, customers, opt_outs, tasks};

type Opened = Result<Attempt, OpenRefusal>;

/// Opens an attempt of a claimed task.
///
/// Switch and plan are held by a shared lock: when stopping them has returned, no attempt can appear any more.
pub(crate) async fn planned(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
) -> Result<Opened, Trouble> {
    let (task, plan, customer) = (claim.task.id.0, claim.task.plan.0, claim.task.customer.0);
    if !calling(connection).await? || !running(connection, plan).await? {
        return Ok(Err(OpenRefusal::Stopped));
    }
    customers::lock(connection, customer).await?;
    if opt_outs::bar(connection, Some(customer), &attempt.number).await? {
        return Ok(Err(OpenRefusal::OptedOut));
    }
    let held = tasks::locked(connection, task).await?;
    if !held.is_some_and(|now| now.fence == claim.fence && now.task.state == TaskState::Calling) {
        return Ok(Err(OpenRefusal::ClaimLost));
    }
    let opened = insert(connection, attempt, Some((task, plan, customer))).await?;
    if let Ok(opened) = &opened {
        // Nobody may claim the task while somebody may be on the line.
        sqlx::query!(
            "update tasks set lease_until = greatest(lease_until, $2) where id = $1",
            task,
            opened.alive_until
        )
        .execute(connection)
        .await?;
    }
    Ok(opened)
}

/// Opens an attempt of a call by hand.
pub(crate) async fn manual(connection: &mut PgConnection, call: &ManualCall) -> Result<Opened, Trouble> {
    if !calling(connection).await? {
        return Ok(Err(OpenRefusal::Stopped));
    }
    if opt_outs::bar(connection, None, &call.attempt.number).await? {
        return Ok(Err(OpenRefusal::OptedOut));
    }
    insert(connection, &call.attempt, None).await
}

async fn calling(connection: &mut PgConnection) -> Result<bool, Trouble> {
    Ok(sqlx::query_scalar!("select calling from switch for share").fetch_one(connection).await?)
}

async fn running(connection: &mut PgConnection, plan: Uuid) -> Result<bool, Trouble> {
    let state = sqlx::query_scalar!("select state from plans where id = $1 for share", plan)
        .fetch_optional(connection)
        .await?;
    Ok(state.as_deref() == Some("running"))
}

/// The unique indexes decide: whoever inserts second waits for the first and then finds it open.
async fn insert(
    connection: &mut PgConnection,
    attempt: &NewAttempt,
    of: Option<(Uuid, Uuid, Uuid)>,
) -> Result<Opened, Trouble> {
    let inserted = sqlx::query_scalar!(
        "insert into attempts (id, task_id, plan_id, customer_id, number, trunk, caller, started_at, alive_until)
         select $1, $2, $3, $4, $5, $6, $8::text, at, at + make_interval(secs => $7) from clock_timestamp() as at
         on conflict do nothing
         returning id",
        attempt.id.0,
        of.map(|of| of.0),
        of.map(|of| of.1),
        of.map(|of| of.2),
        attempt.number.e164(),
        attempt.trunk,
        seconds(attempt.longest),
        attempt.caller,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if inserted.is_some() {
        return Ok(Ok(attempts::one(connection, attempt.id).await?));
    }
    let open = sqlx::query_scalar!(
        "select alive_until from attempts
         where ended_at is null and id <> $3 and (number = $1 or customer_id = $2)
         order by alive_until desc limit 1",
        attempt.number.e164(),
        of.map(|of| of.2),
        attempt.id.0,
    )
    .fetch_optional(&mut *connection)
    .await?;
    match open {
        Some(until) => Ok(Err(OpenRefusal::AlreadyOpen { until })),
        None => Err(collided(connection, attempt).await?),
    }
}

/// Why nothing was inserted though nobody else's attempt is open.
async fn collided(connection: &mut PgConnection, attempt: &NewAttempt) -> Result<Trouble, Trouble> {
    let used = sqlx::query_scalar!("select id from attempts where id = $1", attempt.id.0)
        .fetch_optional(connection)
        .await?;
    Ok(match used {
        Some(id) => StoreError::Conflict(format!("the attempt {id} exists already: take a fresh id")),
        // The other one was closed between our two statements.
        None => StoreError::Unavailable("another attempt ended at this moment; try again".to_owned()),
    }
    .into())
}
