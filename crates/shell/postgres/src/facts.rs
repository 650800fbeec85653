//! Facts of a call: append-only, accepted by attempt id however late. Only a fact that is new takes effect.

use ports::StoreError;
use records::{Answer, AttemptId, Fact, Noted, Number};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::opt_outs;
use crate::words::{json, missing, number, to_json};

const PLACE: &str = "table facts";

/// Keeps facts and lets them take effect, in one transaction.
pub(crate) async fn note(
    connection: &mut PgConnection,
    attempt: AttemptId,
    facts: &[Fact],
) -> Result<(), Trouble> {
    let of = sqlx::query!("select customer_id, number from attempts where id = $1", attempt.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| missing("attempt", attempt))?;
    let fresh = append(connection, attempt.0, facts).await?;
    for fact in facts.iter().filter(|fact| fresh.contains(&(fact.seq as i32))) {
        match &fact.noted {
            Noted::Answer(answer) => keep_answer(connection, attempt.0, fact.seq, answer).await?,
            Noted::Flag { flag } => raise(connection, attempt.0, flag).await?,
            Noted::OptOut => match of.customer_id {
                Some(customer) => {
                    let on: Number = number(&of.number, PLACE)?;
                    opt_outs::of_customer(connection, customer, Some(&on), "key").await?;
                }
                None => opt_outs::of_stranger(connection, &of.number, "key").await?,
            },
            _ => {}
        }
    }
    Ok(())
}

/// Writes what is not there yet; answers the numbers of the facts that were new.
async fn append(connection: &mut PgConnection, attempt: Uuid, facts: &[Fact]) -> Result<Vec<i32>, Trouble> {
    let seqs: Vec<i32> = facts.iter().map(|fact| fact.seq as i32).collect();
    let times: Vec<i64> = facts.iter().map(|fact| fact.at_ms as i64).collect();
    let noted = facts.iter().map(|fact| to_json(&fact.noted, PLACE)).collect::<Result<Vec<_>, _>>()?;
    Ok(sqlx::query_scalar!(
        "insert into facts (attempt_id, seq, at_ms, noted)
         select $1, * from unnest($2::int[], $3::bigint[], $4::jsonb[])
         on conflict do nothing
         returning seq",
        attempt,
        &seqs,
        &times,
        &noted,
    )
    .fetch_all(connection)
    .await?)
}

/// The later answer to a question stands.
async fn keep_answer(
    connection: &mut PgConnection,
    attempt: Uuid,
    seq: u32,
    answer: &Answer,
) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into answers (attempt_id, question, seq, key, value, label, flag)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (attempt_id, question) do update
         set seq = excluded.seq, key = excluded.key, value = excluded.value, label = excluded.label,
             flag = excluded.flag, answered_at = excluded.answered_at
         where answers.seq < excluded.seq",
        attempt,
        answer.question,
        seq as i32,
        answer.key.to_string(),
        answer.value,
        answer.label,
        answer.flag,
    )
    .execute(&mut *connection)
    .await?;
    match &answer.flag {
        Some(flag) => raise(connection, attempt, flag).await,
        None => Ok(()),
    }
}

async fn raise(connection: &mut PgConnection, attempt: Uuid, flag: &str) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into flags (attempt_id, flag) values ($1, $2) on conflict do nothing",
        attempt,
        flag
    )
    .execute(connection)
    .await?;
    Ok(())
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
