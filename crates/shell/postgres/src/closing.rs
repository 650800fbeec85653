//! Closing an attempt: its reason, its callback and the move of its task, in one transaction.

use chrono::{DateTime, Utc};
use ports::{Closing, StoreError, rules};
use records::{AttemptId, Because, CallbackCause, CallbackState, Direction, NextStep, Reason, TaskState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::callbacks::{self, Open};
use crate::error::Trouble;
use crate::moves::{self, With};
use crate::tasks;
use crate::words::{missing, to_json, word};
use crate::{numbers, steps};

/// What follows as a rule, where that is no more than the attempt's end and the task's move.
pub(crate) fn as_usual(closing: &Closing) -> Option<Moved> {
    let to = destination(closing, false, false).ok()?;
    let plain = closing.callback.is_none() && !closing.number_dead && to != Some(TaskState::WithPerson);
    let counted = i32::from(Direction::Outbound.counts(closing.reason));
    plain.then_some(Moved { counted, to, told: true })
}

/// Ends an attempt in one way to the server, by what follows as a rule: the claim is ours, nobody opted out, nothing is
/// queued. Answers whether it was so; else nothing was written, and [`close`] looks what follows.
pub(crate) async fn at_once(
    connection: &mut PgConnection,
    id: AttemptId,
    fence: i64,
    (closing, moved): (&Closing, &Moved),
) -> Result<bool, Trouble> {
    write(connection, id, closing, Held::Usually(fence), moved, None).await
}

/// Ends an attempt, which is locked with its customer and its task. A second closing changes nothing, unless it brings the
/// reason of one that was unknown.
pub(crate) async fn close(
    connection: &mut PgConnection,
    id: AttemptId,
    fence: i64,
    closing: &Closing,
) -> Result<(), Trouble> {
    let kept = sqlx::query!(
        r#"select a.task_id, a.customer_id, a.reason, a.number, a.direction, t.state as "state?", t.fence as "fence?",
                  exists (select from callbacks c where c.task_id = a.task_id and c.state <> 'done') as "queued!",
                  exists (select from opt_outs o
                          where o.customer_id = a.customer_id and o.withdrawn_at is null) as "opted_out!"
           from attempts a left join tasks t on t.id = a.task_id where a.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| missing("attempt", id))?;
    let superseding = match kept.reason.as_deref() {
        None => false,
        Some("unknown") if closing.reason != Reason::Unknown => true,
        Some(_) => return Ok(()),
    };
    if let Some(customer) = kept.customer_id
        && closing.number_dead
    {
        numbers::bury(connection, customer, &kept.number, closing.reason).await?;
    }
    let moved = match (kept.task_id, kept.state, kept.fence) {
        (Some(task), Some(state), Some(held)) => {
            let direction = word(&kept.direction, "table attempts")?;
            let ending = Ending { attempt: id, direction, ours: held == fence, closing, superseding };
            let state = word(&state, "table tasks")?;
            let guarded = Guarded { state, queued: kept.queued, opted_out: kept.opted_out };
            Some((task, follow(connection, task, ending, guarded).await?))
        }
        _ => None,
    };
    end(connection, id, closing, moved).await
}

/// The end of an attempt.
#[derive(Clone, Copy)]
struct Ending<'c> {
    attempt: AttemptId,
    direction: Direction,
    /// The task was not claimed again since.
    ours: bool,
    closing: &'c Closing,
    superseding: bool,
}

/// What the locks guard.
#[derive(Clone, Copy)]
struct Guarded {
    /// The task's.
    state: TaskState,
    /// The task has an item that is not done.
    queued: bool,
    opted_out: bool,
}

/// What becomes of a task with the end of an attempt.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    /// What is added to the attempts that count on the customer.
    counted: i32,
    /// Where it goes, unless it stays.
    to: Option<TaskState>,
    /// Whether it was the claim's: then the history tells of it.
    told: bool,
}

/// Writes the end, and opens the step of the ladder it leads to.
async fn end(
    connection: &mut PgConnection,
    id: AttemptId,
    closing: &Closing,
    moved: Option<(Uuid, Moved)>,
) -> Result<(), Trouble> {
    let (task, moved) = moved.map_or_else(Default::default, |(task, moved)| (Some(task), moved));
    let step = match (task, moved.to, rules::opens(&closing.next)) {
        (Some(task), Some(TaskState::WithPerson), Some(climb)) => {
            Some(steps::open(connection, task, climb).await?)
        }
        _ => None,
    };
    write(connection, id, closing, Held::Judged(task), &moved, step).await.map(drop)
}

/// What is known of an attempt's task before it is written.
#[derive(Clone, Copy)]
enum Held {
    /// Nothing: it is written if it stands as usual under this fence.
    Usually(i64),
    /// It is locked, and what follows was judged by that.
    Judged(Option<Uuid>),
}

/// Writes reason and times, and moves the task; answers whether it did. Times of another machine's clock are kept between
/// start and end.
async fn write(
    connection: &mut PgConnection,
    id: AttemptId,
    closing: &Closing,
    held: Held,
    moved: &Moved,
    step: Option<Uuid>,
) -> Result<bool, Trouble> {
    let (fence, task) = match held {
        Held::Usually(fence) => (Some(fence), None),
        Held::Judged(task) => (None, task),
    };
    let Moved { counted, to, told } = *moved;
    let Again { at, why, rung, round } = again(to, &closing.next, &closing.because);
    let because = rules::told(&closing.because, &closing.next, to.unwrap_or(TaskState::Calling));
    let written = sqlx::query_scalar!(
        r#"select end_attempt($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
           as "written!""#,
        id.0,
        fence,
        task,
        closing.reason.slug(),
        to_json(&closing.evidence, "table attempts")?,
        closing.answered_at,
        counted,
        to.map(TaskState::slug),
        to.is_some_and(TaskState::ended),
        at,
        why,
        rung,
        round,
        told,
        because.rule.slug(),
        because.why,
        step,
    )
    .fetch_one(connection)
    .await?;
    Ok(written)
}

/// What follows for the task, and for its item of the queue, which is written here.
async fn follow(
    connection: &mut PgConnection,
    task: Uuid,
    ending: Ending<'_>,
    Guarded { state, queued, opted_out }: Guarded,
) -> Result<Moved, Trouble> {
    let Ending { attempt, direction, ours, closing, superseding } = ending;
    let open = if queued { callbacks::open(connection, task).await? } else { None };
    let counted = i32::from(direction.counts(closing.reason))
        - i32::from(superseding && direction.counts(Reason::Unknown));

    let holds = ours && movable(state, superseding, open.as_ref());
    let settled = open.as_ref().filter(|item| superseding && holds && settled_by(item, attempt));
    match (settled, &closing.callback) {
        (Some(item), Some(callback)) => callbacks::rewrite(connection, item.id, attempt, callback).await?,
        (Some(item), None) => callbacks::settle(connection, item.id, closing.reason).await?,
        (None, Some(callback)) => {
            let now = tasks::locked(connection, task).await?.ok_or_else(|| missing("task", task))?;
            callbacks::queue(connection, &now.task, Some(attempt), callback).await?;
        }
        (None, None) => {}
    }
    let seen = closing.callback.is_some() || (open.is_some() && settled.is_none());
    let to = if holds { destination(closing, opted_out, seen)? } else { None };
    Ok(Moved { counted, to, told: holds })
}

/// Where the task goes, unless it goes on. `seen`: an item of the queue tells people of it.
fn destination(closing: &Closing, opted_out: bool, seen: bool) -> Result<Option<TaskState>, StoreError> {
    if rules::goes_on(&closing.next, opted_out) {
        return Ok(None);
    }
    let state = rules::after_attempt(&closing.next, opted_out)?;
    if state == TaskState::WithPerson && rules::needs_item(&closing.next) && !seen {
        return Err(rules::nobody_would_see_it());
    }
    Ok(Some(state))
}

/// Whether the claim's closing may move a task from this state. An unknown outcome that becomes known moves it as well,
/// unless a person works on it already.
fn movable(state: TaskState, superseding: bool, open: Option<&Open>) -> bool {
    if superseding {
        matches!(state, TaskState::Waiting | TaskState::WithPerson)
            && open.is_none_or(|item| item.state == CallbackState::Open)
    } else {
        state == TaskState::Calling
    }
}

/// Whether an item was queued only because this attempt's outcome was unknown.
fn settled_by(item: &Open, attempt: AttemptId) -> bool {
    item.content.cause == CallbackCause::Unknown && item.attempt == Some(attempt)
}

/// What a move changes besides the state.
struct Again<'n> {
    /// When a task that waits is tried again, and why then.
    at: Option<DateTime<Utc>>,
    why: Option<&'n str>,
    rung: Option<i32>,
    /// Another round of calls begins.
    round: bool,
}

fn again<'n>(to: Option<TaskState>, next: &'n NextStep, because: &'n Because) -> Again<'n> {
    let waits = to == Some(TaskState::Waiting);
    match next {
        NextStep::TryAgain { at, why } if waits => {
            Again { at: Some(*at), why: Some(why), rung: None, round: false }
        }
        NextStep::Climb(climb) if to.is_some() => {
            let rung = i32::try_from(climb.rung).ok();
            let at = climb.at.filter(|_| waits);
            Again { at, why: waits.then_some(because.why.as_str()), rung, round: waits }
        }
        _ => Again { at: None, why: None, rung: None, round: false },
    }
}

/// Moves a task out of its lease, up its ladder where that is next, and enters why. The fence stays: a later word of the
/// same claim is still known as such.
pub(crate) async fn move_task(
    connection: &mut PgConnection,
    task: Uuid,
    state: TaskState,
    next: &NextStep,
    because: &Because,
    with: With,
) -> Result<(), Trouble> {
    let Again { at, why, rung, round } = again(Some(state), next, because);
    sqlx::query!(
        "update tasks
         set state = $2, next_at = coalesce($3, next_at), next_why = $4, lease_node = null, lease_until = null,
             rung = coalesce($6, rung), round_since = case when $7 then clock_timestamp() else round_since end,
             ended_at = case when $5 then now() end
         where id = $1",
        task,
        state.slug(),
        at,
        why,
        state.ended(),
        rung,
        round,
    )
    .execute(&mut *connection)
    .await?;
    let opened = match rules::opens(next).filter(|_| state == TaskState::WithPerson) {
        Some(climb) => Some(steps::open(connection, task, climb).await?),
        None => None,
    };
    let because = rules::told(because, next, state);
    moves::enter(connection, task, &because, With { step: opened.or(with.step), ..with }).await
}
