//! Steps of the ladder that people and other channels carry out.

use chrono::{DateTime, Utc};
use ports::{Page, PageOf, Shares, StepEnd, StepFilter, StepRow, StoreError, rules};
use records::{
    AccountId, Because, Claim, Climb, CustomerId, MoveRule, Number, Onward, PlanId, Step, StepForm, StepId,
    Task, TaskId, TaskState,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::moves::{self, With};
use crate::words::{count, json, missing, to_json, word};
use crate::{callbacks, claims, closing, customers, numbers, opt_outs, tasks};

const PLACE: &str = "table ladder_steps";

/// The task comes to a step of its ladder.
pub(crate) async fn open(connection: &mut PgConnection, task: Uuid, climb: Climb) -> Result<Uuid, Trouble> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "update ladder_steps
         set state = 'done', done_at = now(), outcome = 'failed', note = 'the task went elsewhere'
         where task_id = $1 and state <> 'done'",
        task
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into ladder_steps (id, task_id, plan_id, customer_id, rung, kind, due_at)
         select $1, id, plan_id, customer_id, $3, $4, $5 from tasks where id = $2",
        id,
        task,
        i32::try_from(climb.rung).unwrap_or(i32::MAX),
        climb.step.slug(),
        climb.at,
    )
    .execute(connection)
    .await?;
    Ok(id)
}

pub(crate) async fn one(connection: &mut PgConnection, id: StepId) -> Result<Step, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.pop();
    Ok(found.ok_or_else(|| missing("step", id))?)
}

/// The steps of these ids, in the order of the ids.
pub(crate) async fn by_ids(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Step>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select s.id, s.task_id, s.plan_id, s.customer_id, s.rung, s.kind, s.state, s.opened_at, s.due_at,
                s.taken_by, s.taken_at, s.carried_at, s.done_at, s.outcome, s.form, s.note, s.by_account
         from unnest($1::uuid[]) with ordinality as asked (id, place) join ladder_steps s on s.id = asked.id
         order by asked.place",
        ids
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Step::try_from).collect::<Result<_, _>>()?)
}

/// Steps that are not done, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    filter: StepFilter,
    page: Page,
) -> Result<PageOf<StepRow>, Trouble> {
    let limit = i64::from(page.limit.max(1));
    let rows = sqlx::query!(
        r#"select s.id, c.name as "customer!", p.name as "plan!"
           from ladder_steps s join customers c on c.id = s.customer_id join plans p on p.id = s.plan_id
           where s.state <> 'done' and ($1::uuid is null or s.plan_id = $1)
             and ($2::text is null or s.kind = $2) and ($3::uuid is null or s.id < $3)
           order by s.id desc limit $4"#,
        filter.plan.map(|plan| plan.0),
        filter.kind.map(records::StepKind::slug),
        page.before,
        limit + 1,
    )
    .fetch_all(&mut *connection)
    .await?;
    let more = rows.len() as i64 > limit;
    let rows: Vec<_> = rows.into_iter().take(page.limit.max(1) as usize).collect();
    let next = rows.last().map(|row| row.id).filter(|_| more);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let steps = by_ids(connection, &ids).await?;
    let items = steps.into_iter().zip(rows).map(|(step, row)| StepRow {
        step,
        customer_name: row.customer,
        plan_name: row.plan,
    });
    Ok(PageOf { items: items.collect(), next })
}

/// Steps whose time is over.
pub(crate) async fn lapsed(connection: &mut PgConnection, limit: u32) -> Result<Vec<Step>, Trouble> {
    let ids = sqlx::query_scalar!(
        "select id from ladder_steps where state <> 'done' and due_at <= now() order by due_at, id limit $1",
        i64::from(limit)
    )
    .fetch_all(&mut *connection)
    .await?;
    by_ids(connection, &ids).await
}

/// A step becomes somebody's.
pub(crate) async fn take(connection: &mut PgConnection, id: StepId, by: AccountId) -> Result<Step, Trouble> {
    let (step, _) = undone(connection, id, Some(by), None).await?;
    if step.taken_by.is_some() {
        return Ok(step);
    }
    sqlx::query!("update ladder_steps set taken_by = $2, taken_at = now() where id = $1", id.0, by.0)
        .execute(&mut *connection)
        .await?;
    one(connection, id).await
}

/// A step was sent or posted.
pub(crate) async fn carry(
    connection: &mut PgConnection,
    id: StepId,
    by: AccountId,
    form: &StepForm,
) -> Result<Step, Trouble> {
    let (step, task) = undone(connection, id, Some(by), Some(form)).await?;
    sqlx::query!(
        "update ladder_steps set state = 'carried', carried_at = now(), form = $2, by_account = $3 where id = $1",
        id.0,
        to_json(form, PLACE)?,
        by.0,
    )
    .execute(&mut *connection)
    .await?;
    let with = With { from: Some(task.state), step: Some(id.0), by: Some(by.0), ..With::default() };
    moves::enter(connection, step.task.0, &Because::of(MoveRule::StepCarried), with).await?;
    one(connection, id).await
}

/// Ends a step and moves its task.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    id: StepId,
    end: &StepEnd,
) -> Result<Step, Trouble> {
    let (step, task) = undone(connection, id, end.by, end.form.as_ref()).await?;
    let form = end.form.as_ref().map(|form| to_json(form, PLACE)).transpose()?;
    sqlx::query!(
        "update ladder_steps
         set state = 'done', done_at = now(), outcome = $2, form = coalesce($3, form), note = $4,
             by_account = coalesce($5, by_account)
         where id = $1",
        id.0,
        end.outcome.slug(),
        form,
        end.note,
        end.by.map(|by| by.0),
    )
    .execute(&mut *connection)
    .await?;
    if let Some(StepForm::Reconfirm { numbers: confirmed, .. }) = &end.form {
        confirm(connection, &task, confirmed).await?;
    }
    if task.state == TaskState::WithPerson && task.rung == step.rung {
        let by = end.by.map(|by| by.0);
        let with = With { from: Some(task.state), step: Some(id.0), by, ..With::default() };
        go_onward(connection, &task, &end.onward, with).await?;
    }
    one(connection, id).await
}

/// Moves a task, which is locked, up or to its end, and takes the fence from whoever had it.
pub(crate) async fn go_onward(
    connection: &mut PgConnection,
    task: &Task,
    onward: &Onward,
    with: With,
) -> Result<(), Trouble> {
    let opted_out = opt_outs::in_force(connection, task.customer.0).await?;
    let state = rules::after_attempt(&onward.next, opted_out)?;
    if let Some(callback) = &onward.callback {
        callbacks::queue(connection, task, None, callback).await?;
    }
    let wanting = state == TaskState::WithPerson && rules::needs_item(&onward.next);
    if wanting && callbacks::open(connection, task.id.0).await?.is_none() {
        return Err(rules::nobody_would_see_it().into());
    }
    sqlx::query!("update tasks set fence = fence + 1 where id = $1", task.id.0)
        .execute(&mut *connection)
        .await?;
    closing::move_task(connection, task.id.0, state, &onward.next, &onward.because, with).await
}

/// A task with its particulars, whoever has it.
pub(crate) async fn case(connection: &mut PgConnection, task: TaskId) -> Result<Claim, Trouble> {
    let found = tasks::by_ids(connection, &[task.0]).await?;
    let claim = claims::with_particulars(connection, found).await?.pop();
    Ok(claim.ok_or_else(|| missing("task", task))?)
}

/// How a plan's call-backs were made.
pub(crate) async fn shares(connection: &mut PgConnection, plan: PlanId) -> Result<Shares, Trouble> {
    let uncounted = crate::attempts::uncounted();
    let row = sqlx::query!(
        r#"with steps as (
               select task_id, bool_or(kind = 'visit') as visit, bool_or(kind = 'letter') as letter,
                      bool_or(kind = 'message') as message
               from (select task_id, kind from ladder_steps where plan_id = $1 and kind <> 'reconfirm'
                     union all
                     select task_id, detail ->> 'mode' from callbacks where plan_id = $1 and cause = 'by_plan') w
               group by task_id
           ), called as (
               select distinct task_id from attempts
               where plan_id = $1 and direction = 'outbound' and (reason is null or reason <> all($2))
           )
           select count(*) as "made!", count(*) filter (where visit or letter) as "both!",
                  count(*) filter (where visit) as "visits!", count(*) filter (where letter) as "letters!",
                  count(*) filter (where message) as "messages!"
           from called full join steps using (task_id)"#,
        plan.0,
        &uncounted,
    )
    .fetch_one(connection)
    .await?;
    Ok(Shares {
        made: count(row.made),
        visits_and_letters: count(row.both),
        visits: count(row.visits),
        letters: count(row.letters),
        messages: count(row.messages),
    })
}

/// The step, locked behind its customer and task in the order all writers keep, and its task.
async fn undone(
    connection: &mut PgConnection,
    id: StepId,
    by: Option<AccountId>,
    form: Option<&StepForm>,
) -> Result<(Step, Task), Trouble> {
    let step = one(connection, id).await?;
    customers::lock(connection, step.customer.0).await?;
    let task = tasks::locked(connection, step.task.0).await?.ok_or_else(|| missing("task", step.task))?.task;
    sqlx::query_scalar!("select id from ladder_steps where id = $1 for update", id.0)
        .fetch_one(&mut *connection)
        .await?;
    let step = one(connection, id).await?;
    rules::may_work(&step, by)?;
    form.map_or(Ok(()), |form| rules::fits(form, step.kind))?;
    Ok((step, task))
}

/// Numbers the business side confirmed live again; those it added come last.
async fn confirm(connection: &mut PgConnection, task: &Task, confirmed: &[Number]) -> Result<(), Trouble> {
    for number in confirmed {
        numbers::confirm(connection, task.customer.0, &task.role.0, number).await?;
    }
    Ok(())
}

/// A step as the query gives it.
struct Kept {
    id: Uuid,
    task_id: Uuid,
    plan_id: Uuid,
    customer_id: Uuid,
    rung: i32,
    kind: String,
    state: String,
    opened_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    taken_by: Option<Uuid>,
    taken_at: Option<DateTime<Utc>>,
    carried_at: Option<DateTime<Utc>>,
    done_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    form: Option<serde_json::Value>,
    note: Option<String>,
    by_account: Option<Uuid>,
}

impl TryFrom<Kept> for Step {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        Ok(Self {
            id: StepId(kept.id),
            task: TaskId(kept.task_id),
            plan: PlanId(kept.plan_id),
            customer: CustomerId(kept.customer_id),
            rung: kept.rung.unsigned_abs(),
            kind: word(&kept.kind, PLACE)?,
            state: word(&kept.state, PLACE)?,
            opened_at: kept.opened_at,
            due_at: kept.due_at,
            taken_by: kept.taken_by.map(AccountId),
            taken_at: kept.taken_at,
            carried_at: kept.carried_at,
            done_at: kept.done_at,
            outcome: kept.outcome.map(|text| word(&text, PLACE)).transpose()?,
            form: kept.form.map(|form| json(form, PLACE)).transpose()?,
            note: kept.note,
            by: kept.by_account.map(AccountId),
        })
    }
}
