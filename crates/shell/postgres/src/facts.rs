//! Facts of a call: append-only, accepted by attempt id however late. Only a fact that is new takes effect.

use ports::StoreError;
use records::{Answer, AttemptId, Fact, Noted, Number};
use sqlx::{Error, PgConnection};

use crate::error::Trouble;
use crate::opt_outs;
use crate::words::{json, missing, number, to_json};

const PLACE: &str = "table facts";

/// Whether keeping these takes one statement only.
pub(crate) fn is_plain(facts: &[Fact]) -> bool {
    !facts.iter().any(|fact| matches!(fact.noted, Noted::OptOut))
}

/// Keeps facts and lets them take effect. Where it [is plain](is_plain), in one statement.
pub(crate) async fn note(
    connection: &mut PgConnection,
    attempt: AttemptId,
    facts: &[Fact],
) -> Result<(), Trouble> {
    let fresh = append(connection, attempt, facts).await?;
    let opted_out = |fact: &&Fact| matches!(fact.noted, Noted::OptOut) && fresh.contains(&(fact.seq as i32));
    if facts.iter().find(opted_out).is_none() {
        return Ok(());
    }
    let of = sqlx::query!("select customer_id, number from attempts where id = $1", attempt.0)
        .fetch_one(&mut *connection)
        .await?;
    match of.customer_id {
        Some(customer) => {
            let on: Number = number(&of.number, PLACE)?;
            opt_outs::of_customer(connection, customer, Some(&on), "key").await
        }
        None => opt_outs::of_stranger(connection, &of.number, "key").await,
    }
}

/// Writes what is not there yet, with its answers and flags; answers the numbers of the facts that were new. The later
/// answer to a question stands.
async fn append(
    connection: &mut PgConnection,
    attempt: AttemptId,
    facts: &[Fact],
) -> Result<Vec<i32>, Trouble> {
    let seqs: Vec<i32> = facts.iter().map(|fact| fact.seq as i32).collect();
    let times: Vec<i64> = facts.iter().map(|fact| fact.at_ms as i64).collect();
    let noted = facts.iter().map(|fact| to_json(&fact.noted, PLACE)).collect::<Result<Vec<_>, _>>()?;
    let Columns { answers, questions, keys, values, labels, answer_flags, raised, flags } = Columns::of(facts);
    let fresh = sqlx::query_scalar!(
        r#"with fresh as (
               insert into facts (attempt_id, seq, at_ms, noted)
               select $1, * from unnest($2::int[], $3::bigint[], $4::jsonb[])
               on conflict do nothing
               returning seq
           ), answered as (
               insert into answers (attempt_id, question, seq, key, value, label, flag)
               select distinct on (given.question) $1, given.question, seq, given.key, given.value, given.label, given.flag
               from unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
                    as given (seq, question, key, value, label, flag)
               join fresh using (seq)
               order by given.question, seq desc
               on conflict (attempt_id, question) do update
               set seq = excluded.seq, key = excluded.key, value = excluded.value, label = excluded.label,
                   flag = excluded.flag, answered_at = excluded.answered_at
               where answers.seq < excluded.seq
           ), raised as (
               insert into flags (attempt_id, flag)
               select distinct $1, given.flag
               from unnest($11::int[], $12::text[]) as given (seq, flag) join fresh using (seq)
               on conflict do nothing
           )
           select seq as "seq!" from fresh"#,
        attempt.0,
        &seqs,
        &times,
        &noted,
        &answers,
        &questions,
        &keys,
        &values,
        &labels,
        &answer_flags as &[Option<String>],
        &raised,
        &flags,
    )
    .fetch_all(connection)
    .await;
    fresh.map_err(|error| match &error {
        Error::Database(refused) if refused.is_foreign_key_violation() => missing("attempt", attempt).into(),
        _ => error.into(),
    })
}

/// Answers and flags among the facts, a column each.
#[derive(Default)]
struct Columns {
    answers: Vec<i32>,
    questions: Vec<String>,
    keys: Vec<String>,
    values: Vec<String>,
    labels: Vec<String>,
    answer_flags: Vec<Option<String>>,
    raised: Vec<i32>,
    flags: Vec<String>,
}

impl Columns {
    fn of(facts: &[Fact]) -> Self {
        let mut columns = Self::default();
        for fact in facts {
            match &fact.noted {
                Noted::Answer(answer) => columns.answer(fact.seq as i32, answer),
                Noted::Flag { flag } => columns.raise(fact.seq as i32, flag),
                _ => {}
            }
        }
        columns
    }

    fn answer(&mut self, seq: i32, answer: &Answer) {
        self.answers.push(seq);
        self.questions.push(answer.question.clone());
        self.keys.push(answer.key.to_string());
        self.values.push(answer.value.clone());
        self.labels.push(answer.label.clone());
        self.answer_flags.push(answer.flag.clone());
        answer.flag.iter().for_each(|flag| self.raise(seq, flag));
    }

    fn raise(&mut self, seq: i32, flag: &str) {
        self.raised.push(seq);
        self.flags.push(flag.to_owned());
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
