//! The history of tasks: why each went where it went. Only ever added to.

use ports::StoreError;
use records::{AttemptId, Because, Move, MoveId, StepId, TaskId, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{missing, word};

const PLACE: &str = "table task_moves";

/// What belongs to a move besides its task.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct With {
    /// Where the task stood before.
    pub(crate) from: Option<TaskState>,
    pub(crate) attempt: Option<Uuid>,
    pub(crate) step: Option<Uuid>,
    /// An account's id.
    pub(crate) by: Option<Uuid>,
}

/// Enters the move of a task that has just been made in this transaction: its new state is the task's.
pub(crate) async fn enter(
    connection: &mut PgConnection,
    task: Uuid,
    because: &Because,
    with: With,
) -> Result<(), Trouble> {
    sqlx::query!(
        "insert into task_moves (task_id, from_state, to_state, rule, why, next_at, attempt_id, step_id, by_whom)
         select id, $2, state, $3, $4, case when state in ('due', 'waiting') then next_at end, $5, $6, $7
         from tasks where id = $1",
        task,
        with.from.map(TaskState::slug),
        because.rule.slug(),
        because.why,
        with.attempt,
        with.step,
        with.by.map(|by| by.to_string()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A task's moves, oldest first.
pub(crate) async fn of(connection: &mut PgConnection, task: TaskId) -> Result<Vec<Move>, Trouble> {
    let known = sqlx::query_scalar!("select id from tasks where id = $1", task.0)
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_none() {
        return Err(missing("task", task).into());
    }
    let rows = sqlx::query!(
        "select id, at, from_state, to_state, rule, why, next_at, attempt_id, step_id, by_whom
         from task_moves where task_id = $1 order by id",
        task.0
    )
    .fetch_all(connection)
    .await?;
    let moves = rows.into_iter().map(|row| {
        Ok(Move {
            id: MoveId(row.id),
            task,
            at: row.at,
            from: row.from_state.map(|text| word(&text, PLACE)).transpose()?,
            to: word(&row.to_state, PLACE)?,
            because: Because { rule: rule(&row.rule)?, why: row.why },
            next_at: row.next_at,
            attempt: row.attempt_id.map(AttemptId),
            step: row.step_id.map(StepId),
            by: row.by_whom,
        })
    });
    Ok(moves.collect::<Result<_, StoreError>>()?)
}

fn rule(text: &str) -> Result<records::MoveRule, StoreError> {
    text.parse()
        .map_err(|error: records::UnknownRule| StoreError::Corrupt { place: PLACE, why: error.to_string() })
}
