//! Erasure on request: who the customer is goes at once, what was said stays, of nobody.

use ports::StoreError;
use records::CustomerId;
use sqlx::PgConnection;

use crate::Postgres;
use crate::error::{Trouble, unavailable};
use crate::joining::{end_tasks, hold};
use crate::numbers;
use crate::privacy::NumberKey;
use crate::words::count;

/// Stands where a number was. The country code 999 is reserved and belongs to nobody (ITU-T E.164).
const NOBODY: &str = "+999000000";

impl Postgres {
    /// How many numbers are barred under a key that is not ours: they cannot be told any more.
    pub async fn barred_by_other_keys(&self) -> Result<u64, StoreError> {
        let ours = self.number_key.map(|key| key.id()).unwrap_or_default();
        let mut reader = self.reader().await?;
        let strange = sqlx::query_scalar!(
            r#"select count(*) as "count!" from barred_numbers where key_id <> $1"#,
            ours
        )
        .fetch_one(&mut *reader)
        .await
        .map_err(|error| unavailable(&error))?;
        reader.done();
        Ok(count(strange))
    }
}

/// Shreds the identity of a customer and of those merged into him, and bars their numbers by keyed hash.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    key: Option<&NumberKey>,
    id: CustomerId,
) -> Result<(), Trouble> {
    let Some(key) = key else {
        let why = "there is no key for the hash that keeps an erased number barred: set [privacy] key_file";
        return Err(StoreError::Conflict(why.to_owned()).into());
    };
    hold(connection, &[id.0]).await?;
    end_tasks(connection, id.0, None, "the customer was erased", false).await?;
    let mut ids = sqlx::query_scalar!("select id from customers where merged_into = $1", id.0)
        .fetch_all(&mut *connection)
        .await?;
    ids.push(id.0);
    let numbers = numbers::of(connection, &ids).await?;
    let hashes: Vec<String> = numbers.iter().map(|number| key.hash(number)).collect();
    sqlx::query!(
        "insert into barred_numbers (hash, key_id) select distinct hash, $2 from unnest($1::text[]) as hash
         on conflict do nothing",
        &hashes,
        key.id()
    )
    .execute(&mut *connection)
    .await?;
    let names = sqlx::query!("select name, external_id from customers where id = any($1)", &ids)
        .fetch_all(&mut *connection)
        .await?;
    let words: Vec<String> = names.into_iter().flat_map(|row| [row.name, row.external_id]).collect();
    // Rows of lists that could not be taken may speak of the customer, too.
    sqlx::query!("update import_faults set original = '{}', given = '' where original && $1", &words)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update attempts set number = $2 where customer_id = any($1)", &ids, NOBODY)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update callbacks set note = null where customer_id = any($1) and note is not null", &ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from opt_outs where customer_id = any($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("delete from waivers where customer_id = any($1)", &ids).execute(&mut *connection).await?;
    sqlx::query!("delete from contacts where customer_id = any($1)", &ids).execute(&mut *connection).await?;
    // Branch, class and who was rated stay: they count in reports and say nothing of the customer.
    sqlx::query!(
        "update customers set external_id = 'erased:' || id, name = '—', language = null, account_manager = null,
                              product = null, products = '[]', contract_fen = null, channel = 'phone', dates = '{}',
                              gone_at = coalesce(gone_at, now()), updated_at = now()
         where id = any($1)",
        &ids
    )
    .execute(connection)
    .await?;
    Ok(())
}
