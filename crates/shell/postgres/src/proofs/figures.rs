//! The plans' figures. One walk over the tasks counts everything of every plan; no index is kept for it, because it would
//! cost each call three times what a count a minute costs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use plan::PlanFigures;
use ports::Days;
use records::{Plan, PlanId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::plans;
use crate::words::{count, json, missing, seconds, to_json};

const PLACE: &str = "table figures";
/// Who has it counts.
const COUNTING: i64 = 0x6675_6967_7572_6573;

pub(super) async fn of_plan(
    connection: &mut PgConnection,
    plan: PlanId,
    days: Days,
) -> Result<PlanFigures, Trouble> {
    let mut found = counted(connection, &[plan.0], Some(days)).await?;
    Ok(found.pop().ok_or_else(|| missing("plan", plan))?)
}

/// Of all plans that run or pause; what was counted last while that is younger than `age`, or while somebody counts.
pub(super) async fn all(connection: &mut PgConnection, age: Duration) -> Result<Vec<PlanFigures>, Trouble> {
    let kept = sqlx::query!(
        r#"select content, counted_at > now() - make_interval(secs => $1) as "fresh!"
           from figures where name = 'plans'"#,
        seconds(age)
    )
    .fetch_optional(&mut *connection)
    .await?;
    // What another release wrote may be unreadable: then it is counted.
    let kept = kept.and_then(|row| Some((json(row.content, PLACE).ok()?, row.fresh)));
    let mine = match kept {
        Some((figures, true)) => return Ok(figures),
        _ => {
            sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "mine!""#, COUNTING)
                .fetch_one(&mut *connection)
                .await?
        }
    };
    match kept {
        Some((figures, _)) if !mine => return Ok(figures),
        _ => {}
    }
    let ids =
        sqlx::query_scalar!("select id from plans where state in ('running', 'paused') order by name, id")
            .fetch_all(&mut *connection)
            .await?;
    let figures = counted(connection, &ids, None).await?;
    if mine {
        sqlx::query!(
            "insert into figures (name, counted_at, content) values ('plans', now(), $1)
             on conflict (name) do update set counted_at = excluded.counted_at, content = excluded.content",
            to_json(&figures, PLACE)?
        )
        .execute(connection)
        .await?;
    }
    Ok(figures)
}

/// Counts these plans, in the order of their ids given; over the year so far where no days are given.
async fn counted(
    connection: &mut PgConnection,
    ids: &[Uuid],
    days: Option<Days>,
) -> Result<Vec<PlanFigures>, Trouble> {
    // Compiling the query takes longer than it saves.
    sqlx::query!("set local jit = off").execute(&mut *connection).await?;
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(&mut *connection).await?;
    let days = days.unwrap_or_else(|| Days::this_year(now));
    let plans: HashMap<PlanId, Arc<Plan>> = plans::by_ids(connection, ids).await?;
    let plans: Vec<Arc<Plan>> = ids.iter().filter_map(|id| plans.get(&PlanId(*id)).cloned()).collect();
    let mut figures: HashMap<Uuid, PlanFigures> =
        plans.iter().map(|plan| (plan.id.0, PlanFigures::empty(plan, now, days.from, days.to))).collect();
    of_tasks(connection, &plans, days, &mut figures).await?;
    of_steps(connection, ids, days, &mut figures).await?;
    let reckoned = plans
        .iter()
        .filter_map(|plan| Some(figures.remove(&plan.id.0)?.reckoned(&plan.content.policy.watch)));
    Ok(reckoned.collect())
}

async fn of_tasks(
    connection: &mut PgConnection,
    plans: &[Arc<Plan>],
    days: Days,
    figures: &mut HashMap<Uuid, PlanFigures>,
) -> Result<(), Trouble> {
    let ids: Vec<Uuid> = plans.iter().map(|plan| plan.id.0).collect();
    let soon: Vec<f64> = plans.iter().map(|plan| seconds(plan.content.policy.watch.soon)).collect();
    let rows = sqlx::query!(
        r#"select plan_id as "plan!",
                  count(*) filter (where falls and state <> 'withdrawn') as "due!",
                  count(*) filter (where falls and state = 'withdrawn') as "withdrawn!",
                  count(*) filter (where falls and state = 'succeeded') as "done!",
                  count(*) filter (where falls and state = 'succeeded' and mode = 'visit') as "visit!",
                  count(*) filter (where falls and state = 'succeeded' and mode = 'letter') as "letter!",
                  count(*) filter (where falls and state = 'succeeded' and mode = 'message') as "message!",
                  count(*) filter (where falls and state = 'refused') as "refused!",
                  count(*) filter (where falls and state = 'exhausted') as "given_up!",
                  count(*) filter (where falls and state <> 'withdrawn' and by <= now()) as "past!",
                  count(*) filter (where falls and state in ('succeeded', 'refused') and by <= now()) as "covered!",
                  count(*) filter (where ended_at is null and by <= now()) as "overdue!",
                  min(by) filter (where ended_at is null and by <= now()) as oldest,
                  count(*) filter (where ended_at is null and by > now() and by <= now() + soon) as "soon!",
                  count(*) filter (where state in ('due', 'waiting') and next_at <= now()) as "now!",
                  count(*) filter (where attempts > 0) as "called!"
           from (select t.plan_id, t.state, t.mode, t.ended_at, t.next_at, t.attempts, w.soon,
                        coalesce(t.aim_by, t.due_by) as by,
                        case when t.due_on is not null then t.due_on between $3 and $4
                             else t.created_at >= $3::date::timestamp at time zone 'Asia/Shanghai'
                                  and t.created_at < ($4::date + 1)::timestamp at time zone 'Asia/Shanghai'
                        end as falls
                 from tasks t
                 join (select plan_id, make_interval(secs => soon) as soon
                       from unnest($1::uuid[], $2::float8[]) as w (plan_id, soon)) w on w.plan_id = t.plan_id) t
           group by plan_id"#,
        &ids,
        &soon,
        days.from,
        days.to,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let Some(of) = figures.get_mut(&row.plan) else { continue };
        of.due = count(row.due);
        of.withdrawn = count(row.withdrawn);
        of.done = count(row.done);
        of.by_visit = count(row.visit);
        of.by_letter = count(row.letter);
        of.by_message = count(row.message);
        of.refused = count(row.refused);
        of.given_up = count(row.given_up);
        of.past = count(row.past);
        of.past_covered = count(row.covered);
        of.overdue = count(row.overdue);
        of.oldest_overdue = row.oldest;
        of.soon_overdue = count(row.soon);
        of.due_now = count(row.now);
        of.made = count(row.called);
    }
    Ok(())
}

/// What the ladder's steps add: the way an interview was had by; and the call-backs that came to a visit or a letter, by a
/// step or because people were to make them so from the beginning.
async fn of_steps(
    connection: &mut PgConnection,
    ids: &[Uuid],
    days: Days,
    figures: &mut HashMap<Uuid, PlanFigures>,
) -> Result<(), Trouble> {
    let rows = sqlx::query!(
        r#"select s.plan_id, s.kind, t.mode,
                  count(*) filter (where s.outcome = 'succeeded' and t.state = 'succeeded'
                                   and coalesce(t.due_on, (t.created_at at time zone 'Asia/Shanghai')::date)
                                       between $2 and $3) as "done!"
           from ladder_steps s join tasks t on t.id = s.task_id
           where s.plan_id = any($1) and s.outcome = 'succeeded'
           group by 1, 2, 3"#,
        ids,
        days.from,
        days.to,
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let Some(of) = figures.get_mut(&row.plan_id) else { continue };
        let done = count(row.done);
        // The step that brought it counts, and not the way that was meant.
        if let Some(meant) = way(of, &row.mode) {
            *meant = meant.saturating_sub(done);
        }
        if let Some(by) = way(of, &row.kind) {
            *by += done;
        }
    }
    let rows = sqlx::query!(
        r#"select w.plan_id as "plan_id!", count(distinct w.task_id) filter (where w.kind in ('visit', 'letter')) as "far!",
                  count(distinct w.task_id) filter (where t.attempts = 0) as "uncalled!"
           from (select plan_id, task_id, kind from ladder_steps
                 where plan_id = any($1) and kind in ('visit', 'letter', 'message')
                 union all
                 select plan_id, task_id, detail ->> 'mode' from callbacks
                 where plan_id = any($1) and cause = 'by_plan') w
           join tasks t on t.id = w.task_id
           group by w.plan_id"#,
        ids
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let Some(of) = figures.get_mut(&row.plan_id) else { continue };
        of.visits_and_letters = count(row.far);
        of.made += count(row.uncalled);
    }
    Ok(())
}

fn way<'f>(figures: &'f mut PlanFigures, kind: &str) -> Option<&'f mut u64> {
    match kind {
        "visit" => Some(&mut figures.by_visit),
        "letter" => Some(&mut figures.by_letter),
        "message" => Some(&mut figures.by_message),
        _ => None,
    }
}
