//! Two customers who are one: what belongs to the one becomes the other's.

use ports::{StoreError, Twin};
use records::CustomerId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::opt_outs;
use crate::words::{missing, number};

/// Who has the same number or the same name.
pub(crate) async fn twins(connection: &mut PgConnection, id: CustomerId) -> Result<Vec<Twin>, Trouble> {
    crate::customers::exists(connection, id).await?;
    let rows = sqlx::query!(
        r#"select c.id, c.external_id, c.name, c.name = self.name as "same_name!",
                  (select min(n.number) from contacts k join numbers n on n.contact_id = k.id
                   where k.customer_id = c.id
                     and n.number in (select m.number from contacts l join numbers m on m.contact_id = l.id
                                      where l.customer_id = $1)) as number
           from customers self
           join customers c on c.id <> self.id and c.gone_at is null and (
               c.name = self.name
               or c.id in (select l.customer_id from numbers m join contacts l on l.id = m.contact_id
                           where m.number in (select n.number from contacts k join numbers n on n.contact_id = k.id
                                              where k.customer_id = $1)))
           where self.id = $1
           order by 5 nulls last, c.id desc limit 50"#,
        id.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Twin {
                id: CustomerId(row.id),
                external_id: row.external_id,
                name: row.name,
                number: row.number.map(|text| number(&text, "table numbers")).transpose()?,
                same_name: row.same_name,
            })
        })
        .collect()
}

/// Holds customers in the order everybody does; Conflict where one is gone or on the line.
pub(crate) async fn hold(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), Trouble> {
    let held = sqlx::query!(
        "select id, gone_at from customers where id = any($1) order by id for no key update",
        ids
    )
    .fetch_all(&mut *connection)
    .await?;
    for id in ids {
        match held.iter().find(|row| row.id == *id) {
            None => return Err(missing("customer", id).into()),
            Some(row) if row.gone_at.is_some() => {
                return Err(conflict(
                    "the customer was merged or erased already: look for the one that is left",
                ));
            }
            Some(_) => {}
        }
    }
    let talking = sqlx::query_scalar!(
        r#"select exists (select from attempts where customer_id = any($1) and ended_at is null) as "talking!""#,
        ids
    )
    .fetch_one(connection)
    .await?;
    if talking {
        return Err(conflict("the customer is being called at this moment: do it again after the call"));
    }
    Ok(())
}

fn conflict(text: &str) -> Trouble {
    StoreError::Conflict(text.to_owned()).into()
}

/// Makes `other` part of `survivor`.
pub(crate) async fn merge(
    connection: &mut PgConnection,
    survivor: CustomerId,
    other: CustomerId,
) -> Result<(), Trouble> {
    if survivor == other {
        return Err(conflict("a customer cannot be merged with himself: choose the other one"));
    }
    let (survivor, other) = (survivor.0, other.0);
    hold(connection, &[survivor, other]).await?;
    fill(connection, survivor, other).await?;
    move_numbers(connection, survivor, other).await?;
    move_tasks(connection, survivor, other).await?;
    sqlx::query!("update waivers set customer_id = $1 where customer_id = $2", survivor, other)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update customers set merged_into = $1 where merged_into = $2", survivor, other)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "update customers set merged_into = $1, gone_at = now(), updated_at = now() where id = $2",
        survivor,
        other
    )
    .execute(&mut *connection)
    .await?;
    move_opt_outs(connection, survivor, other).await
}

/// What the survivor's record lacks.
async fn fill(connection: &mut PgConnection, survivor: Uuid, other: Uuid) -> Result<(), Trouble> {
    sqlx::query!(
        "update customers s set
             class = coalesce(s.class, o.class), branch = coalesce(s.branch, o.branch),
             language = coalesce(s.language, o.language), time_zone = coalesce(s.time_zone, o.time_zone),
             account_manager = coalesce(s.account_manager, o.account_manager),
             rated_person = coalesce(s.rated_person, o.rated_person),
             contract_fen = coalesce(s.contract_fen, o.contract_fen),
             channel = case when s.channel = 'phone' then o.channel else s.channel end,
             dates = o.dates || s.dates,
             products = s.products || coalesce((select jsonb_agg(p) from jsonb_array_elements(o.products) p
                                                where not exists (select from jsonb_array_elements(s.products) q
                                                                  where q -> 'name' = p -> 'name')), '[]'),
             updated_at = now(), dates_changed_at = now()
         from customers o where s.id = $1 and o.id = $2",
        survivor,
        other
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn move_numbers(connection: &mut PgConnection, survivor: Uuid, other: Uuid) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into contacts (id, customer_id, role, name)
         select uuid_v7(), $1, role, name from contacts where customer_id = $2
         on conflict (customer_id, role) do nothing",
        survivor,
        other
    )
    .execute(&mut *connection)
    .await?;
    // Behind those that the survivor has.
    sqlx::query!(
        "insert into numbers (contact_id, number, extension, position, dead_at, dead_reason, origin)
         select mine.id, n.number, n.extension, n.position + 100, n.dead_at, n.dead_reason, 'merge'
         from contacts k join numbers n on n.contact_id = k.id
         join contacts mine on mine.customer_id = $1 and mine.role = k.role
         where k.customer_id = $2
         on conflict (contact_id, number) do nothing",
        survivor,
        other
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from contacts where customer_id = $1", other).execute(connection).await?;
    Ok(())
}

/// Tasks become the survivor's. Where both have one, the survivor's goes on, or ends as the other's did.
async fn move_tasks(connection: &mut PgConnection, survivor: Uuid, other: Uuid) -> Result<(), Trouble> {
    // A claim on a task that was not dialled yet is lost.
    sqlx::query!(
        "update tasks set state = case when attempts = 0 then 'due' else 'waiting' end, lease_node = null,
                          lease_until = null, fence = fence + 1
         where customer_id = any($1) and state = 'calling'",
        &[survivor, other]
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update tasks t set state = twin.state, ended_at = now(),
                            next_why = 'reached under another external id before the two were merged'
         from tasks twin
         where t.customer_id = $1 and twin.customer_id = $2 and twin.plan_id = t.plan_id
           and twin.occasion = t.occasion and twin.role = t.role
           and twin.state in ('succeeded', 'refused') and t.ended_at is null",
        survivor,
        other
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update tasks t set customer_id = $1,
                            zone = coalesce((select time_zone from customers where id = $1), 'Asia/Shanghai')
         where t.customer_id = $2
           and not exists (select from tasks twin where twin.customer_id = $1 and twin.plan_id = t.plan_id
                           and twin.occasion = t.occasion and twin.role = t.role)",
        survivor,
        other
    )
    .execute(&mut *connection)
    .await?;
    end_tasks(connection, other, None, "the customer was merged with another who has this task, too", false)
        .await?;
    for statement in [
        "update attempts set customer_id = $1 where customer_id = $2",
        "update callbacks set customer_id = $1 where customer_id = $2",
        "update ladder_steps set customer_id = $1 where customer_id = $2",
    ] {
        sqlx::query(statement).bind(survivor).bind(other).execute(&mut *connection).await?;
    }
    settle_items(connection, survivor).await
}

/// Ends what a customer still has to expect, of one plan or of all, as withdrawn; not what is on the line. What nobody had
/// touched may come back where a schedule asks for it.
pub(crate) async fn end_tasks(
    connection: &mut PgConnection,
    customer: Uuid,
    plan: Option<Uuid>,
    why: &str,
    may_come_back: bool,
) -> Result<(), Trouble> {
    sqlx::query!(
        "update tasks t set state = 'withdrawn', ended_at = now(), next_why = $3, lease_node = null,
                            lease_until = null, fence = fence + 1,
                            withdrawn_by_dates = $4 and t.state in ('due', 'calling')
                                and not exists (select from attempts a where a.task_id = t.id)
         where t.customer_id = $1 and t.ended_at is null and ($2::uuid is null or t.plan_id = $2)
           and not exists (select from attempts a where a.task_id = t.id and a.ended_at is null)",
        customer,
        plan,
        why,
        may_come_back,
    )
    .execute(&mut *connection)
    .await?;
    settle_items(connection, customer).await
}

/// Items of the queue whose task has ended are done.
async fn settle_items(connection: &mut PgConnection, customer: Uuid) -> Result<(), Trouble> {
    sqlx::query!(
        "update ladder_steps s
         set state = 'done', done_at = now(), outcome = 'failed', note = 'the task went elsewhere'
         from tasks t
         where t.id = s.task_id and s.state <> 'done' and t.ended_at is not null
           and (s.customer_id = $1 or t.customer_id = $1)",
        customer
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update callbacks c set state = 'done', done_at = now() from tasks t
         where t.id = c.task_id and c.state <> 'done' and t.ended_at is not null
           and (c.customer_id = $1 or t.customer_id = $1)",
        customer
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An opt-out of either holds for the survivor.
async fn move_opt_outs(connection: &mut PgConnection, survivor: Uuid, other: Uuid) -> Result<(), Trouble> {
    if !opt_outs::in_force(connection, survivor).await? {
        sqlx::query!("update opt_outs set customer_id = $1 where customer_id = $2", survivor, other)
            .execute(&mut *connection)
            .await?;
    }
    if opt_outs::in_force(connection, survivor).await? {
        opt_outs::end_waiting(connection, survivor).await?;
    }
    Ok(())
}
