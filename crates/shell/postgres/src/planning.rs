//! Rounds of evaluation: which plan, which customers, and their tasks brought in step.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use plan::{Change, Occasion, Present, Progress, Rank, Terms, reconcile, unwaived};
use ports::{Evaluation, KeptTasks, StoreError};
use records::{ContactRole, Customer, CustomerId, Occasion as Name, Plan, PlanId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{seconds, word};
use crate::{customers, plans, waivers};

/// Asks for a round over everybody.
pub(crate) async fn ask(connection: &mut PgConnection, plan: PlanId) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into evaluations (plan_id) values ($1) on conflict (plan_id) do update set asked = true",
        plan.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A round is begun with a look at who else is writing: what a transaction that is open now commits later carries a
/// time from before, and must be found by the next round.
pub(crate) async fn take(
    connection: &mut PgConnection,
    node: &str,
    lease: Duration,
) -> Result<Option<Evaluation>, Trouble> {
    let taken = sqlx::query!(
        r#"with clock as (
               select (now() at time zone 'Asia/Shanghai')::date as today,
                      (select least(now(), min(a.xact_start)) from pg_stat_activity a
                       where a.datname = current_database()) as until
           ), due as (
               select e.plan_id, clock.today, clock.until,
                      e.asked or e.day is null or e.day < clock.today as everybody
               from clock, evaluations e join plans p on p.id = e.plan_id
               where p.state in ('running', 'paused')
                 and (e.lease_until is null or e.lease_until <= now())
                 and (e.asked or e.round_day is not null or e.day is null or e.day < clock.today
                      or exists (select from customers c where c.dates_changed_at >= e.seen_until))
               order by e.day nulls first, e.plan_id
               limit 1
               for update of e skip locked
           )
           update evaluations e
           set node = $1, lease_until = now() + make_interval(secs => $2), fence = e.fence + 1,
               asked = e.asked and e.round_day is not null,
               round_everybody = case when e.round_day is null then due.everybody else e.round_everybody end,
               round_after = case when e.round_day is null then null else e.round_after end,
               round_until = coalesce(e.round_until, due.until),
               round_day = coalesce(e.round_day, due.today)
           from due where e.plan_id = due.plan_id
           returning e.plan_id, e.fence, e.round_day as "round_day!", e.round_everybody, e.round_after, e.seen_until"#,
        node,
        seconds(lease),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(taken) = taken else { return Ok(None) };
    Ok(Some(Evaluation {
        plan: Arc::new(plans::one(connection, PlanId(taken.plan_id)).await?),
        today: taken.round_day,
        changed_since: taken.seen_until.filter(|_| !taken.round_everybody),
        after: taken.round_after.map(CustomerId),
        fence: taken.fence,
    }))
}

/// The next customers of a round; those that are gone are among them, so that their tasks are withdrawn.
pub(crate) async fn customers_of(
    connection: &mut PgConnection,
    round: &Evaluation,
    limit: u32,
) -> Result<Vec<Customer>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from customers
         where ($1::uuid is null or id > $1) and ($2::timestamptz is null or dates_changed_at >= $2)
         order by id limit $3",
        round.after.map(|id| id.0),
        round.changed_since,
        i64::from(limit),
    )
    .fetch_all(&mut *connection)
    .await?;
    customers::by_ids(connection, &ids).await
}

/// Customers in order of their ids.
pub(crate) async fn customers_after(
    connection: &mut PgConnection,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<Customer>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from customers where ($1::uuid is null or id > $1) and gone_at is null order by id limit $2",
        after.map(|id| id.0),
        i64::from(limit),
    )
    .fetch_all(&mut *connection)
    .await?;
    customers::by_ids(connection, &ids).await
}

/// Locks the round, which must still be the process's own, and moves it on.
async fn advance(
    connection: &mut PgConnection,
    round: &Evaluation,
    last: Option<CustomerId>,
    lease: Duration,
) -> Result<(), Trouble> {
    let held = sqlx::query!(
        "update evaluations set round_after = coalesce($3, round_after), lease_until = now() + make_interval(secs => $4)
         where plan_id = $1 and fence = $2 and node is not null",
        round.plan.id.0,
        round.fence,
        last.map(|id| id.0),
        seconds(lease),
    )
    .execute(&mut *connection)
    .await?;
    if held.rows_affected() == 0 {
        return Err(StoreError::Conflict("another process evaluates this plan".to_owned()).into());
    }
    let state = sqlx::query_scalar!("select state from plans where id = $1 for share", round.plan.id.0)
        .fetch_optional(connection)
        .await?;
    if !matches!(state.as_deref(), Some("running" | "paused")) {
        return Err(StoreError::Conflict("the plan is stopped: nothing falls due under it".to_owned()).into());
    }
    Ok(())
}

/// Brings the tasks of these customers in step, in a handful of statements however many they are.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    round: &Evaluation,
    wanted: &[(CustomerId, Vec<Occasion>)],
    lease: Duration,
) -> Result<KeptTasks, Trouble> {
    let last = wanted.iter().map(|(id, _)| *id).max();
    advance(connection, round, last, lease).await?;
    // On most days nearly everybody is in step already: they are looked at, and nothing of theirs is locked.
    let all: Vec<Uuid> = wanted.iter().map(|(id, _)| id.0).collect();
    let looked_at = changes(connection, round, &all, wanted).await?;
    if looked_at.of.is_empty() {
        return Ok(KeptTasks::default());
    }
    lock(connection, round.plan.id, &looked_at.of).await?;
    let todo = changes(connection, round, &looked_at.of, wanted).await?;
    rank(connection, &todo.ranked).await?;
    Ok(KeptTasks {
        made: make(connection, &round.plan, &todo.made).await?,
        moved: relocate(connection, &todo.moved).await?,
        withdrawn: withdraw(connection, &todo.withdrawn).await?,
    })
}

/// Locks these customers, then their tasks under the plan.
async fn lock(connection: &mut PgConnection, plan: PlanId, customers: &[Uuid]) -> Result<(), Trouble> {
    sqlx::query_scalar!(
        "select id from customers where id = any($1) order by id for no key update",
        customers
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query_scalar!(
        "select id from tasks where plan_id = $1 and customer_id = any($2) order by id for update",
        plan.0,
        customers
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// What is to be done for these of the customers, as things stand. One that is gone gets no task.
async fn changes(
    connection: &mut PgConnection,
    round: &Evaluation,
    of: &[Uuid],
    wanted: &[(CustomerId, Vec<Occasion>)],
) -> Result<Todo, Trouble> {
    let plan = round.plan.id;
    let rows = sqlx::query!("select id, class from customers where id = any($1) and gone_at is null", of)
        .fetch_all(&mut *connection)
        .await?;
    let here: HashMap<Uuid, Option<String>> = rows.into_iter().map(|row| (row.id, row.class)).collect();
    let mut standing = standing(connection, plan, of).await?;
    let waived = waivers::exemptions(connection, plan, of).await?;
    let mut todo = Todo::default();
    let meant: HashSet<&Uuid> = of.iter().collect();
    for (customer, occasions) in wanted.iter().filter(|(customer, _)| meant.contains(&customer.0)) {
        let Standing { present, ranks } = standing.remove(&customer.0).unwrap_or_default();
        let class = here.get(&customer.0);
        let exemptions = waived.get(customer).map_or(&[][..], Vec::as_slice);
        let wanted = if class.is_none() { Cow::default() } else { unwaived(occasions, exemptions) };
        let changes = reconcile(&present, &wanted);
        let rank = |terms: &Terms| {
            Rank::of(&round.plan.content, class.and_then(Option::as_deref), terms, round.today)
        };
        let ranked = present.iter().zip(ranks).filter_map(|(task, stands)| {
            let rank = i16::from(rank(&task.terms).number());
            stands.filter(|stands| *stands != rank).map(|_| (task.id, rank))
        });
        let (ranked, before): (Vec<_>, _) = (ranked.collect(), todo.ranked.len());
        todo.ranked.extend(ranked);
        if !changes.is_empty() || todo.ranked.len() > before {
            todo.of.push(customer.0);
        }
        for change in changes {
            match change {
                Change::Make(one) => todo.made.push(customer.0, &one, rank(&Terms::from(&one))),
                Change::Move(id, one) => todo.moved.push(id, &one, rank(&Terms::from(&one))),
                Change::Withdraw(id) => todo.withdrawn.push(id),
            }
        }
    }
    Ok(todo)
}

/// Ends a round that is still the process's own.
pub(crate) async fn finish(connection: &mut PgConnection, round: &Evaluation) -> Result<(), Trouble> {
    sqlx::query!(
        "update evaluations
         set day = round_day, seen_until = round_until, round_day = null, round_until = null, round_after = null,
             node = null, lease_until = null
         where plan_id = $1 and fence = $2 and round_day is not null",
        round.plan.id.0,
        round.fence,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A customer's tasks under the plan.
#[derive(Default)]
struct Standing {
    present: Vec<Present<Uuid>>,
    /// Of each, where it waits for a call.
    ranks: Vec<Option<i16>>,
}

/// The tasks of these customers under the plan, by customer.
async fn standing(
    connection: &mut PgConnection,
    plan: PlanId,
    customers: &[Uuid],
) -> Result<HashMap<Uuid, Standing>, Trouble> {
    let rows = sqlx::query!(
        r#"select t.id, t.customer_id, t.occasion, t.role, t.mode, t.due_on, t.aim_by, t.due_by, t.withdrawn_by_dates,
                  case when t.state in ('due', 'waiting') then t.rank end as rank,
                  t.state in ('due', 'calling')
                      and not exists (select from attempts a where a.task_id = t.id) as "untouched!"
           from tasks t
           where t.plan_id = $1 and t.customer_id = any($2)
           order by t.id"#,
        plan.0,
        customers,
    )
    .fetch_all(connection)
    .await?;
    let mut found: HashMap<Uuid, Standing> = HashMap::new();
    for row in rows {
        let progress = if row.untouched {
            Progress::Untouched
        } else if row.withdrawn_by_dates {
            Progress::Withdrawn
        } else {
            Progress::Begun
        };
        let mode = word(&row.mode, "table tasks")?;
        let theirs = found.entry(row.customer_id).or_default();
        theirs.ranks.push(row.rank);
        theirs.present.push(Present {
            id: row.id,
            key: Name(row.occasion),
            role: ContactRole(row.role),
            progress,
            terms: Terms { mode, due_on: row.due_on, aim_by: row.aim_by, due_by: row.due_by },
        });
    }
    Ok(found)
}

/// What is to be written, by column.
#[derive(Default)]
struct Columns {
    /// The customer of a task that is made, the task that is moved.
    ids: Vec<Uuid>,
    occasions: Vec<String>,
    roles: Vec<String>,
    modes: Vec<String>,
    next_at: Vec<DateTime<Utc>>,
    due_on: Vec<NaiveDate>,
    aim_by: Vec<Option<DateTime<Utc>>>,
    due_by: Vec<Option<DateTime<Utc>>>,
    ranks: Vec<i16>,
    why: Vec<String>,
}

#[derive(Default)]
struct Todo {
    /// The customers that something is to be done for.
    of: Vec<Uuid>,
    made: Columns,
    moved: Columns,
    withdrawn: Vec<Uuid>,
    /// What waits and is to be called earlier or later than it was.
    ranked: Vec<(Uuid, i16)>,
}

impl Columns {
    fn push(&mut self, id: Uuid, one: &Occasion, rank: Rank) {
        self.ids.push(id);
        self.occasions.push(one.key.0.clone());
        self.roles.push(one.role.0.clone());
        self.modes.push(one.mode.slug().to_owned());
        self.next_at.push(one.not_before);
        self.due_on.push(one.due_on);
        self.aim_by.push(one.aim_by);
        self.due_by.push(one.due_by);
        self.ranks.push(i16::from(rank.number()));
        self.why.push(one.why.clone());
    }
}

async fn make(connection: &mut PgConnection, plan: &Plan, made: &Columns) -> Result<u64, Trouble> {
    if made.ids.is_empty() {
        return Ok(0);
    }
    let created = sqlx::query!(
        "insert into tasks (id, plan_id, customer_id, occasion, role, mode, next_at, due_on, aim_by, due_by, rank, state,
                            ended_at, next_why)
         select uuid_v7(), $1, w.customer, w.occasion, w.role, w.mode, w.next_at, w.due_on, w.aim_by, w.due_by, w.rank,
                case when o.id is null then 'due' else 'refused' end,
                case when o.id is null then null else now() end,
                case when o.id is null then w.why else 'the customer opted out' end
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::date[], $8::timestamptz[],
                     $9::timestamptz[], $10::text[], $11::smallint[])
                  as w (customer, occasion, role, mode, next_at, due_on, aim_by, due_by, why, rank)
         left join opt_outs o on o.customer_id = w.customer and o.withdrawn_at is null
         order by w.customer
         on conflict (plan_id, customer_id, occasion, role) do nothing",
        plan.id.0,
        &made.ids,
        &made.occasions,
        &made.roles,
        &made.modes,
        &made.next_at,
        &made.due_on,
        &made.aim_by as _,
        &made.due_by as _,
        &made.why,
        &made.ranks,
    )
    .execute(connection)
    .await?;
    Ok(created.rows_affected())
}

async fn relocate(connection: &mut PgConnection, moved: &Columns) -> Result<u64, Trouble> {
    if moved.ids.is_empty() {
        return Ok(0);
    }
    let changed = sqlx::query!(
        "update tasks t
         set mode = w.mode, next_at = w.next_at, due_on = w.due_on, aim_by = w.aim_by, due_by = w.due_by, rank = w.rank,
             state = case when o.id is null then 'due' else 'refused' end,
             ended_at = case when o.id is null then null else now() end,
             next_why = case when o.id is null then w.why else 'the customer opted out' end,
             lease_node = null, lease_until = null, fence = t.fence + 1, withdrawn_by_dates = false
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::date[], $5::timestamptz[], $6::timestamptz[],
                     $7::text[], $8::smallint[]) as w (id, mode, next_at, due_on, aim_by, due_by, why, rank)
         join tasks k on k.id = w.id
         left join opt_outs o on o.customer_id = k.customer_id and o.withdrawn_at is null
         where t.id = w.id",
        &moved.ids,
        &moved.modes,
        &moved.next_at,
        &moved.due_on,
        &moved.aim_by as _,
        &moved.due_by as _,
        &moved.why,
        &moved.ranks,
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected())
}

/// What waits has the rank it has today.
async fn rank(connection: &mut PgConnection, ranked: &[(Uuid, i16)]) -> Result<(), Trouble> {
    if ranked.is_empty() {
        return Ok(());
    }
    let (ids, ranks): (Vec<Uuid>, Vec<i16>) = ranked.iter().copied().unzip();
    sqlx::query!(
        "update tasks t set rank = w.rank from unnest($1::uuid[], $2::smallint[]) as w (id, rank)
         where t.id = w.id and t.state in ('due', 'waiting')",
        &ids,
        &ranks,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn withdraw(connection: &mut PgConnection, withdrawn: &[Uuid]) -> Result<u64, Trouble> {
    if withdrawn.is_empty() {
        return Ok(0);
    }
    let changed = sqlx::query!(
        "update tasks
         set state = 'withdrawn', ended_at = now(), lease_node = null, lease_until = null, fence = fence + 1,
             withdrawn_by_dates = true,
             next_why = case when exists (select from waivers w where w.customer_id = tasks.customer_id and w.revoked_at is null
                                          and (w.plan_id is null or w.plan_id = tasks.plan_id))
                             then 'the customer signed a waiver (L9.4)'
                             else 'nothing in the customer''s record asks for it any more' end
         where id = any($1)",
        withdrawn
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected())
}
