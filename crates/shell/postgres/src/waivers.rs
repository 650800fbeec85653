//! Written waivers (L9.4).

use std::collections::HashMap;

use chrono::NaiveDate;
use plan::Exemption;
use ports::StoreError;
use records::{CustomerId, NewWaiver, PlanId, Signature, Waiver, WaiverId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{json, missing, to_json};
use crate::{customers, joining};

const PLACE: &str = "table waivers";

/// Registers one that holds, and ends the tasks it covers.
pub(crate) async fn register(
    connection: &mut PgConnection,
    customer: CustomerId,
    waiver: &NewWaiver,
    today: NaiveDate,
    by: &str,
) -> Result<Waiver, Trouble> {
    waiver.check(today).map_err(|error| StoreError::Conflict(error.to_string()))?;
    customers::lock(connection, customer.0).await?;
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into waivers (id, customer_id, plan_id, contents, customer_signed, customer_signed_on, sales_signed,
                              sales_signed_on, manager_signed, manager_signed_on, registered_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id,
        customer.0,
        waiver.plan.map(|plan| plan.0),
        to_json(&waiver.contents, PLACE)?,
        waiver.customer.name,
        waiver.customer.on,
        waiver.salesperson.name,
        waiver.salesperson.on,
        waiver.sales_manager.name,
        waiver.sales_manager.on,
        by,
    )
    .execute(&mut *connection)
    .await?;
    let plan = waiver.plan.map(|plan| plan.0);
    joining::end_tasks(connection, customer.0, plan, "the customer signed a waiver (L9.4)", true).await?;
    let mut all = of(connection, customer).await?;
    let place = all.iter().position(|kept| kept.id.0 == id).ok_or_else(|| missing("waiver", id))?;
    Ok(all.swap_remove(place))
}

/// Takes one back; schedules look at the customer again.
pub(crate) async fn revoke(connection: &mut PgConnection, id: WaiverId, by: &str) -> Result<(), Trouble> {
    let revoked = sqlx::query_scalar!(
        "update waivers set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null
         returning customer_id",
        id.0,
        by
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(customer) = revoked {
        sqlx::query!("update customers set dates_changed_at = now() where id = $1", customer)
            .execute(connection)
            .await?;
        return Ok(());
    }
    sqlx::query_scalar!("select id from waivers where id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| missing("waiver", id))?;
    Err(StoreError::Conflict("the waiver was revoked already".to_owned()).into())
}

/// Newest first.
pub(crate) async fn of(connection: &mut PgConnection, customer: CustomerId) -> Result<Vec<Waiver>, Trouble> {
    let rows = sqlx::query!(
        "select id, customer_id, plan_id, contents, customer_signed, customer_signed_on, sales_signed, sales_signed_on,
                manager_signed, manager_signed_on, registered_by, registered_at, revoked_by, revoked_at
         from waivers where customer_id = $1 order by id desc",
        customer.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Waiver {
                id: WaiverId(row.id),
                customer_id: CustomerId(row.customer_id),
                content: NewWaiver {
                    plan: row.plan_id.map(PlanId),
                    contents: json(row.contents, PLACE)?,
                    customer: Signature { name: row.customer_signed, on: row.customer_signed_on },
                    salesperson: Signature { name: row.sales_signed, on: row.sales_signed_on },
                    sales_manager: Signature { name: row.manager_signed, on: row.manager_signed_on },
                },
                registered_by: row.registered_by,
                registered_at: row.registered_at,
                revoked_by: row.revoked_by,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}

/// When these customers were exempt from the plan, or are.
pub(crate) async fn exemptions(
    connection: &mut PgConnection,
    plan: PlanId,
    customers: &[Uuid],
) -> Result<HashMap<CustomerId, Vec<Exemption>>, Trouble> {
    let rows = sqlx::query!(
        "select customer_id, registered_at, revoked_at from waivers
         where customer_id = any($1) and (plan_id is null or plan_id = $2)",
        customers,
        plan.0
    )
    .fetch_all(connection)
    .await?;
    let mut found: HashMap<CustomerId, Vec<Exemption>> = HashMap::new();
    for row in rows {
        let exemption = Exemption { since: row.registered_at, until: row.revoked_at };
        found.entry(CustomerId(row.customer_id)).or_default().push(exemption);
    }
    Ok(found)
}

/// Whether one covers this plan for this customer.
pub(crate) async fn cover(
    connection: &mut PgConnection,
    customer: Uuid,
    plan: Uuid,
) -> Result<bool, Trouble> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from waivers where customer_id = $1 and revoked_at is null
                          and (plan_id is null or plan_id = $2)) as "covered!""#,
        customer,
        plan
    )
    .fetch_one(connection)
    .await?)
}
