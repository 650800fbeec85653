//! Customers who may be the same one, listed.

use std::collections::BTreeMap;

use ports::{Alike, Page, PageOf, Twin};
use records::CustomerId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::number;

/// Those who have one before them with the same number, or of the same name at the same branch; newest first.
pub(crate) async fn list(connection: &mut PgConnection, page: Page) -> Result<PageOf<Alike>, Trouble> {
    let limit = page.limit.max(1) as usize;
    let mut items = those_alike(&mut *connection, page.before, limit as i64 + 1).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let ids: Vec<Uuid> = items.iter().map(|one| one.id.0).collect();
    let mut twins = twins_of(connection, &ids).await?;
    for item in &mut items {
        item.twins = twins.remove(&item.id).unwrap_or_default();
    }
    Ok(PageOf { next: items.last().filter(|_| more).map(|last| last.id.0), items })
}

/// What is held more than once is found first, by one pass over the index each; who holds it follows from that.
async fn those_alike(
    connection: &mut PgConnection,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Alike>, Trouble> {
    let rows = sqlx::query!(
        "with shared as materialized (
             select number from numbers group by number having count(*) > 1
         ), held as (
             select distinct s.number, k.customer_id as id
             from shared s join numbers n on n.number = s.number join contacts k on k.id = n.contact_id
             join customers c on c.id = k.customer_id and c.gone_at is null
         ), named as materialized (
             select name, branch from customers where gone_at is null and branch is not null
             group by name, branch having count(*) > 1
         ), placed as (
             select id, row_number() over (partition by number order by id) as place from held
             union all
             select c.id, row_number() over (partition by c.name, c.branch order by c.id)
             from named d join customers c on c.name = d.name and c.branch = d.branch and c.gone_at is null
         ), later as (
             select distinct id from placed where place > 1
         )
         select c.id, c.external_id, c.name, c.branch from later l join customers c on c.id = l.id
         where $1::uuid is null or c.id < $1
         order by c.id desc limit $2",
        before,
        limit
    )
    .fetch_all(connection)
    .await?;
    let alike = rows.into_iter().map(|row| Alike {
        id: CustomerId(row.id),
        external_id: row.external_id,
        name: row.name,
        branch: row.branch,
        twins: Vec::new(),
    });
    Ok(alike.collect())
}

/// Those before each of these customers, at most 20.
async fn twins_of(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<CustomerId, Vec<Twin>>, Trouble> {
    let rows = sqlx::query!(
        r#"select self.id as "later!", t.id as "id!", t.external_id as "external_id!", t.name as "name!",
                  t.same_name as "same_name!", t.number
           from unnest($1::uuid[]) as asked (id) join customers self on self.id = asked.id
           cross join lateral (
               select c.id, c.external_id, c.name, c.name = self.name as same_name, common.number
               from (select k.customer_id as id, min(n.number) as number
                     from numbers m join contacts l on l.id = m.contact_id and l.customer_id = self.id
                     join numbers n on n.number = m.number join contacts k on k.id = n.contact_id
                     group by k.customer_id
                     union all
                     select o.id, null from customers o
                     where o.name = self.name and o.branch = self.branch and o.gone_at is null
                       and not exists (
                           select 1 from numbers m join contacts l on l.id = m.contact_id and l.customer_id = self.id
                           join numbers n on n.number = m.number
                           join contacts k on k.id = n.contact_id and k.customer_id = o.id)
                    ) common
               join customers c on c.id = common.id and c.gone_at is null and c.id < self.id
               order by common.number nulls last, c.id desc limit 20
           ) t"#,
        ids
    )
    .fetch_all(connection)
    .await?;
    let mut twins: BTreeMap<CustomerId, Vec<Twin>> = BTreeMap::new();
    for row in rows {
        twins.entry(CustomerId(row.later)).or_default().push(Twin {
            id: CustomerId(row.id),
            external_id: row.external_id,
            name: row.name,
            number: row.number.map(|text| number(&text, "table numbers")).transpose()?,
            same_name: row.same_name,
        });
    }
    Ok(twins)
}
