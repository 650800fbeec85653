//! Leases on tasks: the claim, the heartbeat, giving back, settling without a call.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ports::{Ask, StoreError, rules};
use records::{Because, Claim, Customer, CustomerId, MoveRule, NextStep, Onward, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::moves::{self, With};
use crate::tasks::{self, Fenced, Kept};
use crate::words::seconds;
use crate::{callbacks, closing, customers, opt_outs, plans, waivers};

/// Leases due tasks: of each plan and zone those due longest that nobody else locks at this moment.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    node: &str,
    asks: &[Ask],
    lease: Duration,
) -> Result<Vec<Claim>, Trouble> {
    let mut leased = Vec::new();
    for ask in asks.iter().filter(|ask| ask.most > 0) {
        leased.extend(of_plan(connection, node, ask, lease).await?);
    }
    let mut claims = with_particulars(connection, leased).await?;
    rules::in_order(&mut claims);
    Ok(claims)
}

/// One plan and zone at a time: with a limit that the planner knows it walks the index, whatever it believes of the rest.
async fn of_plan(
    connection: &mut PgConnection,
    node: &str,
    ask: &Ask,
    lease: Duration,
) -> Result<Vec<Fenced>, Trouble> {
    let rows = sqlx::query_file_as!(
        Kept,
        "queries/claim.sql",
        node,
        ask.plan.0,
        ask.zone.name(),
        i64::from(ask.most),
        seconds(lease)
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Fenced::try_from).collect::<Result<_, _>>()?)
}

/// Puts back tasks whose lease has ended. It looks at what is being called, which is as much as there are lines.
pub(crate) async fn reclaim(connection: &mut PgConnection) -> Result<u64, Trouble> {
    let reclaimed = sqlx::query!(
        "update tasks t
         set state = case when exists (select from attempts a where a.task_id = t.id) then 'waiting' else 'due' end,
             lease_node = null, lease_until = null
         where id = any(array(
             select id from tasks l
             where l.id = any(array(select task_id from tasks_in_call))
               and l.state = 'calling' and l.lease_until <= now()
               and not exists (select from attempts a where a.task_id = l.id and a.ended_at is null)
             order by l.id limit 1000
             for no key update skip locked))",
    )
    .execute(connection)
    .await?;
    Ok(reclaimed.rows_affected())
}

/// Tasks as claims, with their plans and customers.
pub(crate) async fn with_particulars(
    connection: &mut PgConnection,
    leased: Vec<Fenced>,
) -> Result<Vec<Claim>, Trouble> {
    let plan_ids: Vec<Uuid> = leased.iter().map(|one| one.task.plan.0).collect();
    let customer_ids: Vec<Uuid> = leased.iter().map(|one| one.task.customer.0).collect();
    let plans = plans::by_ids(connection, &plan_ids).await?;
    let customers: HashMap<CustomerId, Arc<Customer>> = customers::by_ids(connection, &customer_ids)
        .await?
        .into_iter()
        .map(|customer| (customer.id, Arc::new(customer)))
        .collect();
    // Both are there: the task's foreign keys say so.
    Ok(leased
        .into_iter()
        .filter_map(|Fenced { task, fence }| {
            let plan = Arc::clone(plans.get(&task.plan)?);
            let customer = Arc::clone(customers.get(&task.customer)?);
            Some(Claim { task, plan, customer, fence })
        })
        .collect())
}

/// Extends the leases of a node; never shortens one that an open attempt made longer.
pub(crate) async fn heartbeat(
    connection: &mut PgConnection,
    node: &str,
    lease: Duration,
) -> Result<u64, Trouble> {
    let extended = sqlx::query!(
        "update tasks set lease_until = greatest(lease_until, now() + make_interval(secs => $2))
         where id = any(array(select task_id from tasks_in_call)) and lease_node = $1 and state = 'calling'",
        node,
        seconds(lease),
    )
    .execute(connection)
    .await?;
    Ok(extended.rows_affected())
}

/// Gives a task back unused.
pub(crate) async fn release(
    connection: &mut PgConnection,
    claim: &Claim,
    at: DateTime<Utc>,
    because: &Because,
) -> Result<(), Trouble> {
    if !held(connection, claim).await? {
        return Ok(());
    }
    sqlx::query!(
        "update tasks t
         set state = case when exists (select from attempts a where a.task_id = t.id) then 'waiting' else 'due' end,
             next_at = $2, lease_node = null, lease_until = null
         where id = $1",
        claim.task.id.0,
        at,
    )
    .execute(&mut *connection)
    .await?;
    if rules::worth_telling(because.rule) {
        let with = With { from: Some(TaskState::Calling), ..With::default() };
        moves::enter(connection, claim.task.id.0, because, with).await?;
    }
    Ok(())
}

/// Moves a task that is not to be dialled.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    claim: &Claim,
    onward: &Onward,
) -> Result<(), Trouble> {
    let Onward { next, callback, because } = onward;
    if !held(connection, claim).await? {
        return Ok(());
    }
    if waivers::cover(connection, claim.task.customer.0, claim.task.plan.0).await? {
        return withdraw_waived(connection, claim).await;
    }
    let opted_out = opt_outs::in_force(connection, claim.task.customer.0).await?;
    let state = rules::after_attempt(next, opted_out)?;
    if let Some(callback) = callback {
        callbacks::queue(connection, &claim.task, None, callback).await?;
    }
    let wanting = state == TaskState::WithPerson && rules::needs_item(next);
    if wanting && callbacks::open(connection, claim.task.id.0).await?.is_none() {
        return Err(rules::nobody_would_see_it().into());
    }
    let with = With { from: Some(TaskState::Calling), ..With::default() };
    closing::move_task(connection, claim.task.id.0, state, next, because, with).await
}

/// What is waived is waived for people as well.
async fn withdraw_waived(connection: &mut PgConnection, claim: &Claim) -> Result<(), Trouble> {
    let (state, next) = (TaskState::Withdrawn, NextStep::End(TaskState::Withdrawn));
    let with = With { from: Some(TaskState::Calling), ..With::default() };
    closing::move_task(connection, claim.task.id.0, state, &next, &Because::of(MoveRule::Waived), with).await
}

/// Locks the claim's customer and task; whether the claim still holds.
async fn held(connection: &mut PgConnection, claim: &Claim) -> Result<bool, Trouble> {
    customers::lock(connection, claim.task.customer.0).await?;
    let Some(now) = tasks::locked(connection, claim.task.id.0).await? else { return Ok(false) };
    if now.fence != claim.fence || now.task.state != TaskState::Calling {
        return Ok(false);
    }
    let open = sqlx::query_scalar!(
        "select id from attempts where task_id = $1 and ended_at is null",
        claim.task.id.0
    )
    .fetch_optional(connection)
    .await?;
    if let Some(attempt) = open {
        return Err(StoreError::Conflict(format!(
            "the attempt {attempt} of this task is open: close it, its closing moves the task"
        ))
        .into());
    }
    Ok(true)
}
