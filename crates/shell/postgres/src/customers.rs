//! Customers: reading and holding them.

use chrono::{DateTime, NaiveDate, Utc};
use ports::StoreError;
use records::{Channel, Contact, ContactRole, Customer, CustomerId, CustomerRow, Extension, Number, OptOut};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{json, missing, number, word};

const PLACE: &str = "table customers";
/// The role of the customer himself.
const CUSTOMER: &str = "customer";

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
                  coalesce(k.reached, '[]') as "reached!",
                  o.number as "opt_out_number?", o.at as "opt_out_at?", o.source as "opt_out_source?"
           from unnest($1::uuid[]) with ordinality as asked (id, place)
           join customers c on c.id = asked.id
           left join lateral (
               select json_agg(json_build_array(k.role, k.name, n.number, n.extension)
                               order by k.role collate "C", n.position, n.number) as reached
               from contacts k join numbers n on n.contact_id = k.id where k.customer_id = c.id
           ) k on true
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
    reached: serde_json::Value,
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
        let Reached { numbers, extensions, others } = reached(json(kept.reached, PLACE)?)?;
        Ok(Self {
            id: CustomerId(kept.id),
            row: CustomerRow {
                external_id: kept.external_id,
                name: kept.name,
                numbers,
                extensions,
                contacts: others,
                class: kept.class,
                branch: kept.branch,
                language: kept.language,
                time_zone,
                account_manager: kept.account_manager,
                rated_person: kept.rated_person,
                products: json(kept.products, PLACE)?,
                contract_fen: kept.contract_fen,
                channel: word::<Channel>(&kept.channel, PLACE)?,
                dates: json::<std::collections::BTreeMap<String, NaiveDate>>(kept.dates, PLACE)?,
            },
            created_at: kept.created_at,
            updated_at: kept.updated_at,
            opt_out,
        })
    }
}

/// The customer himself, and others there.
#[derive(Default)]
struct Reached {
    numbers: Vec<Number>,
    extensions: Vec<Extension>,
    others: Vec<Contact>,
}

/// Role, name, number and extension of each number; those of a role lie together, in the order they are tried.
fn reached(kept: Vec<(String, Option<String>, String, Option<String>)>) -> Result<Reached, StoreError> {
    let mut reached = Reached::default();
    for (role, name, text, extension) in kept {
        let number = number(&text, "table numbers")?;
        let (numbers, extensions) = if role == CUSTOMER {
            (&mut reached.numbers, &mut reached.extensions)
        } else {
            if reached.others.last().is_none_or(|last| last.role.0 != role) {
                let fresh =
                    Contact { role: ContactRole(role), name, numbers: Vec::new(), extensions: Vec::new() };
                reached.others.push(fresh);
            }
            let other = reached.others.last_mut().expect("one was entered where none was");
            (&mut other.numbers, &mut other.extensions)
        };
        numbers.push(number.clone());
        extensions.extend(extension.map(|extension| Extension { number, extension }));
    }
    Ok(reached)
}

/// Fails when there is no such customer.
pub(crate) async fn exists(connection: &mut PgConnection, id: CustomerId) -> Result<(), Trouble> {
    sqlx::query_scalar!("select id from customers where id = $1", id.0)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| missing("customer", id))?;
    Ok(())
}
