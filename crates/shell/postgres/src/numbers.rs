//! Numbers: those of an import, those still to be tried, those found dead.

use records::{CustomerId, CustomerRow, Number, Reason};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::number;

/// Makes the numbers of these customers those of the rows. A number that stays keeps what is known of it.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    rows: &[(Uuid, &CustomerRow)],
) -> Result<(), Trouble> {
    let customers: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
    let contacts: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "insert into contacts (id, customer_id, role)
         select id, customer, 'customer' from unnest($1::uuid[], $2::uuid[]) as fresh (id, customer)
         on conflict (customer_id, role) do nothing",
        &contacts,
        &customers,
    )
    .execute(&mut *connection)
    .await?;
    let mut owners = Vec::new();
    let mut texts = Vec::new();
    let mut positions = Vec::new();
    for (id, row) in rows {
        for (number, position) in row.numbers.iter().zip(0_i32..) {
            owners.push(*id);
            texts.push(number.e164().to_owned());
            positions.push(position);
        }
    }
    sqlx::query!(
        "delete from numbers n using contacts k
         where n.contact_id = k.id and k.role = 'customer' and k.customer_id = any($1)
           and (k.customer_id, n.number) not in (select * from unnest($2::uuid[], $3::text[]))",
        &customers,
        &owners,
        &texts,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into numbers (contact_id, number, position)
         select k.id, fresh.number, fresh.position
         from unnest($1::uuid[], $2::text[], $3::int[]) as fresh (customer, number, position)
         join contacts k on k.customer_id = fresh.customer and k.role = 'customer'
         on conflict (contact_id, number) do update set position = excluded.position",
        &owners,
        &texts,
        &positions,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The customer's numbers that are neither dead nor opted out, in order.
pub(crate) async fn live(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Number>, Trouble> {
    crate::customers::exists(connection, customer).await?;
    let texts = sqlx::query_scalar!(
        "select n.number from contacts k join numbers n on n.contact_id = k.id
         where k.customer_id = $1 and k.role = 'customer' and n.dead_at is null
           and not exists (select from opt_outs o where o.number = n.number and o.withdrawn_at is null)
           and not exists (select from opt_outs o where o.customer_id = $1 and o.withdrawn_at is null)
         order by n.position",
        customer.0
    )
    .fetch_all(connection)
    .await?;
    Ok(texts.iter().map(|text| number(text, "table numbers")).collect::<Result<_, _>>()?)
}

/// Marks a number as not to be dialled for this customer any more.
pub(crate) async fn bury(
    connection: &mut PgConnection,
    customer: Uuid,
    number: &str,
    reason: Reason,
) -> Result<(), Trouble> {
    sqlx::query!(
        "update numbers n set dead_at = now(), dead_reason = $3
         from contacts k
         where n.contact_id = k.id and k.customer_id = $1 and n.number = $2 and n.dead_at is null",
        customer,
        number,
        reason.slug(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
