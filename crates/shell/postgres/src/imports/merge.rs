//! From rows put aside to customers, by a handful of statements over all of them, in one transaction.

use intake::IntakeRow;
use ports::{Import, ImportCounts, ImportReport, StoreError};
use records::{CustomerRow, ImportId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Scope, ledger, staging};
use crate::error::Trouble;
use crate::opt_outs;
use crate::privacy::NumberKey;
use crate::words::count;

/// Rows of one COPY where all of them come at once.
const PORTION: usize = 5_000;

/// Of so many new customers the planner is told at once; of fewer autovacuum tells it in time.
const WORTH_COUNTING: u64 = 10_000;

/// Makes the rows of an import that was read customers.
pub(crate) async fn carry_out(connection: &mut PgConnection, id: ImportId) -> Result<Import, Trouble> {
    sqlx::query(crate::transact::LONG).execute(&mut *connection).await?;
    ledger::in_state(connection, id, "read").await?;
    let import = ledger::one(connection, id).await?;
    let staged =
        sqlx::query_scalar!(r#"select count(*) as "count!" from import_rows where import_id = $1"#, id.0)
            .fetch_one(&mut *connection)
            .await?;
    if count(staged) + import.faulty < import.rows {
        let why =
            "the rows were lost when the database crashed: drop this import and bring the file once more";
        return Err(StoreError::Conflict(why.to_owned()).into());
    }
    let counts = merge(connection, id, &Scope::of(&import.layout)).await?;
    sqlx::query!(
        "update imports set state = 'done', sample = '[]', ended_at = now(),
                            created = $2, updated = $3, unchanged = $4, merged = $5
         where id = $1",
        id.0,
        counts.created as i64,
        counts.updated as i64,
        counts.unchanged as i64,
        counts.merged as i64,
    )
    .execute(&mut *connection)
    .await?;
    ledger::sweep(connection, &[id.0]).await?;
    if counts.created >= WORTH_COUNTING {
        sqlx::query("analyze customers, contacts, numbers").execute(&mut *connection).await?;
    }
    ledger::one(connection, id).await
}

/// Rows that say everything about their customers, at once.
pub(crate) async fn directly(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    rows: &[CustomerRow],
) -> Result<ImportReport, Trouble> {
    sqlx::query(crate::transact::LONG).execute(&mut *connection).await?;
    let id = ImportId(Uuid::now_v7());
    let numbered: Vec<IntakeRow> =
        (1..).zip(rows).map(|(line, row)| IntakeRow { line, row: row.clone(), opt_out: false }).collect();
    for portion in numbered.chunks(PORTION) {
        staging::copy_rows(connection, key, id, portion).await?;
    }
    let scope = Scope::whole();
    compare(connection, id, &scope).await?;
    let counts = merge(connection, id, &scope).await?;
    ledger::sweep(connection, &[id.0]).await?;
    Ok(ImportReport {
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged + counts.merged,
    })
}

/// Of rows that have been compared.
async fn merge(connection: &mut PgConnection, id: ImportId, scope: &Scope) -> Result<ImportCounts, Trouble> {
    // Two imports of the same list at once would both find a customer missing.
    sqlx::query("select pg_advisory_xact_lock(hashtext('huifang import'))").execute(&mut *connection).await?;
    hold_changing(connection, id).await?;
    // Since they were compared, and until they were locked, people could change them.
    let counts = compare(connection, id, scope).await?;
    create(connection, id).await?;
    update(connection, id, scope).await?;
    replace_numbers(connection, id).await?;
    replace_contacts(connection, id, scope).await?;
    bar_erased(connection, id).await?;
    opt_out_marked(connection, id).await?;
    Ok(counts)
}

/// Locks whom the list changes, in the order everybody locks them. On most days that is hardly anybody, and the calls
/// to all others go on meanwhile.
async fn hold_changing(connection: &mut PgConnection, id: ImportId) -> Result<(), Trouble> {
    sqlx::query_scalar!(
        "select count(*) from (
             select c.id from customers c
             where c.id in (select h.customer_id from import_hits h where h.import_id = $1 and h.change = 'update')
             order by c.id for no key update
         ) held",
        id.0
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(())
}

/// Which rows belong to customers that are there, and whether they say anything new. Of several rows for one customer,
/// which a merge makes possible, the one under his own id speaks, else the last.
pub(super) async fn compare(
    connection: &mut PgConnection,
    id: ImportId,
    scope: &Scope,
) -> Result<ImportCounts, Trouble> {
    sqlx::query!("delete from import_hits where import_id = $1", id.0).execute(&mut *connection).await?;
    // Behind an import nobody has counted the numbers yet, and the planner would read all of them for each customer.
    sqlx::query("set local enable_seqscan = off").execute(&mut *connection).await?;
    sqlx::query!(
        r#"insert into import_hits (import_id, line, customer_id, change)
           select $1, r.line, t.id,
                  case when found.rank > 1 then 'merged'
                       when t.name = r.name
                            and ('class' <> all($2) or t.class is not distinct from r.class)
                            and ('branch' <> all($2) or t.branch is not distinct from r.branch)
                            and ('language' <> all($2) or t.language is not distinct from r.language)
                            and ('time_zone' <> all($2) or t.time_zone is not distinct from r.time_zone)
                            and ('account_manager' <> all($2)
                                 or t.account_manager is not distinct from r.account_manager)
                            and ('rated_person' <> all($2) or t.rated_person is not distinct from r.rated_person)
                            and ('products' <> all($2) or t.products = r.products)
                            and ('contract_value' <> all($2) or t.contract_fen is not distinct from r.contract_fen)
                            and ('channel' <> all($2) or t.channel = r.channel)
                            and t.dates = case when $3::text[] is null then r.dates
                                               else (t.dates - $3::text[]) || r.dates end
                            and (not r.opt_out or exists (select from opt_outs o
                                                          where o.customer_id = t.id and o.withdrawn_at is null))
                            and (r.numbers, r.extensions) = (
                                select coalesce(array_agg(n.number order by n.position, n.number), '{}'),
                                       coalesce(array_agg(coalesce(n.extension, '') order by n.position, n.number), '{}')
                                from contacts k join numbers n on n.contact_id = k.id
                                where k.customer_id = t.id and k.role = 'customer' and n.origin = 'import')
                            and (cardinality($4::text[]) = 0
                                 or contacts_of(t.id, '{import}', $4) = r.contacts)
                       then 'same' else 'update' end
           from (
               select r.line, coalesce(c.merged_into, c.id) as target,
                      row_number() over (partition by coalesce(c.merged_into, c.id)
                                         order by (c.merged_into is null) desc, r.line desc) as rank
               from import_rows r join customers c on c.external_id = r.external_id
               where r.import_id = $1
           ) found
           join import_rows r on r.import_id = $1 and r.line = found.line
           join customers t on t.id = found.target"#,
        id.0,
        &scope.fields,
        scope.events.as_deref() as _,
        scope.roles.as_deref() as _,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("set local enable_seqscan = on").execute(&mut *connection).await?;
    let counts = sqlx::query!(
        r#"select (select count(*) from import_rows where import_id = $1) - count(*) as "created!",
                  count(*) filter (where change = 'update') as "updated!",
                  count(*) filter (where change = 'same') as "unchanged!",
                  count(*) filter (where change = 'merged') as "merged!"
           from import_hits where import_id = $1"#,
        id.0
    )
    .fetch_one(connection)
    .await?;
    Ok(ImportCounts {
        created: count(counts.created),
        updated: count(counts.updated),
        unchanged: count(counts.unchanged),
        merged: count(counts.merged),
    })
}

/// Those that no row hit.
async fn create(connection: &mut PgConnection, id: ImportId) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into customers (id, external_id, name, class, branch, language, time_zone, account_manager, rated_person,
                                products, contract_fen, channel, dates)
         select r.id, r.external_id, r.name, r.class, r.branch, r.language, r.time_zone, r.account_manager,
                r.rated_person, r.products, r.contract_fen, r.channel, r.dates
         from import_rows r
         where r.import_id = $1
           and not exists (select from import_hits h where h.import_id = $1 and h.line = r.line)
         order by r.line",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into contacts (id, customer_id, role)
         select r.contact_id, r.id, 'customer' from import_rows r
         where r.import_id = $1
           and not exists (select from import_hits h where h.import_id = $1 and h.line = r.line)
         order by r.line",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into numbers (contact_id, number, extension, position)
         select r.contact_id, n.number, nullif(n.extension, ''), n.place - 1
         from import_rows r
         cross join unnest(r.numbers, r.extensions) with ordinality as n (number, extension, place)
         where r.import_id = $1
           and not exists (select from import_hits h where h.import_id = $1 and h.line = r.line)
         order by r.line",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn update(connection: &mut PgConnection, id: ImportId, scope: &Scope) -> Result<(), Trouble> {
    sqlx::query!(
        "update customers t set
             name = r.name,
             class = case when 'class' = any($2) then r.class else t.class end,
             branch = case when 'branch' = any($2) then r.branch else t.branch end,
             language = case when 'language' = any($2) then r.language else t.language end,
             time_zone = case when 'time_zone' = any($2) then r.time_zone else t.time_zone end,
             account_manager = case when 'account_manager' = any($2) then r.account_manager else t.account_manager end,
             rated_person = case when 'rated_person' = any($2) then r.rated_person else t.rated_person end,
             products = case when 'products' = any($2) then r.products else t.products end,
             contract_fen = case when 'contract_value' = any($2) then r.contract_fen else t.contract_fen end,
             channel = case when 'channel' = any($2) then r.channel else t.channel end,
             dates = case when $3::text[] is null then r.dates else (t.dates - $3::text[]) || r.dates end,
             updated_at = now(), dates_changed_at = now()
         from import_rows r join import_hits h on h.import_id = r.import_id and h.line = r.line
         where r.import_id = $1 and h.change = 'update' and t.id = h.customer_id",
        id.0,
        &scope.fields,
        scope.events.as_deref() as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Numbers of imports become those of the row; what people or a merge added stays. A number that stays keeps what is
/// known of it.
async fn replace_numbers(connection: &mut PgConnection, id: ImportId) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into contacts (id, customer_id, role)
         select r.contact_id, h.customer_id, 'customer'
         from import_rows r join import_hits h on h.import_id = r.import_id and h.line = r.line
         where r.import_id = $1 and h.change = 'update'
         on conflict (customer_id, role) do nothing",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from numbers n
         using import_rows r
         join import_hits h on h.import_id = r.import_id and h.line = r.line
         join contacts k on k.customer_id = h.customer_id and k.role = 'customer'
         where r.import_id = $1 and h.change = 'update' and n.contact_id = k.id and n.origin = 'import'
           and n.number <> all(r.numbers)",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into numbers (contact_id, number, extension, position)
         select k.id, n.number, nullif(n.extension, ''), n.place - 1
         from import_rows r
         join import_hits h on h.import_id = r.import_id and h.line = r.line
         join contacts k on k.customer_id = h.customer_id and k.role = 'customer'
         cross join unnest(r.numbers, r.extensions) with ordinality as n (number, extension, place)
         where r.import_id = $1 and h.change = 'update'
         on conflict (contact_id, number) do update
             set position = excluded.position, extension = excluded.extension, origin = 'import'",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same for others at the customer, of the roles that the file speaks about.
async fn replace_contacts(connection: &mut PgConnection, id: ImportId, scope: &Scope) -> Result<(), Trouble> {
    if scope.roles.as_ref().is_some_and(Vec::is_empty) {
        return Ok(());
    }
    sqlx::query!(
        "delete from numbers n
         using import_hits h join contacts k on k.customer_id = h.customer_id
         where h.import_id = $1 and h.change = 'update' and n.contact_id = k.id and n.origin = 'import'
           and k.role <> 'customer' and ($2::text[] is null or k.role = any($2))
           and not exists (select from import_rows r
                           cross join jsonb_to_recordset(r.contacts) as g (role text, numbers jsonb)
                           where r.import_id = $1 and r.line = h.line and g.role = k.role
                             and g.numbers ? n.number)",
        id.0,
        scope.roles.as_deref() as _,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from contacts k using import_hits h
         where h.import_id = $1 and h.change = 'update' and k.customer_id = h.customer_id and k.role <> 'customer'
           and ($2::text[] is null or k.role = any($2))
           and not exists (select from numbers n where n.contact_id = k.id)",
        id.0,
        scope.roles.as_deref() as _,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into contacts (id, customer_id, role, name)
         select uuid_v7(), coalesce(h.customer_id, r.id), g.role, g.name
         from import_rows r
         left join import_hits h on h.import_id = r.import_id and h.line = r.line
         cross join jsonb_to_recordset(r.contacts) as g (role text, name text)
         where r.import_id = $1 and coalesce(h.change, 'update') = 'update' and r.contacts <> '[]'
         on conflict (customer_id, role) do update set name = excluded.name",
        id.0
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into numbers (contact_id, number, extension, position)
         select k.id, n.number #>> '{}', nullif(g.extensions ->> (n.place - 1)::int, ''), n.place - 1
         from import_rows r
         left join import_hits h on h.import_id = r.import_id and h.line = r.line
         cross join jsonb_to_recordset(r.contacts) as g (role text, numbers jsonb, extensions jsonb)
         join contacts k on k.customer_id = coalesce(h.customer_id, r.id) and k.role = g.role
         cross join jsonb_array_elements(g.numbers) with ordinality as n (number, place)
         where r.import_id = $1 and coalesce(h.change, 'update') = 'update' and r.contacts <> '[]'
         on conflict (contact_id, number) do update
             set position = excluded.position, extension = excluded.extension, origin = 'import'",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A customer who was erased comes in again: he is not called.
async fn bar_erased(connection: &mut PgConnection, id: ImportId) -> Result<(), Trouble> {
    // Seldom is anybody erased, and often a million rows come in.
    let nobody = sqlx::query_scalar!(r#"select not exists (select from barred_numbers) as "nobody!""#);
    if nobody.fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let erased = sqlx::query!(
        r#"select distinct coalesce(h.customer_id, r.id) as "customer!", r.numbers[1] as "number!"
           from import_rows r
           left join import_hits h on h.import_id = r.import_id and h.line = r.line
           cross join unnest(r.hashes) as n (hash)
           join barred_numbers b on b.hash = n.hash
           where r.import_id = $1 and coalesce(h.change, 'update') = 'update'"#,
        id.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in erased {
        let number = crate::words::number(&row.number, "table import_rows")?;
        opt_outs::of_customer(connection, row.customer, Some(&number), "erased").await?;
    }
    Ok(())
}

/// Customers of whom the list says that they want no calls.
async fn opt_out_marked(connection: &mut PgConnection, id: ImportId) -> Result<(), Trouble> {
    let marked = sqlx::query_scalar!(
        r#"select coalesce(h.customer_id, r.id) as "customer!"
           from import_rows r left join import_hits h on h.import_id = r.import_id and h.line = r.line
           where r.import_id = $1 and r.opt_out and coalesce(h.change, 'update') = 'update'"#,
        id.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for customer in marked {
        opt_outs::of_customer(connection, customer, None, "import").await?;
    }
    Ok(())
}
