//! Opening an attempt: committed as dialling before its INVITE leaves, or refused with nothing written.

use chrono::{DateTime, Utc};
use ports::lines::LAST_CALL;
use ports::{InboundCall, ManualCall, NewAttempt, OpenRefusal, RangBack, Seen, StoreError};
use records::{Attempt, Capped, Claim, Direction, Number, Recent, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::attempts::Kept;
use crate::error::Trouble;
use crate::privacy::NumberKey;
use crate::transact::Locks;
use crate::words::seconds;
use crate::{attempts, claims, customers, lines, opt_outs, tasks, trail, waivers};

type Opened = Result<Attempt, OpenRefusal>;

/// What [`planned`] finds locked; the function `open_attempt` locks the same in the same order. Switch and plan are held
/// by a shared lock: when stopping them has returned, no attempt can appear any more. Who opts out waits for the
/// customer's lock, or we see that he has.
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

/// Opens an attempt of a claimed task in one way to the server, judged by what the caller saw of the attempts that caps
/// count. None where others were made since or anything is not as usual: then nothing was written, and [`planned`] says why.
pub(crate) async fn at_once(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
) -> Result<Option<Attempt>, Trouble> {
    let Seen { at, recent } = &attempt.seen;
    if capped(claim, attempt, recent, *at).is_some() {
        return Ok(None);
    }
    guarded(connection, claim, attempt, recent).await
}

/// Opens an attempt of a claimed task, whose [`locks`] are held, or says what forbids it.
pub(crate) async fn planned(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
) -> Result<Opened, Trouble> {
    let recent = attempts::recent(connection, claim.task.customer, claim.plan.content.policy.span()).await?;
    if !recent.is_empty()
        && let Some(refusal) = capped(claim, attempt, &recent, trail::now(connection).await?)
    {
        return Ok(Err(graver(connection, claim, attempt).await?.unwrap_or(refusal)));
    }
    if let Some(opened) = guarded(connection, claim, attempt, &recent).await? {
        return Ok(Ok(opened));
    }
    match graver(connection, claim, attempt).await? {
        Some(refusal) => Ok(Err(refusal)),
        None => already_open(connection, attempt, Some(claim.task.customer.0)).await.map(Err),
    }
}

/// Inserts the attempt where nothing forbids it and caps count none but `judged`. Nobody may claim the task while somebody
/// may be on the line, so its lease lasts as long.
async fn guarded(
    connection: &mut PgConnection,
    claim: &Claim,
    attempt: &NewAttempt,
    judged: &[Recent],
) -> Result<Option<Attempt>, Trouble> {
    let judged: Vec<Uuid> = judged.iter().map(|made| made.attempt.0).collect();
    let opened = sqlx::query_as!(
        Kept,
        r#"select id as "id!", task_id, plan_id, customer_id, direction as "direction!", number as "number!",
                  trunk as "trunk!", caller, started_at as "started_at!", answered_at, ended_at,
                  alive_until as "alive_until!", reason, evidence as "evidence!"
           from open_attempt($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"#,
        attempt.id.0,
        claim.task.id.0,
        claim.fence,
        claim.task.plan.0,
        claim.task.customer.0,
        attempt.number.e164(),
        key(&attempt.number),
        attempt.trunk,
        attempt.caller,
        seconds(attempt.longest),
        attempt.lent.map(|lending| lending.0),
        seconds(LAST_CALL),
        seconds(claim.plan.content.policy.span()),
        &attempts::uncounted(),
        &judged,
    )
    .fetch_optional(connection)
    .await?;
    Ok(opened.map(Attempt::try_from).transpose()?)
}

/// Whether the number or the customer was called as often as the plan allows, or just now. What held off a call at a time
/// holds off no later one, and where fewer attempts count than were judged, none either.
fn capped(claim: &Claim, attempt: &NewAttempt, recent: &[Recent], now: DateTime<Utc>) -> Option<OpenRefusal> {
    let policy = &claim.plan.content.policy;
    let Capped { until, rule } = policy.caps.holds(policy.retry.gap(), recent, &attempt.number, now)?;
    Some(OpenRefusal::Capped { until, rule })
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
