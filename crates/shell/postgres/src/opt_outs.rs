//! Opt-outs: no calls by any plan, until withdrawn (W3.1).

use ports::StoreError;
use records::{CustomerId, Number};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::customers;
use crate::error::Trouble;
use crate::numbers;
use crate::privacy::NumberKey;

/// The customer opts out, on `number` or else on the first on file. A second time changes nothing.
pub(crate) async fn of_customer(
    connection: &mut PgConnection,
    customer: Uuid,
    number: Option<&Number>,
    source: &str,
) -> Result<(), Trouble> {
    customers::lock(connection, customer).await?;
    sqlx::query!(
        "insert into opt_outs (id, customer_id, number, source)
         values ($1, $2, coalesce($3, (select n.number from contacts k join numbers n on n.contact_id = k.id
                                       where k.customer_id = $2 and k.role = 'customer'
                                       order by n.position limit 1)), $4)
         on conflict do nothing",
        Uuid::now_v7(),
        customer,
        number.map(Number::e164),
        source,
    )
    .execute(&mut *connection)
    .await?;
    end_waiting(connection, customer).await
}

/// Ends the tasks of a customer that wait for a call; not one that is on the line.
pub(crate) async fn end_waiting(connection: &mut PgConnection, customer: Uuid) -> Result<(), Trouble> {
    sqlx::query!(
        "with ended as (
             update tasks t set state = 'refused', ended_at = now(), next_why = 'the customer opted out',
                                lease_node = null, lease_until = null
             from tasks before
             where before.id = t.id and t.customer_id = $1 and t.state in ('due', 'waiting', 'calling')
               and not exists (select from attempts a where a.task_id = t.id and a.ended_at is null)
             returning t.id, before.state
         )
         insert into task_moves (task_id, from_state, to_state, rule, why)
         select id, state, 'refused', 'opted_out', 'the customer wants no calls' from ended",
        customer
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody opts out of whom only the number is known.
pub(crate) async fn of_stranger(
    connection: &mut PgConnection,
    number: &str,
    source: &str,
) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into opt_outs (id, number, source) values ($1, $2, $3) on conflict do nothing",
        Uuid::now_v7(),
        number,
        source
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether this customer, or anybody with this number, opted out.
pub(crate) async fn bar(
    connection: &mut PgConnection,
    customer: Option<Uuid>,
    number: &Number,
) -> Result<bool, Trouble> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from opt_outs where withdrawn_at is null and (number = $2 or customer_id = $1)
               union all
               select from numbers n join contacts k on k.id = n.contact_id
                   join opt_outs o on o.customer_id = k.customer_id
               where n.number = $2 and o.withdrawn_at is null
           ) as "barred!""#,
        customer,
        number.e164(),
    )
    .fetch_one(connection)
    .await?)
}

/// Whether this is the number of somebody who was erased.
pub(crate) async fn erased(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    number: &Number,
) -> Result<bool, Trouble> {
    let Some(key) = key else { return Ok(false) };
    Ok(sqlx::query_scalar!(
        r#"select exists (select from barred_numbers where hash = $1) as "erased!""#,
        key.hash(number)
    )
    .fetch_one(connection)
    .await?)
}

/// Whether this customer opted out.
pub(crate) async fn in_force(connection: &mut PgConnection, customer: Uuid) -> Result<bool, Trouble> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from opt_outs where customer_id = $1 and withdrawn_at is null) as "in_force!""#,
        customer
    )
    .fetch_one(connection)
    .await?)
}

/// The customer wants calls again: his opt-out, those of customers merged into him, and the bars left by an erasure no
/// longer hold.
pub(crate) async fn withdraw(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: CustomerId,
) -> Result<(), Trouble> {
    customers::lock(connection, id.0).await?;
    let withdrawn = sqlx::query!(
        "update opt_outs set withdrawn_at = now() where withdrawn_at is null
           and customer_id in (select id from customers where id = $1 or merged_into = $1)",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    if withdrawn.rows_affected() == 0 {
        let why = "the customer did not opt out, or withdrew it already: there is nothing to withdraw";
        return Err(StoreError::Conflict(why.to_owned()).into());
    }
    let numbers = numbers::of(connection, &[id.0]).await?;
    if let Some(key) = key {
        let hashes: Vec<String> = numbers.iter().map(|number| key.hash(number)).collect();
        sqlx::query!("delete from barred_numbers where hash = any($1)", &hashes).execute(connection).await?;
    }
    Ok(())
}
