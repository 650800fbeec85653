//! Facts of a call: append-only, accepted by attempt id however late. Only a fact that is new takes effect.

use ports::StoreError;
use records::{AttemptId, Fact, Noted};
use sqlx::PgConnection;

use crate::error::Trouble;
use crate::opt_outs;
use crate::transact::{Frame, Locks};
use crate::words::{json, missing, number, to_json};

const PLACE: &str = "table facts";

/// Facts are one statement. An opt-out ends tasks beside, and needs more than one.
pub(crate) fn frame(facts: &[Fact]) -> Frame {
    if facts.iter().any(|fact| fact.noted == Noted::OptOut) {
        Frame::Transaction(Locks::default())
    } else {
        Frame::Statement
    }
}

/// Keeps facts that are not there yet and lets them take effect: of several answers to a question the latest stands.
pub(crate) async fn note(
    connection: &mut PgConnection,
    attempt: AttemptId,
    facts: &[Fact],
) -> Result<(), Trouble> {
    let seqs: Vec<i32> = facts.iter().map(|fact| fact.seq as i32).collect();
    let times: Vec<i64> = facts.iter().map(|fact| fact.at_ms as i64).collect();
    let noted = facts.iter().map(|fact| to_json(&fact.noted, PLACE)).collect::<Result<Vec<_>, _>>()?;
    let of = sqlx::query!(
        r#"with fresh as (
               insert into facts (attempt_id, seq, at_ms, noted)
               select a.id, f.seq, f.at_ms, f.noted
               from attempts a, unnest($2::int[], $3::bigint[], $4::jsonb[]) as f (seq, at_ms, noted)
               where a.id = $1
               on conflict do nothing
               returning seq, noted
           ), answered as (
               insert into answers (attempt_id, question, seq, key, value, label, flag)
               select distinct on (noted->>'question') $1::uuid, noted->>'question', seq, noted->>'key',
                      noted->>'value', noted->>'label', noted->>'flag'
               from fresh where noted->>'kind' = 'answer'
               order by noted->>'question', seq desc
               on conflict (attempt_id, question) do update
               set seq = excluded.seq, key = excluded.key, value = excluded.value, label = excluded.label,
                   flag = excluded.flag, answered_at = excluded.answered_at
               where answers.seq < excluded.seq
           ), raised as (
               insert into flags (attempt_id, flag)
               select distinct $1::uuid, noted->>'flag'
               from fresh where noted->>'kind' in ('answer', 'flag') and noted->>'flag' is not null
               on conflict do nothing
           )
           select customer_id, number,
                  exists (select from fresh where noted->>'kind' = 'opt_out') as "opted_out!"
           from attempts where id = $1"#,
        attempt.0,
        &seqs,
        &times,
        &noted,
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| missing("attempt", attempt))?;
    if !of.opted_out {
        return Ok(());
    }
    match of.customer_id {
        Some(customer) => {
            let on = number(&of.number, PLACE)?;
            opt_outs::of_customer(connection, customer, Some(&on), "key").await
        }
        None => opt_outs::of_stranger(connection, &of.number, "key").await,
    }
}

/// All facts of an attempt in order.
pub(crate) async fn of(connection: &mut PgConnection, attempt: AttemptId) -> Result<Vec<Fact>, Trouble> {
    sqlx::query_scalar!("select id from attempts where id = $1", attempt.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| missing("attempt", attempt))?;
    let rows =
        sqlx::query!("select seq, at_ms, noted from facts where attempt_id = $1 order by seq", attempt.0)
            .fetch_all(connection)
            .await?;
    let facts = rows.into_iter().map(|row| {
        Ok(Fact {
            seq: row.seq.unsigned_abs(),
            at_ms: row.at_ms.unsigned_abs(),
            noted: json(row.noted, PLACE)?,
        })
    });
    Ok(facts.collect::<Result<_, StoreError>>()?)
}
