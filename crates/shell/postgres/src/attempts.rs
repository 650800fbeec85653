//! Attempts as kept.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ports::{Standing, StoreError, Summary};
use records::{Attempt, AttemptId, Claim, CustomerId, PlanId, Reason, Recent, TaskId};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{json, missing, number, seconds, word};
use crate::{claims, tasks};

const PLACE: &str = "table attempts";

pub(crate) async fn one(connection: &mut PgConnection, id: AttemptId) -> Result<Attempt, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("attempt", id))?)
}

/// The attempts of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Attempt>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select a.id, a.task_id, a.plan_id, a.customer_id, a.direction, a.number, a.trunk, a.caller, a.started_at,
                a.answered_at,
                a.ended_at, a.alive_until, a.reason, a.evidence
         from unnest($1::uuid[]) with ordinality as asked (id, place) join attempts a on a.id = asked.id
         order by asked.place",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?)
}

/// Open attempts whose longest possible life has passed.
pub(crate) async fn overdue(connection: &mut PgConnection) -> Result<Vec<Attempt>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from attempts where ended_at is null and alive_until <= now() order by alive_until"
    )
    .fetch_all(&mut *connection)
    .await?;
    by_ids(connection, &ids).await
}

/// Answered and ended since then, but without a recording.
pub(crate) async fn unrecorded(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<Attempt>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select a.id from attempts a
         where a.started_at >= $1 and a.answered_at is not null and a.ended_at is not null
           and not exists (select from recordings r where r.attempt_id = a.id)
         order by a.started_at",
        since
    )
    .fetch_all(&mut *connection)
    .await?;
    by_ids(connection, &ids).await
}

/// The task of an attempt as a claim with the current fence; `None` for a call by hand.
pub(crate) async fn claim_of(connection: &mut PgConnection, id: AttemptId) -> Result<Option<Claim>, Trouble> {
    let Some(task) = one(connection, id).await?.task else { return Ok(None) };
    let fenced = tasks::by_ids(connection, &[task.0]).await?;
    Ok(claims::with_particulars(connection, fenced).await?.pop())
}

/// A task's attempts, oldest first.
pub(crate) async fn history(connection: &mut PgConnection, task: TaskId) -> Result<Vec<Summary>, Trouble> {
    let known = sqlx::query_scalar!("select id from tasks where id = $1", task.0)
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_none() {
        return Err(missing("task", task).into());
    }
    let rows = sqlx::query!(
        "select id, direction, number, trunk, started_at, reason from attempts where task_id = $1 order by started_at, id",
        task.0
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Summary {
                attempt: AttemptId(row.id),
                direction: word(&row.direction, PLACE)?,
                number: number(&row.number, PLACE)?,
                trunk: row.trunk,
                started_at: row.started_at,
                reason: row.reason.map(|text| word(&text, PLACE)).transpose()?,
            })
        })
        .collect()
}

/// Reasons that are no attempt on the customer.
pub(crate) fn uncounted() -> Vec<String> {
    let ours = Reason::ALL.iter().filter(|reason| !reason.counts());
    ours.map(|reason| reason.slug().to_owned()).collect()
}

/// Counted attempts of the last `span` on the customer and on the customer's numbers, over all plans and by hand.
pub(crate) async fn recent(
    connection: &mut PgConnection,
    customer: CustomerId,
    span: Duration,
) -> Result<Vec<Recent>, Trouble> {
    let rows = sqlx::query_as!(
        Counted,
        r#"select id as "id!", number as "number!", started_at as "started_at!", on_customer as "on_customer!"
           from recent_attempts($1, $2, $3)"#,
        customer.0,
        seconds(span),
        &uncounted(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Recent::try_from).collect::<Result<_, _>>()?)
}

/// What a call to the task is decided by. The clock, the numbers and what caps count stand beside each attempt.
pub(crate) async fn standing(connection: &mut PgConnection, claim: &Claim) -> Result<Standing, Trouble> {
    let task = &claim.task;
    let rows = sqlx::query!(
        r#"select clock_timestamp() as "now!",
                  array(select number from live_numbers_of(t.customer_id, t.role)) as "numbers!",
                  counted.attempts as "recent: Json<Vec<Counted>>",
                  a.id as "attempt?", a.direction as "direction?", a.number as "number?", a.trunk as "trunk?",
                  a.started_at as "started_at?", a.reason as "reason?"
           from tasks t
           cross join (select json_agg(made) as attempts from recent_attempts($2, $3, $4) made) counted
           left join attempts a on a.task_id = t.id
           where t.id = $1 order by a.started_at, a.id"#,
        task.id.0,
        task.customer.0,
        seconds(claim.plan.content.policy.span()),
        &uncounted(),
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut history, mut beside) = (Vec::new(), None);
    for row in rows {
        beside.get_or_insert((row.now, row.numbers, row.recent));
        let (Some(attempt), Some(direction), Some(on), Some(trunk), Some(started_at)) =
            (row.attempt, row.direction, row.number, row.trunk, row.started_at)
        else {
            continue;
        };
        history.push(Summary {
            attempt: AttemptId(attempt),
            direction: word(&direction, PLACE)?,
            number: number(&on, PLACE)?,
            trunk,
            started_at,
            reason: row.reason.map(|text| word(&text, PLACE)).transpose()?,
        });
    }
    let (now, numbers, recent) = beside.ok_or_else(|| missing("task", task.id))?;
    let numbers = numbers.iter().map(|text| number(text, "table numbers")).collect::<Result<_, _>>()?;
    let recent = recent.map_or_else(Vec::new, |Json(recent)| recent);
    let recent = recent.into_iter().map(Recent::try_from).collect::<Result<_, _>>()?;
    Ok(Standing { now, history, numbers, recent })
}

/// An attempt that caps count, as the function `recent_attempts` gives it.
#[derive(Debug, Deserialize)]
struct Counted {
    id: Uuid,
    number: String,
    started_at: DateTime<Utc>,
    on_customer: bool,
}

impl TryFrom<Counted> for Recent {
    type Error = StoreError;

    fn try_from(counted: Counted) -> Result<Self, StoreError> {
        let Counted { id, started_at, on_customer, .. } = counted;
        Ok(Self { attempt: AttemptId(id), number: number(&counted.number, PLACE)?, started_at, on_customer })
    }
}

/// Answers of several attempts, in the order they were asked.
pub(crate) async fn answers(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<AttemptId, Vec<records::Answer>>, Trouble> {
    let rows = sqlx::query!(
        "select attempt_id, question, key, value, label, flag from answers where attempt_id = any($1)
         order by attempt_id, seq",
        ids
    )
    .fetch_all(connection)
    .await?;
    let mut answers: HashMap<AttemptId, Vec<records::Answer>> = HashMap::new();
    for row in rows {
        let key = row.key.chars().next().ok_or_else(|| StoreError::Corrupt {
            place: "table answers",
            why: "a key is empty".to_owned(),
        })?;
        answers.entry(AttemptId(row.attempt_id)).or_default().push(records::Answer {
            question: row.question,
            key,
            value: row.value,
            label: row.label,
            flag: row.flag,
        });
    }
    Ok(answers)
}

/// An attempt as a query gives it.
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    pub(crate) task_id: Option<Uuid>,
    pub(crate) plan_id: Option<Uuid>,
    pub(crate) customer_id: Option<Uuid>,
    pub(crate) direction: String,
    pub(crate) number: String,
    pub(crate) trunk: String,
    pub(crate) caller: Option<String>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) answered_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) alive_until: DateTime<Utc>,
    pub(crate) reason: Option<String>,
    pub(crate) evidence: serde_json::Value,
}

impl TryFrom<Kept> for Attempt {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        Ok(Self {
            id: AttemptId(kept.id),
            task: kept.task_id.map(TaskId),
            plan: kept.plan_id.map(PlanId),
            customer: kept.customer_id.map(CustomerId),
            direction: word(&kept.direction, PLACE)?,
            number: number(&kept.number, PLACE)?,
            trunk: kept.trunk,
            caller: kept.caller,
            started_at: kept.started_at,
            answered_at: kept.answered_at,
            ended_at: kept.ended_at,
            alive_until: kept.alive_until,
            reason: kept.reason.map(|text| word(&text, PLACE)).transpose()?,
            evidence: json(kept.evidence, PLACE)?,
        })
    }
}
