//! Tasks as kept.

use chrono::{DateTime, NaiveDate, Utc};
use ports::StoreError;
use records::{ContactRole, CustomerId, Occasion, PlanId, Task, TaskId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::word;

/// A task and the fence of its last claim.
pub(crate) struct Fenced {
    pub(crate) task: Task,
    pub(crate) fence: i64,
}

/// The tasks of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Fenced>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select t.id, t.plan_id, t.customer_id, t.occasion, t.role, t.state, t.mode, t.next_at, t.due_on, t.aim_by, t.due_by,
                t.attempts,
                t.created_at, t.ended_at, t.fence, t.rung, t.round_since
         from unnest($1::uuid[]) with ordinality as asked (id, place) join tasks t on t.id = asked.id
         order by asked.place",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Fenced::try_from).collect::<Result<_, _>>()?)
}

/// Locks a task until the end of the transaction and reads it.
pub(crate) async fn locked(connection: &mut PgConnection, id: Uuid) -> Result<Option<Fenced>, Trouble> {
    let row = sqlx::query_as!(
        Kept,
        "select id, plan_id, customer_id, occasion, role, state, mode, next_at, due_on, aim_by, due_by, attempts, created_at, ended_at,
                fence, rung, round_since
         from tasks where id = $1 for update",
        id
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Fenced::try_from).transpose()?)
}

/// A task as the query gives it.
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    pub(crate) plan_id: Uuid,
    pub(crate) customer_id: Uuid,
    pub(crate) occasion: String,
    pub(crate) role: String,
    pub(crate) state: String,
    pub(crate) next_at: DateTime<Utc>,
    pub(crate) mode: String,
    pub(crate) due_on: Option<NaiveDate>,
    pub(crate) aim_by: Option<DateTime<Utc>>,
    pub(crate) due_by: Option<DateTime<Utc>>,
    pub(crate) attempts: i32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) fence: i64,
    pub(crate) rung: i32,
    pub(crate) round_since: Option<DateTime<Utc>>,
}

impl TryFrom<Kept> for Fenced {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        let task = Task {
            id: TaskId(kept.id),
            plan: PlanId(kept.plan_id),
            customer: CustomerId(kept.customer_id),
            occasion: Occasion(kept.occasion),
            role: ContactRole(kept.role),
            state: word(&kept.state, "table tasks")?,
            next_at: kept.next_at,
            mode: word(&kept.mode, "table tasks")?,
            due_on: kept.due_on,
            aim_by: kept.aim_by,
            due_by: kept.due_by,
            attempts: kept.attempts.unsigned_abs(),
            rung: kept.rung.unsigned_abs(),
            round_since: kept.round_since,
            created_at: kept.created_at,
            ended_at: kept.ended_at,
        };
        Ok(Self { task, fence: kept.fence })
    }
}
