//! Customers: reading them and the import.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use ports::{ImportReport, StoreError};
use records::{Customer, CustomerId, CustomerRow, OptOut};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::numbers;
use crate::words::{json, missing, number, to_json, word};

const PLACE: &str = "table customers";

/// Rows of one statement of an import.
const PORTION: usize = 5_000;

pub(crate) async fn one(connection: &mut PgConnection, id: CustomerId) -> Result<Customer, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("customer", id))?)
}

/// The customers of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Customer>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        r#"select c.id, c.external_id, c.name, c.class, c.branch, c.language, c.time_zone, c.account_manager,
                  c.rated_person, c.products, c.contract_fen, c.channel, c.dates, c.created_at, c.updated_at,
                  array(select n.number from contacts k join numbers n on n.contact_id = k.id
                        where k.customer_id = c.id and k.role = 'customer' order by n.position) as "numbers!",
                  o.number as "opt_out_number?", o.at as "opt_out_at?", o.source as "opt_out_source?"
           from unnest($1::uuid[]) with ordinality as asked (id, place)
           join customers c on c.id = asked.id
           left join opt_outs o on o.customer_id = c.id and o.withdrawn_at is null
           order by asked.place"#,
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Customer::try_from).collect::<Result<_, _>>()?)
}

/// Everybody who changes what may be done with a customer's tasks holds this lock, so that they act one by one.
pub(crate) async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<(), Trouble> {
    sqlx::query_scalar!("select id from customers where id = $1 for no key update", id)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| missing("customer", id))?;
    Ok(())
}

/// Creates and updates customers; all or none.
pub(crate) async fn import(
    connection: &mut PgConnection,
    rows: &[CustomerRow],
) -> Result<ImportReport, Trouble> {
    sqlx::query(crate::transact::LONG).execute(&mut *connection).await?;
    // Two imports of the same list at once would both find a customer missing.
    sqlx::query("select pg_advisory_xact_lock(hashtext('huifang import'))").execute(&mut *connection).await?;
    let mut report = ImportReport::default();
    for portion in rows.chunks(PORTION) {
        import_portion(connection, portion, &mut report).await?;
    }
    Ok(report)
}

async fn import_portion(
    connection: &mut PgConnection,
    rows: &[CustomerRow],
    report: &mut ImportReport,
) -> Result<(), Trouble> {
    let names: Vec<String> = rows.iter().map(|row| row.external_id.clone()).collect();
    let ids = sqlx::query_scalar!(
        "select id from customers where external_id = any($1) order by id for no key update",
        &names
    )
    .fetch_all(&mut *connection)
    .await?;
    let kept = by_ids(connection, &ids).await?;
    let kept: HashMap<&str, &Customer> = kept.iter().map(|one| (one.row.external_id.as_str(), one)).collect();
    let mut written = Vec::new();
    for row in rows {
        match kept.get(row.external_id.as_str()) {
            Some(customer) if customer.row == *row => report.unchanged += 1,
            Some(customer) => {
                report.updated += 1;
                written.push((customer.id.0, row));
            }
            None => {
                report.created += 1;
                written.push((Uuid::now_v7(), row));
            }
        }
    }
    write(connection, &written).await?;
    numbers::replace(connection, &written).await
}

async fn write(connection: &mut PgConnection, rows: &[(Uuid, &CustomerRow)]) -> Result<(), Trouble> {
    let text = |of: fn(&CustomerRow) -> Option<&String>| -> Vec<Option<String>> {
        rows.iter().map(|(_, row)| of(row).cloned()).collect()
    };
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
    let dates = rows.iter().map(|(_, row)| to_json(&row.dates, PLACE)).collect::<Result<Vec<_>, _>>()?;
    let products =
        rows.iter().map(|(_, row)| to_json(&row.products, PLACE)).collect::<Result<Vec<_>, _>>()?;
    let zones: Vec<Option<String>> =
        rows.iter().map(|(_, row)| row.time_zone.map(|zone| zone.name().to_owned())).collect();
    sqlx::query!(
        "insert into customers (id, external_id, name, class, branch, language, time_zone, account_manager,
                                rated_person, products, dates)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                              $8::text[], $9::text[], $10::jsonb[], $11::jsonb[])
         on conflict (id) do update set
             name = excluded.name, class = excluded.class, branch = excluded.branch, language = excluded.language,
             time_zone = excluded.time_zone, account_manager = excluded.account_manager,
             rated_person = excluded.rated_person, products = excluded.products, dates = excluded.dates,
             updated_at = now(), dates_changed_at = now()",
        &ids,
        &text(|row| Some(&row.external_id)) as _,
        &text(|row| Some(&row.name)) as _,
        &text(|row| row.class.as_ref()) as _,
        &text(|row| row.branch.as_ref()) as _,
        &text(|row| row.language.as_ref()) as _,
        &zones as _,
        &text(|row| row.account_manager.as_ref()) as _,
        &text(|row| row.rated_person.as_ref()) as _,
        &products,
        &dates,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A customer as the query gives it.
struct Kept {
    id: Uuid,
    external_id: String,
    name: String,
    class: Option<String>,
    branch: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    account_manager: Option<String>,
    rated_person: Option<String>,
    products: serde_json::Value,
    contract_fen: Option<i64>,
    channel: String,
    dates: serde_json::Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    numbers: Vec<String>,
    opt_out_number: Option<String>,
    opt_out_at: Option<DateTime<Utc>>,
    opt_out_source: Option<String>,
}

impl TryFrom<Kept> for Customer {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        let opt_out = match (kept.opt_out_number, kept.opt_out_at, kept.opt_out_source) {
            (Some(on), Some(at), Some(source)) => Some(OptOut { number: number(&on, PLACE)?, at, source }),
            _ => None,
        };
        let time_zone = kept
            .time_zone
            .map(|name| name.parse::<chrono_tz::Tz>())
            .transpose()
            .map_err(|error| StoreError::Corrupt { place: PLACE, why: error.to_string() })?;
        Ok(Self {
            id: CustomerId(kept.id),
            row: CustomerRow {
                external_id: kept.external_id,
                name: kept.name,
                numbers: kept.numbers.iter().map(|text| number(text, PLACE)).collect::<Result<_, _>>()?,
                class: kept.class,
                branch: kept.branch,
                language: kept.language,
                time_zone,
                account_manager: kept.account_manager,
                rated_person: kept.rated_person,
                products: json(kept.products, PLACE)?,
                contract_fen: kept.contract_fen,
                channel: word(&kept.channel, PLACE)?,
                dates: json::<std::collections::BTreeMap<String, NaiveDate>>(kept.dates, PLACE)?,
                ..CustomerRow::default()
            },
            created_at: kept.created_at,
            updated_at: kept.updated_at,
            opt_out,
        })
    }
}

/// Fails when there is no such customer.
pub(crate) async fn exists(connection: &mut PgConnection, id: CustomerId) -> Result<(), Trouble> {
    sqlx::query_scalar!("select id from customers where id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| missing("customer", id))?;
    Ok(())
}
