//! Which ids a list shows, and the rows with the names people look for.

use std::collections::HashMap;

use ports::{AttemptFilter, AttemptRow, CallbackRow, Page, PageOf, TaskFilter, TaskRow};
use records::CallbackState;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::{attempts as kept_attempts, callbacks as kept_callbacks, recordings as kept_recordings, tasks};

/// Rows a list may show; one more is asked for, to know whether there is a next part.
fn limit(page: Page) -> i64 {
    i64::from(page.limit.clamp(1, 500)) + 1
}

fn cut(mut ids: Vec<Uuid>, page: Page) -> PageOf<Uuid> {
    let limit = page.limit.clamp(1, 500) as usize;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = if more { ids.last().copied() } else { None };
    PageOf { items: ids, next }
}

/// By external id, part of the name, or the end of a number.
pub(crate) async fn customers(
    connection: &mut PgConnection,
    search: Option<&str>,
    page: Page,
) -> Result<PageOf<Uuid>, Trouble> {
    let search = search.map(str::trim).filter(|text| !text.is_empty());
    let plain = search.map(|text| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let backwards = search.and_then(ending);
    let ids = sqlx::query_scalar!(
        "select c.id from customers c
         where c.gone_at is null and ($1::uuid is null or c.id < $1)
           and ($2::text is null or c.external_id = $2 or c.name ilike '%' || $3 || '%'
                or c.id in (select k.customer_id from numbers n join contacts k on k.id = n.contact_id
                            where reverse(n.number) like $4 || '%'))
         order by c.id desc limit $5",
        page.before,
        search,
        plain,
        backwards,
        limit(page),
    )
    .fetch_all(connection)
    .await?;
    Ok(cut(ids, page))
}

/// The digits of what may be the end of a number, last first.
fn ending(text: &str) -> Option<String> {
    let dialled = text.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    let digits: String = text.chars().rev().filter(char::is_ascii_digit).collect();
    (dialled && digits.len() >= 3).then_some(digits)
}

pub(crate) async fn tasks(
    connection: &mut PgConnection,
    filter: TaskFilter,
    page: Page,
) -> Result<PageOf<Uuid>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from tasks
         where ($1::uuid is null or id < $1) and ($2::uuid is null or plan_id = $2)
           and ($3::uuid is null or customer_id = $3) and ($4::text is null or state = $4)
         order by id desc limit $5",
        page.before,
        filter.plan.map(|id| id.0),
        filter.customer.map(|id| id.0),
        filter.state.map(records::TaskState::slug),
        limit(page),
    )
    .fetch_all(connection)
    .await?;
    Ok(cut(ids, page))
}

pub(crate) async fn attempts(
    connection: &mut PgConnection,
    filter: &AttemptFilter,
    page: Page,
) -> Result<PageOf<Uuid>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from attempts
         where ($1::uuid is null or id < $1) and ($2::uuid is null or plan_id = $2)
           and ($3::uuid is null or task_id = $3) and ($4::uuid is null or customer_id = $4)
           and ($5::text is null or reason = $5) and ($6::bool is null or (ended_at is null) = $6)
           and ($7::timestamptz is null or started_at >= $7) and ($9::text is null or direction = $9)
         order by id desc limit $8",
        page.before,
        filter.plan.map(|id| id.0),
        filter.task.map(|id| id.0),
        filter.customer.map(|id| id.0),
        filter.reason.map(records::Reason::slug),
        filter.open,
        filter.since,
        limit(page),
        filter.direction.map(records::Direction::slug),
    )
    .fetch_all(connection)
    .await?;
    Ok(cut(ids, page))
}

pub(crate) async fn recordings(connection: &mut PgConnection, page: Page) -> Result<PageOf<Uuid>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from recordings where $1::uuid is null or id < $1 order by id desc limit $2",
        page.before,
        limit(page),
    )
    .fetch_all(connection)
    .await?;
    Ok(cut(ids, page))
}

/// The queue as it is worked: by priority, then by due time. What is done comes newest first.
pub(crate) async fn callbacks(
    connection: &mut PgConnection,
    state: Option<CallbackState>,
    page: Page,
) -> Result<PageOf<Uuid>, Trouble> {
    let ids = if state == Some(CallbackState::Done) {
        sqlx::query_scalar!(
            "select id from callbacks where state = 'done' and ($1::uuid is null or id < $1)
             order by id desc limit $2",
            page.before,
            limit(page),
        )
        .fetch_all(connection)
        .await?
    } else {
        sqlx::query_scalar!(
            "select c.id from callbacks c
             where c.state <> 'done' and ($1::text is null or c.state = $1)
               and ($2::uuid is null or (c.priority, c.due_at, c.id) >
                    (select l.priority, l.due_at, l.id from callbacks l where l.id = $2))
             order by c.priority, c.due_at, c.id limit $3",
            state.map(CallbackState::slug),
            page.before,
            limit(page),
        )
        .fetch_all(connection)
        .await?
    };
    Ok(cut(ids, page))
}

pub(crate) async fn task_rows(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<TaskRow>, Trouble> {
    let kept = tasks::by_ids(connection, ids).await?;
    let customers = customer_names(connection, kept.iter().map(|one| one.task.customer.0)).await?;
    let plans = plan_names(connection, kept.iter().map(|one| one.task.plan.0)).await?;
    Ok(kept
        .into_iter()
        .map(|one| TaskRow {
            customer_name: customers.get(&one.task.customer.0).cloned().unwrap_or_default(),
            plan_name: plans.get(&one.task.plan.0).cloned().unwrap_or_default(),
            task: one.task,
        })
        .collect())
}

pub(crate) async fn attempt_rows(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<AttemptRow>, Trouble> {
    let kept = kept_attempts::by_ids(connection, ids).await?;
    let customers =
        customer_names(connection, kept.iter().filter_map(|one| one.customer).map(|id| id.0)).await?;
    let plans = plan_names(connection, kept.iter().filter_map(|one| one.plan).map(|id| id.0)).await?;
    let mut answers = kept_attempts::answers(connection, ids).await?;
    let mut recordings = kept_recordings::by_attempts(connection, ids).await?;
    Ok(kept
        .into_iter()
        .map(|attempt| AttemptRow {
            customer_name: attempt.customer.and_then(|id| customers.get(&id.0).cloned()),
            plan_name: attempt.plan.and_then(|id| plans.get(&id.0).cloned()),
            answers: answers.remove(&attempt.id).unwrap_or_default(),
            recording: recordings.remove(&attempt.id),
            attempt,
        })
        .collect())
}

pub(crate) async fn callback_rows(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<CallbackRow>, Trouble> {
    let kept = kept_callbacks::by_ids(connection, ids).await?;
    let customers = customer_names(connection, kept.iter().map(|one| one.customer.0)).await?;
    let plans = plan_names(connection, kept.iter().map(|one| one.plan.0)).await?;
    let holders: Vec<Uuid> = kept.iter().filter_map(|one| one.taken_by).map(|id| id.0).collect();
    let holders: HashMap<Uuid, String> =
        sqlx::query!("select id, name from accounts where id = any($1)", &holders)
            .fetch_all(connection)
            .await?
            .into_iter()
            .map(|row| (row.id, row.name))
            .collect();
    Ok(kept
        .into_iter()
        .map(|callback| CallbackRow {
            customer_name: customers.get(&callback.customer.0).cloned().unwrap_or_default(),
            plan_name: plans.get(&callback.plan.0).cloned().unwrap_or_default(),
            taken_by_name: callback.taken_by.and_then(|id| holders.get(&id.0).cloned()),
            callback,
        })
        .collect())
}

async fn customer_names(
    connection: &mut PgConnection,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, Trouble> {
    let ids: Vec<Uuid> = ids.collect();
    let rows =
        sqlx::query!("select id, name from customers where id = any($1)", &ids).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

async fn plan_names(
    connection: &mut PgConnection,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>, Trouble> {
    let ids: Vec<Uuid> = ids.collect();
    let rows =
        sqlx::query!("select id, name from plans where id = any($1)", &ids).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
