//! Leases on tasks: the claim, the heartbeat, giving back, settling without a call.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ports::{StoreError, rules};
use records::{Claim, Customer, CustomerId, NewCallback, NextStep, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::tasks::{self, Fenced};
use crate::words::seconds;
use crate::{callbacks, closing, customers, opt_outs, plans};

/// Candidates looked at for each task wanted, so that those who claim at the same time find enough for all.
const SPARE: i64 = 8;

/// Leases due tasks. The candidates are read without a lock, a few from each running plan; the first of them that
/// nobody else holds are locked, checked again as they are now, and leased.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    node: &str,
    limit: u32,
    lease: Duration,
) -> Result<Vec<Claim>, Trouble> {
    let ids = sqlx::query_scalar!(
        r#"with candidates as materialized (
               select t.id, p.priority, t.next_at
               from plans p cross join lateral (
                   select t.id, t.next_at from tasks t
                   where t.plan_id = p.id and t.state in ('due', 'waiting', 'calling') and t.next_at <= now()
                     and (t.state <> 'calling' or t.lease_until <= now())
                     and not exists (select from attempts a
                                     where a.customer_id = t.customer_id and a.ended_at is null)
                     and not exists (select from opt_outs o
                                     where o.customer_id = t.customer_id and o.withdrawn_at is null)
                   order by t.next_at, t.id
                   limit $2::bigint * $4::bigint
               ) t
               where p.state = 'running' and (select calling from switch)
               order by p.priority desc, t.next_at, t.id
               limit $2::bigint * $4::bigint
           ), free as (
               select t.id
               from candidates c join tasks t on t.id = c.id
               where t.state in ('due', 'waiting', 'calling') and t.next_at <= now()
                 and (t.state <> 'calling' or t.lease_until <= now())
               order by c.priority desc, c.next_at, c.id
               limit $2::bigint
               for update of t skip locked
           )
           update tasks t
           set state = 'calling', lease_node = $1, lease_until = now() + make_interval(secs => $3),
               fence = t.fence + 1
           from free where t.id = free.id
           returning t.id"#,
        node,
        i64::from(limit),
        seconds(lease),
        SPARE,
    )
    .fetch_all(&mut *connection)
    .await?;
    let leased = tasks::by_ids(connection, &ids).await?;
    let mut claims = with_particulars(connection, leased).await?;
    claims.sort_by_key(|claim| (Reverse(claim.plan.content.priority), claim.task.next_at, claim.task.id));
    Ok(claims)
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
         where lease_node = $1 and state = 'calling'",
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
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves a task that is not to be dialled.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    claim: &Claim,
    next: &NextStep,
    callback: Option<&NewCallback>,
) -> Result<(), Trouble> {
    if !held(connection, claim).await? {
        return Ok(());
    }
    let opted_out = opt_outs::in_force(connection, claim.task.customer.0).await?;
    let state = rules::after_attempt(next, opted_out)?;
    if let Some(callback) = callback {
        callbacks::queue(connection, &claim.task, None, callback).await?;
    }
    if state == TaskState::WithPerson && callbacks::open(connection, claim.task.id.0).await?.is_none() {
        return Err(rules::nobody_would_see_it().into());
    }
    closing::move_task(connection, claim.task.id.0, state, next).await
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
