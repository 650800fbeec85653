//! Numbers: all of a customer, those still to be tried, those found dead.

use records::{ContactRole, CustomerId, Number, Reason};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::number;

/// Numbers of everybody at these customers, dead ones too.
pub(crate) async fn of(connection: &mut PgConnection, customers: &[Uuid]) -> Result<Vec<Number>, Trouble> {
    let texts = sqlx::query_scalar!(
        "select distinct n.number from contacts k join numbers n on n.contact_id = k.id where k.customer_id = any($1)",
        customers
    )
    .fetch_all(connection)
    .await?;
    Ok(texts.iter().map(|text| number(text, "table numbers")).collect::<Result<_, _>>()?)
}

/// Numbers still to be tried of who plays a part, in order, of the customer himself where nobody does: neither dead nor
/// opted out by anybody.
pub(crate) async fn live(
    connection: &mut PgConnection,
    customer: CustomerId,
    role: &ContactRole,
) -> Result<Vec<Number>, Trouble> {
    let texts =
        sqlx::query_scalar!(r#"select number as "number!" from live_numbers_of($1, $2)"#, customer.0, role.0)
            .fetch_all(connection)
            .await?;
    Ok(texts.iter().map(|text| number(text, "table numbers")).collect::<Result<_, _>>()?)
}

/// The customer's own, of one who is on file.
pub(crate) async fn live_of_known(
    connection: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<Number>, Trouble> {
    crate::customers::exists(connection, customer).await?;
    live(connection, customer, &ContactRole::default()).await
}

/// A number that was confirmed lives again; one that was not there comes last, and no import takes it away.
pub(crate) async fn confirm(
    connection: &mut PgConnection,
    customer: Uuid,
    role: &str,
    number: &Number,
) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into numbers (contact_id, number, position, origin)
         select k.id, $3, coalesce(max(n.position) + 1, 0), 'hand'
         from contacts k left join numbers n on n.contact_id = k.id
         where k.customer_id = $1 and k.role = $2 group by k.id
         on conflict (contact_id, number) do update set dead_at = null, dead_reason = null",
        customer,
        role,
        number.e164(),
    )
    .execute(connection)
    .await?;
    Ok(())
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
