//! Lists, made a part at a time: a million tasks in one transaction would hold a million locks, and the server would plan
//! for the empty table that it counted before.

use plan::Rank;
use ports::{LISTED_AT_ONCE, Listed};
use records::{Audience, Plan, PlanId, Segment};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::{plans, transact};

/// The first part of a list that is being started; what is left of it is noted down.
pub(crate) async fn begin(connection: &mut PgConnection, plan: &Plan) -> Result<u64, Trouble> {
    let part = make(connection, plan, None, LISTED_AT_ONCE).await?;
    if part.whole {
        forget(connection, plan.id).await?;
    } else {
        sqlx::query!(
            "insert into listings (plan_id, after) values ($1, $2)
             on conflict (plan_id) do update set after = excluded.after, begun = now()",
            plan.id.0,
            part.last,
        )
        .execute(connection)
        .await?;
    }
    Ok(part.made)
}

/// The next part of a list: what a process that is gone had begun of it was rolled back with it.
pub(crate) async fn go_on(connection: &mut PgConnection, limit: u32) -> Result<Option<Listed>, Trouble> {
    let next = sqlx::query_scalar!(
        "select l.plan_id from listings l join plans p on p.id = l.plan_id
         where p.state in ('running', 'paused') order by p.priority desc, l.plan_id limit 1"
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(id) = next.map(PlanId) else { return Ok(None) };
    // The plan before its list, as its start locks them.
    let state = sqlx::query_scalar!("select state from plans where id = $1 for share", id.0)
        .fetch_one(&mut *connection)
        .await?;
    let place =
        sqlx::query_scalar!("select after from listings where plan_id = $1 for update skip locked", id.0)
            .fetch_optional(&mut *connection)
            .await?;
    let Some(after) = place.filter(|_| matches!(state.as_str(), "running" | "paused")) else {
        return Ok(None);
    };
    let plan = plans::one(connection, id).await?;
    let Part { made, last, whole } = make(connection, &plan, after, limit).await?;
    if whole {
        forget(connection, id).await?;
    } else {
        sqlx::query!("update listings set after = $2 where plan_id = $1", id.0, last)
            .execute(connection)
            .await?;
    }
    Ok(Some(Listed { plan: id, made, whole }))
}

async fn forget(connection: &mut PgConnection, plan: PlanId) -> Result<(), Trouble> {
    sqlx::query!("delete from listings where plan_id = $1", plan.0).execute(connection).await?;
    Ok(())
}

/// What was made of a list.
struct Part {
    made: u64,
    last: Option<Uuid>,
    whole: bool,
}

/// The tasks of the next customers on the list, who are locked, so that nobody opts out or waives meanwhile.
async fn make(
    connection: &mut PgConnection,
    plan: &Plan,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Part, Trouble> {
    sqlx::query(transact::LONG).execute(&mut *connection).await?;
    let content = &plan.content;
    let members = members(connection, &content.audience, after, limit).await?;
    let roles: Vec<String> = content.schedule.called_roles().into_iter().map(|role| role.0).collect();
    let classes: Vec<String> = content.schedule.priority_by_class.keys().cloned().collect();
    let ranks: Vec<i16> =
        classes.iter().map(|class| i16::from(Rank::by_class(content, Some(class)).number())).collect();
    let made = sqlx::query!(
        "insert into tasks (id, plan_id, customer_id, role, mode, rank, state, ended_at, next_why)
         select uuid_v7(), $1, m.id, r.role, $3, coalesce(k.rank, $7),
                case when o.id is null then 'due' else 'refused' end,
                case when o.id is null then null else now() end,
                case when o.id is null then null else 'the customer opted out' end
         from unnest($2::uuid[]) as m (id) cross join unnest($4::text[]) as r (role)
         join customers c on c.id = m.id left join unnest($5::text[], $6::smallint[]) as k (class, rank) on k.class = c.class
         left join opt_outs o on o.customer_id = m.id and o.withdrawn_at is null
         where not exists (select from waivers w where w.customer_id = m.id and w.revoked_at is null
                           and (w.plan_id is null or w.plan_id = $1))
         order by m.id, r.role
         on conflict (plan_id, customer_id, occasion, role) do nothing",
        plan.id.0,
        &members,
        content.schedule.mode.slug(),
        &roles,
        &classes,
        &ranks,
        i16::from(Rank::by_class(content, None).number()),
    )
    .execute(connection)
    .await?;
    let whole = members.len() < limit as usize;
    Ok(Part { made: made.rows_affected(), last: members.last().copied(), whole })
}

async fn members(
    connection: &mut PgConnection,
    audience: &Audience,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Uuid>, Trouble> {
    let Members { everyone, class, external_ids, segment } = Members::from(audience);
    Ok(sqlx::query_scalar!(
        "select c.id from customers c
         where c.gone_at is null and ($8::uuid is null or c.id > $8)
           and ($1 or c.class = $2 or c.external_id = any($3)
                or ($4 and (cardinality($5::text[]) = 0 or c.class = any($5))
                       and (cardinality($6::text[]) = 0 or c.branch = any($6))
                       and (cardinality($7::text[]) = 0
                            or exists (select from jsonb_array_elements(c.products) p where p ->> 'name' = any($7)))))
         order by c.id limit $9
         for no key update",
        everyone,
        class,
        &external_ids,
        segment.is_some(),
        &segment.as_ref().map(|segment| segment.classes.clone()).unwrap_or_default(),
        &segment.as_ref().map(|segment| segment.branches.clone()).unwrap_or_default(),
        &segment.map(|segment| segment.products).unwrap_or_default(),
        after,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?)
}

/// An audience as the statement takes it.
#[derive(Default)]
struct Members {
    everyone: bool,
    class: Option<String>,
    external_ids: Vec<String>,
    segment: Option<Segment>,
}

impl From<&Audience> for Members {
    fn from(audience: &Audience) -> Self {
        match audience.clone() {
            Audience::Everyone => Self { everyone: true, ..Self::default() },
            Audience::Class(class) => Self { class: Some(class), ..Self::default() },
            Audience::ExternalIds(external_ids) => Self { external_ids, ..Self::default() },
            Audience::Segment(segment) => Self { segment: Some(segment), ..Self::default() },
        }
    }
}
