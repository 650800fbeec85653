//! Opening an attempt: committed as dialling before its INVITE leaves, or refused with nothing written.

use ports::lines::LAST_CALL;
use ports::{InboundCall, ManualCall, NewAttempt, OpenRefusal, RangBack, StoreError};
use records::{Attempt, Capped, Claim, Direction, Number, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::attempts::Kept;
use crate::error::Trouble;
use crate::privacy::NumberKey;
use crate::transact::Locks;
use crate::words::seconds;
use crate::{attempts, claims, customers, lines, opt_outs, tasks, trail, waivers};

type Opened = Result<Attempt, OpenRefusal>;

/// What [`planned`] finds locked. Switch and plan are held by a shared lock: when stopping them has returned, no attempt
/// can appear any more. Who opts out waits for the customer's lock, or we see that he has.
pub(crate) fn locks(claim: &Claim, attempt: &NewAttempt) -> Locks {
    Locks {
        plan: Some(claim.task.plan.0),
        customer: Some(claim.task.customer.0),
        lending: attempt.lent.map(|lending| lending.0),
        number: key(&attempt.number),
        ..Locks::default()
    }
}

/// By which a number is locked: whoever counts its calls waits for who dials it.
pub(crate) fn key(number: &Number) -> Option<i64> {
    // A number's digits, fifteen at most.
    number.e164().trim_start_matches('+').parse().ok()
}

/// Opens an attempt of a claimed task, in one statement. Nobody may claim the task while somebody may be on the line,
/// so its lease lasts as long.
pub(crate) async fn planned(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
) -> Result<Opened, Trouble> {
    let (task, customer) = (claim.task.id.0, claim.task.customer.0);
    if let Some(Capped { until, rule }) = capped(connection, claim, &attempt.number).await? {
        let refusal = OpenRefusal::Capped { until, rule };
        return Ok(Err(graver(connection, claim, attempt).await?.unwrap_or(refusal)));
    }
    let opened = sqlx::query_as!(
        Kept,
        r#"with held as (
               select id, plan_id, customer_id from tasks
               where id = $2 and fence = $3 and state = 'calling' for update
           ), opened as (
               insert into attempts (id, task_id, plan_id, customer_id, number, trunk, caller, direction, started_at,
                                     alive_until, lending_id)
               select $1::uuid, held.id, held.plan_id, held.customer_id, $4::text, $5::text, $6::text, 'outbound', at,
                      at + make_interval(secs => $7), $8::uuid
               from held, clock_timestamp() as at
               where (select calling from switch)
                 and exists (select from plans p where p.id = held.plan_id and p.state = 'running')
                 and not exists (select from opt_outs o where o.withdrawn_at is null
                                 and (o.number = $4 or o.customer_id = held.customer_id))
                 and not exists (select from numbers n join contacts k on k.id = n.contact_id
                                     join opt_outs o on o.customer_id = k.customer_id
                                 where n.number = $4 and o.withdrawn_at is null)
                 and not exists (select from waivers w where w.customer_id = held.customer_id
                                 and w.revoked_at is null and (w.plan_id is null or w.plan_id = held.plan_id))
                 and ($8::uuid is null or exists (select from lendings l
                                                  where l.id = $8 and l.until > at + make_interval(secs => $9)))
               on conflict do nothing
               returning *
           ), moved as (
               insert into task_moves (task_id, from_state, to_state, rule, why, attempt_id)
               select opened.task_id, 'calling', 'calling', 'dialled', 'dialled', opened.id from opened
           ), leased as (
               update tasks set lease_until = greatest(tasks.lease_until, opened.alive_until)
               from opened where tasks.id = opened.task_id
           )
           select id as "id!", task_id, plan_id, customer_id, direction as "direction!", number as "number!",
                  trunk as "trunk!", caller, started_at as "started_at!", answered_at, ended_at,
                  alive_until as "alive_until!", reason, evidence as "evidence!"
           from opened"#,
        attempt.id.0,
        task,
        claim.fence,
        attempt.number.e164(),
        attempt.trunk,
        attempt.caller,
        seconds(attempt.longest),
        attempt.lent.map(|lending| lending.0),
        seconds(LAST_CALL),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(opened) = opened {
        return Ok(Ok(opened.try_into()?));
    }
    match graver(connection, claim, attempt).await? {
        Some(refusal) => Ok(Err(refusal)),
        None => already_open(connection, attempt, Some(customer)).await.map(Err),
    }
}

/// Whether the number or the customer was called as often as the plan allows; the customer and the number are locked.
async fn capped(
    connection: &mut PgConnection,
    claim: &Claim,
    number: &Number,
) -> Result<Option<Capped>, Trouble> {
    let policy = &claim.plan.content.policy;
    let recent = attempts::recent(connection, claim.task.customer, policy.span()).await?;
    if recent.is_empty() {
        return Ok(None);
    }
    let now = trail::now(connection).await?;
    Ok(policy.caps.holds(policy.retry.gap(), &recent, number, now))
}

/// Why a claimed task may not be dialled whatever its figures say.
async fn graver(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
) -> Result<Option<OpenRefusal>, Trouble> {
    if !calling(connection).await? || !running(connection, claim.task.plan.0).await? {
        return Ok(Some(OpenRefusal::Stopped));
    }
    if opt_outs::bar(connection, Some(claim.task.customer.0), &attempt.number).await? {
        return Ok(Some(OpenRefusal::OptedOut));
    }
    if waivers::cover(connection, claim.task.customer.0, claim.task.plan.0).await? {
        return Ok(Some(OpenRefusal::Waived));
    }
    let held = tasks::locked(connection, claim.task.id.0).await?;
    if !held.is_some_and(|now| now.fence == claim.fence && now.task.state == TaskState::Calling) {
        return Ok(Some(OpenRefusal::ClaimLost));
    }
    Ok((!lines::holds(connection, attempt.lent).await?).then_some(OpenRefusal::LineLost))
}

/// Opens an attempt of a call by hand.
pub(crate) async fn manual(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    call: &ManualCall,
) -> Result<Opened, Trouble> {
    if !calling(connection).await? {
        return Ok(Err(OpenRefusal::Stopped));
    }
    let number = &call.attempt.number;
    if opt_outs::bar(connection, None, number).await? || opt_outs::erased(connection, key, number).await? {
        return Ok(Err(OpenRefusal::OptedOut));
    }
    let opened = insert(connection, &call.attempt, Direction::Outbound, None).await?;
    if let (Ok(attempt), Some(plan)) = (&opened, call.rehearsal_of) {
        sqlx::query!("update attempts set rehearsal_of = $2 where id = $1", attempt.id.0, plan.0)
            .execute(connection)
            .await?;
    }
    Ok(opened)
}

/// Opens the attempt of a call that came in, and takes its caller's open task.
pub(crate) async fn inbound(
    connection: &mut PgConnection,
    call: &InboundCall,
) -> Result<Result<RangBack, OpenRefusal>, Trouble> {
    if !calling(connection).await? {
        return Ok(Err(OpenRefusal::Stopped));
    }
    let Some(Owner { task, plan, customer }) = owner(connection, call).await? else {
        if !call.strangers {
            return Ok(Err(OpenRefusal::Stranger));
        }
        let opened = insert(connection, &call.attempt, Direction::Inbound, None).await?;
        return Ok(opened.map(|attempt| RangBack { attempt, claim: None }));
    };
    let opened = insert(connection, &call.attempt, Direction::Inbound, Some((task, plan, customer))).await?;
    let Ok(attempt) = opened else {
        return Ok(opened.map(|attempt| RangBack { attempt, claim: None }));
    };
    sqlx::query!(
        "with moved as (
             insert into task_moves (task_id, from_state, to_state, rule, why, attempt_id, by_whom)
             select id, state, 'calling', 'rang_back', 'the customer rang back', $4, null from tasks where id = $1
         )
         update tasks set state = 'calling', lease_node = $2, lease_until = $3, fence = fence + 1 where id = $1",
        task,
        call.node,
        attempt.alive_until,
        attempt.id.0,
    )
    .execute(&mut *connection)
    .await?;
    let taken = tasks::by_ids(connection, &[task]).await?;
    let claim = claims::with_particulars(connection, taken).await?.pop();
    Ok(Ok(RangBack { attempt, claim }))
}

/// Whose task a caller's call belongs to.
struct Owner {
    task: Uuid,
    plan: Uuid,
    customer: Uuid,
}

/// The open task whose customer has the caller's number and was called last, on this number before any other. It is
/// found without a lock, then locked in the order everybody locks, and looked at again.
async fn owner(connection: &mut PgConnection, call: &InboundCall) -> Result<Option<Owner>, Trouble> {
    if call.withheld || opt_outs::bar(connection, None, &call.attempt.number).await? {
        return Ok(None);
    }
    let found = sqlx::query_as!(
        Owner,
        "select t.id as task, t.plan_id as plan, t.customer_id as customer
         from numbers n
         join contacts k on k.id = n.contact_id
         join tasks t on t.customer_id = k.customer_id and t.state in ('due', 'waiting', 'calling')
          and k.role = (select coalesce(max(r.role), 'customer')
                        from contacts r join numbers m on m.contact_id = r.id
                        where r.customer_id = t.customer_id and r.role = t.role)
         join plans p on p.id = t.plan_id and p.state = 'running'
         cross join lateral (
             select a.id, a.number = $1 as here from attempts a
             where a.task_id = t.id and a.direction = 'outbound'
             order by a.number = $1 desc, a.id desc limit 1
         ) last
         where n.number = $1 and n.dead_at is null
         order by last.here desc, last.id desc limit 1",
        call.attempt.number.e164()
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(owner) = found else { return Ok(None) };
    let runs = running(connection, owner.plan).await?;
    customers::lock(connection, owner.customer).await?;
    let opted_out = opt_outs::in_force(connection, owner.customer).await?;
    let now = tasks::locked(connection, owner.task).await?;
    let open = now.is_some_and(|now| {
        matches!(now.task.state, TaskState::Due | TaskState::Waiting | TaskState::Calling)
    });
    Ok((runs && open && !opted_out).then_some(owner))
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
    direction: Direction,
    of: Option<(Uuid, Uuid, Uuid)>,
) -> Result<Opened, Trouble> {
    if !lines::holds(connection, attempt.lent).await? {
        return Ok(Err(OpenRefusal::LineLost));
    }
    let inserted = sqlx::query_scalar!(
        "insert into attempts (id, task_id, plan_id, customer_id, number, trunk, caller, direction, started_at, alive_until,
                               lending_id)
         select $1, $2, $3, $4, $5, $6, $8::text, $9, at, at + make_interval(secs => $7), $10 from clock_timestamp() as at
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
        direction.slug(),
        attempt.lent.map(|lending| lending.0),
    )
    .fetch_optional(&mut *connection)
    .await?;
    if inserted.is_some() {
        return Ok(Ok(attempts::one(connection, attempt.id).await?));
    }
    already_open(connection, attempt, of.map(|of| of.2)).await.map(Err)
}

/// Which other attempt kept one from being inserted.
async fn already_open(
    connection: &mut PgConnection,
    attempt: &NewAttempt,
    customer: Option<Uuid>,
) -> Result<OpenRefusal, Trouble> {
    let open = sqlx::query_scalar!(
        "select alive_until from attempts
         where ended_at is null and id <> $3 and (number = $1 or customer_id = $2)
         order by alive_until desc limit 1",
        attempt.number.e164(),
        customer,
        attempt.id.0,
    )
    .fetch_optional(&mut *connection)
    .await?;
    match open {
        Some(until) => Ok(OpenRefusal::AlreadyOpen { until }),
        None => collided(connection, attempt).await,
    }
}

/// Nothing was inserted though nobody else's attempt is open: the other one was closed between our two statements, or it
/// was our own.
async fn collided(connection: &mut PgConnection, attempt: &NewAttempt) -> Result<OpenRefusal, Trouble> {
    let used = sqlx::query_scalar!("select id from attempts where id = $1", attempt.id.0)
        .fetch_optional(&mut *connection)
        .await?;
    match used {
        Some(id) => {
            Err(StoreError::Conflict(format!("the attempt {id} exists already: take a fresh id")).into())
        }
        None => Ok(OpenRefusal::AlreadyOpen { until: trail::now(connection).await? }),
    }
}
