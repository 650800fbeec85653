//! What people change of one customer.

use ports::rules;
use records::{CustomerId, CustomerRow};
use sqlx::PgConnection;

use crate::error::Trouble;
use crate::imports::contacts;
use crate::joining::hold;
use crate::opt_outs;
use crate::privacy::NumberKey;
use crate::words::to_json;

const PLACE: &str = "table customers";

/// Writes the record as people want it; numbers they added are not taken away by imports.
pub(crate) async fn change(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: CustomerId,
    row: &CustomerRow,
) -> Result<(), Trouble> {
    let row = rules::importable(std::slice::from_ref(row))?.remove(0);
    hold(connection, &[id.0]).await?;
    sqlx::query!(
        "update customers set name = $2, class = $3, branch = $4, language = $5, time_zone = $6, account_manager = $7,
                rated_person = $8, products = $9, contract_fen = $10, channel = $11, dates = $12,
                updated_at = now(), dates_changed_at = now()
         where id = $1",
        id.0,
        row.name,
        row.class,
        row.branch,
        row.language,
        row.time_zone.map(chrono_tz::Tz::name),
        row.account_manager,
        row.rated_person,
        to_json(&row.products, PLACE)?,
        row.contract_fen,
        row.channel.slug(),
        to_json(&row.dates, PLACE)?,
    )
    .execute(&mut *connection)
    .await?;
    write_numbers(connection, id, &row).await?;
    bar_erased(connection, key, id, &row).await
}

async fn write_numbers(
    connection: &mut PgConnection,
    id: CustomerId,
    row: &CustomerRow,
) -> Result<(), Trouble> {
    let own = records::Contact {
        role: records::ContactRole::default(),
        name: None,
        numbers: row.numbers.clone(),
        extensions: row.extensions.clone(),
    };
    let mut all = row.contacts.clone();
    all.push(own);
    let wanted = contacts(&CustomerRow { contacts: all, ..CustomerRow::default() });
    sqlx::query!(
        "insert into contacts (id, customer_id, role, name)
         select uuid_v7(), $1, g.role, g.name from jsonb_to_recordset($2) as g (role text, name text)
         on conflict (customer_id, role) do update set name = excluded.name",
        id.0,
        wanted
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from numbers n using contacts k
         where k.customer_id = $1 and n.contact_id = k.id
           and not exists (select from jsonb_to_recordset($2) as g (role text, numbers jsonb)
                           where g.role = k.role and g.numbers ? n.number)",
        id.0,
        wanted
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into numbers (contact_id, number, extension, position, origin)
         select k.id, n.number #>> '{}', nullif(g.extensions ->> (n.place - 1)::int, ''), n.place - 1, 'hand'
         from jsonb_to_recordset($2) as g (role text, numbers jsonb, extensions jsonb)
         join contacts k on k.customer_id = $1 and k.role = g.role
         cross join jsonb_array_elements(g.numbers) with ordinality as n (number, place)
         on conflict (contact_id, number) do update set position = excluded.position, extension = excluded.extension",
        id.0,
        wanted
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from contacts k where k.customer_id = $1 and k.role <> 'customer'
           and not exists (select from numbers n where n.contact_id = k.id)",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A number of somebody erased stays barred, whoever enters it.
async fn bar_erased(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: CustomerId,
    row: &CustomerRow,
) -> Result<(), Trouble> {
    let Some(key) = key else { return Ok(()) };
    let barred = row.numbers.iter().chain(row.contacts.iter().flat_map(|contact| &contact.numbers));
    let hashes: Vec<String> = barred.map(|number| key.hash(number)).collect();
    let found = sqlx::query_scalar!(
        r#"select exists (select from barred_numbers where hash = any($1)) as "found!""#,
        &hashes
    )
    .fetch_one(&mut *connection)
    .await?;
    if found {
        opt_outs::of_customer(connection, id.0, None, "erased").await?;
    }
    Ok(())
}
