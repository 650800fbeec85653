//! Closing an attempt: its reason, its callback and the move of its task, in one transaction.

use ports::{Closing, rules};
use records::{AttemptId, CallbackCause, CallbackState, Direction, NextStep, Reason, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::callbacks::{self, Open};
use crate::error::Trouble;
use crate::tasks::{self, Fenced};
use crate::words::{missing, to_json, word};
use crate::{customers, numbers, opt_outs};

/// Ends an attempt. A second closing changes nothing, unless it brings the reason of one that was unknown.
pub(crate) async fn close(
    connection: &mut PgConnection,
    id: AttemptId,
    fence: i64,
    closing: &Closing,
) -> Result<(), Trouble> {
    let of = sqlx::query!("select task_id, customer_id from attempts where id = $1", id.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| missing("attempt", id))?;
    if let Some(customer) = of.customer_id {
        customers::lock(connection, customer).await?;
    }
    let kept = sqlx::query!("select reason, number, direction from attempts where id = $1 for update", id.0)
        .fetch_one(&mut *connection)
        .await?;
    let superseding = match kept.reason.as_deref() {
        None => false,
        Some("unknown") if closing.reason != Reason::Unknown => true,
        Some(_) => return Ok(()),
    };
    let direction = word(&kept.direction, "table attempts")?;
    end(connection, id, closing).await?;
    if let Some(customer) = of.customer_id
        && closing.number_dead
    {
        numbers::bury(connection, customer, &kept.number, closing.reason).await?;
    }
    match of.task_id {
        Some(task) => follow(connection, task, (id, direction), fence, closing, superseding).await,
        None => Ok(()),
    }
}

/// Writes reason and times. Those of another machine's clock are kept between start and end.
async fn end(connection: &mut PgConnection, id: AttemptId, closing: &Closing) -> Result<(), Trouble> {
    sqlx::query!(
        "update attempts a
         set reason = $2, evidence = $3, ended_at = ends.at,
             answered_at = case when $4::timestamptz is not null
                                then least(greatest($4, a.started_at), ends.at) end
         from (select coalesce(ended_at, greatest(started_at, clock_timestamp())) as at
               from attempts where id = $1) as ends
         where a.id = $1",
        id.0,
        closing.reason.slug(),
        to_json(&closing.evidence, "table attempts")?,
        closing.answered_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What follows for the task and its item of the queue.
async fn follow(
    connection: &mut PgConnection,
    task: Uuid,
    (attempt, direction): (AttemptId, Direction),
    fence: i64,
    closing: &Closing,
    superseding: bool,
) -> Result<(), Trouble> {
    let now = tasks::locked(connection, task).await?.ok_or_else(|| missing("task", task))?;
    let open = callbacks::open(connection, task).await?;
    count(connection, task, (direction, closing.reason), superseding).await?;

    let holds = holds(&now, fence, superseding, open.as_ref());
    let settled = open.as_ref().filter(|item| superseding && holds && settled_by(item, attempt));
    match (settled, &closing.callback) {
        (Some(item), Some(callback)) => callbacks::rewrite(connection, item.id, attempt, callback).await?,
        (Some(item), None) => callbacks::settle(connection, item.id, closing.reason).await?,
        (None, Some(callback)) => callbacks::queue(connection, &now.task, Some(attempt), callback).await?,
        (None, None) => {}
    }
    if !holds {
        return Ok(());
    }
    let opted_out = opt_outs::in_force(connection, now.task.customer.0).await?;
    if rules::goes_on(&closing.next, opted_out) {
        return Ok(());
    }
    let state = rules::after_attempt(&closing.next, opted_out)?;
    if state == TaskState::WithPerson && callbacks::open(connection, task).await?.is_none() {
        return Err(rules::nobody_would_see_it().into());
    }
    move_task(connection, task, state, &closing.next).await
}

/// Whether the closing may move the task: it still is the claim's. An unknown outcome that becomes known moves it
/// as well, unless a person works on it already.
fn holds(now: &Fenced, fence: i64, superseding: bool, open: Option<&Open>) -> bool {
    let expected = if superseding {
        matches!(now.task.state, TaskState::Waiting | TaskState::WithPerson)
            && open.is_none_or(|item| item.state == CallbackState::Open)
    } else {
        now.task.state == TaskState::Calling
    };
    now.fence == fence && expected
}

/// Whether an item was queued only because this attempt's outcome was unknown.
fn settled_by(item: &Open, attempt: AttemptId) -> bool {
    item.content.cause == CallbackCause::Unknown && item.attempt == Some(attempt)
}

/// Counts the attempt on the customer, once whatever it was thought to be before.
async fn count(
    connection: &mut PgConnection,
    task: Uuid,
    (direction, reason): (Direction, Reason),
    superseding: bool,
) -> Result<(), Trouble> {
    let more =
        i32::from(direction.counts(reason)) - i32::from(superseding && direction.counts(Reason::Unknown));
    sqlx::query!("update tasks set attempts = greatest(0, attempts + $2) where id = $1", task, more)
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves a task out of its lease. The fence stays: a later word of the same claim is still known as such.
pub(crate) async fn move_task(
    connection: &mut PgConnection,
    task: Uuid,
    state: TaskState,
    next: &NextStep,
) -> Result<(), Trouble> {
    let (at, why) = match next {
        NextStep::TryAgain { at, why } if state == TaskState::Waiting => (Some(*at), Some(why.as_str())),
        _ => (None, None),
    };
    sqlx::query!(
        "update tasks
         set state = $2, next_at = coalesce($3, next_at), next_why = $4, lease_node = null, lease_until = null,
             ended_at = case when $5 then now() end
         where id = $1",
        task,
        state.slug(),
        at,
        why,
        state.ended(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
