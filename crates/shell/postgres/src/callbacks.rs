//! The human call-back queue: one open item per task.

use chrono::{DateTime, Utc};
use ports::{StoreError, rules};
use records::{
    AccountId, AttemptId, Because, Callback, CallbackId, CallbackOutcome, CallbackState, CustomerId,
    MoveRule, NewCallback, Onward, PlanId, Reason, Task, TaskId, TaskState,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::moves::{self, With};
use crate::words::{json, missing, to_json, word};
use crate::{customers, opt_outs, steps, tasks};

const PLACE: &str = "table callbacks";

/// The item of a task that is not done.
pub(crate) struct Open {
    pub(crate) id: Uuid,
    pub(crate) attempt: Option<AttemptId>,
    pub(crate) state: CallbackState,
    pub(crate) content: NewCallback,
}

/// The task's item that is not done, locked. The task is locked already.
pub(crate) async fn open(connection: &mut PgConnection, task: Uuid) -> Result<Option<Open>, Trouble> {
    let row = sqlx::query!(
        "select id, attempt_id, state, detail, priority, due_at from callbacks
         where task_id = $1 and state <> 'done' for update",
        task
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let cause = json(row.detail, PLACE)?;
    Ok(Some(Open {
        id: row.id,
        attempt: row.attempt_id.map(AttemptId),
        state: word(&row.state, PLACE)?,
        content: NewCallback { cause, priority: row.priority, due_at: row.due_at },
    }))
}

/// Queues an item, or sharpens the one that is there.
pub(crate) async fn queue(
    connection: &mut PgConnection,
    task: &Task,
    attempt: Option<AttemptId>,
    fresh: &NewCallback,
) -> Result<(), Trouble> {
    if let Some(item) = open(connection, task.id.0).await? {
        let content = rules::sharpened(&item.content, fresh);
        return match attempt.or(item.attempt) {
            Some(attempt) => rewrite(connection, item.id, attempt, &content).await,
            None => rewrite_content(connection, item.id, None, &content).await,
        };
    }
    sqlx::query!(
        "insert into callbacks (id, task_id, plan_id, customer_id, attempt_id, cause, detail, priority, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        Uuid::now_v7(),
        task.id.0,
        task.plan.0,
        task.customer.0,
        attempt.map(|id| id.0),
        fresh.cause.slug(),
        to_json(&fresh.cause, PLACE)?,
        fresh.priority,
        fresh.due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives an item another content, raised by `attempt`.
pub(crate) async fn rewrite(
    connection: &mut PgConnection,
    item: Uuid,
    attempt: AttemptId,
    content: &NewCallback,
) -> Result<(), Trouble> {
    rewrite_content(connection, item, Some(attempt.0), content).await
}

async fn rewrite_content(
    connection: &mut PgConnection,
    item: Uuid,
    attempt: Option<Uuid>,
    content: &NewCallback,
) -> Result<(), Trouble> {
    sqlx::query!(
        "update callbacks set attempt_id = $2, cause = $3, detail = $4, priority = $5, due_at = $6 where id = $1",
        item,
        attempt,
        content.cause.slug(),
        to_json(&content.cause, PLACE)?,
        content.priority,
        content.due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends an item whose matter settled itself: the outcome of the call became known.
pub(crate) async fn settle(connection: &mut PgConnection, item: Uuid, reason: Reason) -> Result<(), Trouble> {
    sqlx::query!(
        "update callbacks set state = 'done', done_at = now(), note = $2 where id = $1",
        item,
        format!("the outcome of the call became known: {reason}"),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn take(
    connection: &mut PgConnection,
    id: CallbackId,
    by: AccountId,
) -> Result<Callback, Trouble> {
    let item = locked(connection, id).await?;
    match (item.state, item.taken_by) {
        (CallbackState::Taken, Some(holder)) if holder == by => return Ok(item),
        (CallbackState::Open, _) => {}
        (CallbackState::Taken, _) => return Err(conflict("somebody else has taken this item: take another")),
        (CallbackState::Done, _) => return Err(conflict("this item is done: take another")),
    }
    sqlx::query!(
        "update callbacks set state = 'taken', taken_by = $2, taken_at = now() where id = $1",
        id.0,
        by.0
    )
    .execute(&mut *connection)
    .await?;
    one(connection, id).await
}

/// Ends an item and moves its task. A machine that is about to call the task loses its claim.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    id: CallbackId,
    by: AccountId,
    outcome: CallbackOutcome,
    (note, onward): (&str, Option<&Onward>),
) -> Result<Callback, Trouble> {
    let item = locked(connection, id).await?;
    if item.state != CallbackState::Taken || item.taken_by != Some(by) {
        return Err(conflict("take this item before you finish it"));
    }
    let now = tasks::locked(connection, item.task.0).await?.ok_or_else(|| missing("task", item.task))?;
    let mut because = rules::of_outcome(outcome, note);
    let mut state = rules::after_callback(now.task.state, outcome);
    let onward = onward.filter(|_| rules::goes_onward(outcome, state));
    if state == TaskState::Waiting && opt_outs::in_force(connection, item.customer.0).await? {
        state = TaskState::Refused;
        because = Because::of(MoveRule::OptedOut);
    }
    let outcome = to_json(&outcome, PLACE)?;
    sqlx::query!(
        "update callbacks set state = 'done', done_at = now(), outcome = $2, note = $3 where id = $1",
        id.0,
        outcome.as_str(),
        note,
    )
    .execute(&mut *connection)
    .await?;
    let with = With { from: Some(now.task.state), by: Some(by.0), ..With::default() };
    if let Some(onward) = onward.filter(|_| state != TaskState::Refused) {
        because.why = format!("{}; {}", because.why, onward.because.why);
        let onward = Onward { because, ..onward.clone() };
        steps::go_onward(connection, &now.task, &onward, with).await?;
        return one(connection, id).await;
    }
    sqlx::query!(
        "update tasks
         set state = $2, lease_node = null, lease_until = null, fence = fence + 1,
             next_at = case when $2 = 'waiting' then now() else next_at end,
             next_why = case when $2 = 'waiting' then 'a person asked for another call' end,
             rung = case when $2 = 'waiting' then 0 else rung end,
             round_since = case when $2 = 'waiting' then now() else round_since end,
             ended_at = case when $3 then coalesce(ended_at, now()) end
         where id = $1",
        item.task.0,
        state.slug(),
        state.ended(),
    )
    .execute(&mut *connection)
    .await?;
    moves::enter(connection, item.task.0, &because, with).await?;
    one(connection, id).await
}

/// Locks an item behind its customer and task, in the order all writers keep.
async fn locked(connection: &mut PgConnection, id: CallbackId) -> Result<Callback, Trouble> {
    let item = one(connection, id).await?;
    customers::lock(connection, item.customer.0).await?;
    tasks::locked(connection, item.task.0).await?;
    sqlx::query_scalar!("select id from callbacks where id = $1 for update", id.0)
        .fetch_one(&mut *connection)
        .await?;
    one(connection, id).await
}

pub(crate) async fn one(connection: &mut PgConnection, id: CallbackId) -> Result<Callback, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("callback", id))?)
}

/// The items of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Callback>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select c.id, c.task_id, c.plan_id, c.customer_id, c.attempt_id, c.detail, c.priority, c.due_at, c.state,
                c.taken_by, c.note, c.created_at, c.done_at
         from unnest($1::uuid[]) with ordinality as asked (id, place) join callbacks c on c.id = asked.id
         order by asked.place",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Callback::try_from).collect::<Result<_, _>>()?)
}

fn conflict(text: &str) -> Trouble {
    StoreError::Conflict(text.to_owned()).into()
}

/// An item as the query gives it.
struct Kept {
    id: Uuid,
    task_id: Uuid,
    plan_id: Uuid,
    customer_id: Uuid,
    attempt_id: Option<Uuid>,
    detail: serde_json::Value,
    priority: i16,
    due_at: DateTime<Utc>,
    state: String,
    taken_by: Option<Uuid>,
    note: Option<String>,
    created_at: DateTime<Utc>,
    done_at: Option<DateTime<Utc>>,
}

impl TryFrom<Kept> for Callback {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        let cause = json(kept.detail, PLACE)?;
        Ok(Self {
            id: CallbackId(kept.id),
            task: TaskId(kept.task_id),
            plan: PlanId(kept.plan_id),
            customer: CustomerId(kept.customer_id),
            attempt: kept.attempt_id.map(AttemptId),
            content: NewCallback { cause, priority: kept.priority, due_at: kept.due_at },
            state: word(&kept.state, PLACE)?,
            taken_by: kept.taken_by.map(AccountId),
            note: kept.note,
            created_at: kept.created_at,
            done_at: kept.done_at,
        })
    }
}
