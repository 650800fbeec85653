//! Plans: written, approved by another person, started, stopped.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ports::StoreError;
use records::{AccountId, NewPlan, Plan, PlanId, PlanState};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Trouble;
use crate::words::{json, missing, to_json, word};
use crate::{listing, planning, questionnaires};

const PLACE: &str = "table plans";

pub(crate) async fn create(
    connection: &mut PgConnection,
    id: PlanId,
    plan: &NewPlan,
    by: AccountId,
) -> Result<Plan, Trouble> {
    let asked = questionnaires::read(connection, &plan.questionnaire_version).await?;
    if asked.name != plan.questionnaire {
        return Err(conflict(format!(
            "that version is of the questionnaire \"{}\", not \"{}\"",
            asked.name, plan.questionnaire
        )));
    }
    let created = sqlx::query!(
        "insert into plans (id, name, questionnaire, questionnaire_version, audience, policy, priority, created_by,
                            schedule)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
        id.0,
        plan.name,
        plan.questionnaire,
        plan.questionnaire_version,
        to_json(&plan.audience, PLACE)?,
        to_json(&plan.policy, PLACE)?,
        plan.priority,
        by.0,
        to_json(&plan.schedule, PLACE)?,
    )
    .execute(&mut *connection)
    .await?;
    if created.rows_affected() == 0 {
        return Err(conflict(format!("the plan {id} exists already")));
    }
    one(connection, id).await
}

pub(crate) async fn approve(
    connection: &mut PgConnection,
    id: PlanId,
    by: AccountId,
    own_allowed: bool,
) -> Result<Plan, Trouble> {
    let plan = locked(connection, id).await?;
    if plan.state != PlanState::Draft {
        return Err(conflict(format!("the plan \"{}\" is approved already", plan.content.name)));
    }
    if plan.created_by == by && !own_allowed {
        return Err(conflict("another person than the plan's author must approve it (W8.3)".to_owned()));
    }
    sqlx::query!(
        "update plans set state = 'approved', approved_by = $2, approved_at = now(), own_approval = created_by = $2
         where id = $1",
        id.0,
        by.0
    )
    .execute(&mut *connection)
    .await?;
    one(connection, id).await
}

/// Sets the plan running. A list's first tasks are made at once; the others, and those of a schedule, by its evaluation.
pub(crate) async fn start(connection: &mut PgConnection, id: PlanId) -> Result<u64, Trouble> {
    let plan = locked(connection, id).await?;
    if !matches!(plan.state, PlanState::Approved | PlanState::Stopped) {
        return Err(conflict(format!(
            "the plan \"{}\" is {}: only an approved or a stopped plan can be started",
            plan.content.name,
            plan.state.slug()
        )));
    }
    let created = if plan.content.schedule.is_list() {
        listing::begin(connection, &plan).await?
    } else {
        planning::ask(connection, id).await?;
        0
    };
    sqlx::query!(
        "update plans set state = 'running', started_at = now(), first_started_at = coalesce(first_started_at, now())
         where id = $1",
        id.0
    )
    .execute(connection)
    .await?;
    Ok(created)
}

/// No new calls for the moment.
pub(crate) async fn pause(connection: &mut PgConnection, id: PlanId) -> Result<Plan, Trouble> {
    let plan = locked(connection, id).await?;
    match plan.state {
        PlanState::Paused => return Ok(plan),
        PlanState::Running => {}
        _ => return Err(not_running(&plan, "paused")),
    }
    sqlx::query!("update plans set state = 'paused', paused_at = now() where id = $1", id.0)
        .execute(&mut *connection)
        .await?;
    one(connection, id).await
}

pub(crate) async fn resume(connection: &mut PgConnection, id: PlanId) -> Result<Plan, Trouble> {
    let plan = locked(connection, id).await?;
    match plan.state {
        PlanState::Running => return Ok(plan),
        PlanState::Paused => {}
        _ => {
            return Err(conflict(format!(
                "the plan \"{}\" is {}: only a paused plan can be resumed; a stopped one is started again",
                plan.content.name,
                plan.state.slug()
            )));
        }
    }
    sqlx::query!("update plans set state = 'running' where id = $1", id.0).execute(&mut *connection).await?;
    one(connection, id).await
}

pub(crate) async fn stop(connection: &mut PgConnection, id: PlanId) -> Result<Plan, Trouble> {
    let plan = locked(connection, id).await?;
    match plan.state {
        PlanState::Stopped => return Ok(plan),
        PlanState::Running | PlanState::Paused => {}
        PlanState::Draft | PlanState::Approved => return Err(not_running(&plan, "stopped")),
    }
    sqlx::query!("update plans set state = 'stopped', stopped_at = now() where id = $1", id.0)
        .execute(&mut *connection)
        .await?;
    one(connection, id).await
}

fn not_running(plan: &Plan, what: &str) -> Trouble {
    let (name, state) = (&plan.content.name, plan.state.slug());
    conflict(format!("the plan \"{name}\" is {state}: only a running plan can be {what}"))
}

async fn locked(connection: &mut PgConnection, id: PlanId) -> Result<Plan, Trouble> {
    sqlx::query_scalar!("select id from plans where id = $1 for no key update", id.0)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| missing("plan", id))?;
    one(connection, id).await
}

pub(crate) async fn one(connection: &mut PgConnection, id: PlanId) -> Result<Plan, Trouble> {
    let found = by_ids(connection, &[id.0]).await?.remove(&id);
    Ok(found.map(Arc::unwrap_or_clone).ok_or_else(|| missing("plan", id))?)
}

pub(crate) async fn all(connection: &mut PgConnection) -> Result<Vec<Plan>, Trouble> {
    let ids = sqlx::query_scalar!("select id from plans").fetch_all(&mut *connection).await?;
    let found = by_ids(connection, &ids).await?;
    let mut plans: Vec<Plan> = found.into_values().map(Arc::unwrap_or_clone).collect();
    plans.sort_unstable_by_key(|plan| std::cmp::Reverse(plan.id));
    Ok(plans)
}

/// The plans of these ids.
pub(crate) async fn by_ids(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<PlanId, Arc<Plan>>, Trouble> {
    let rows = sqlx::query_as!(
        Kept,
        "select id, name, questionnaire, questionnaire_version, audience, policy, priority, schedule, state,
                created_by, created_at, approved_by, own_approval, first_started_at, started_at, stopped_at
         from plans where id = any($1)",
        ids
    )
    .fetch_all(connection)
    .await?;
    let plans = rows.into_iter().map(Plan::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(plans.into_iter().map(|plan| (plan.id, Arc::new(plan))).collect())
}

fn conflict(text: String) -> Trouble {
    StoreError::Conflict(text).into()
}

/// A plan as the query gives it.
struct Kept {
    id: Uuid,
    name: String,
    questionnaire: String,
    questionnaire_version: String,
    audience: serde_json::Value,
    policy: serde_json::Value,
    priority: i16,
    schedule: serde_json::Value,
    state: String,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    approved_by: Option<Uuid>,
    own_approval: bool,
    first_started_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    stopped_at: Option<DateTime<Utc>>,
}

impl TryFrom<Kept> for Plan {
    type Error = StoreError;

    fn try_from(kept: Kept) -> Result<Self, StoreError> {
        Ok(Self {
            id: PlanId(kept.id),
            content: NewPlan {
                name: kept.name,
                questionnaire: kept.questionnaire,
                questionnaire_version: kept.questionnaire_version,
                audience: json(kept.audience, PLACE)?,
                policy: json(kept.policy, PLACE)?,
                priority: kept.priority,
                schedule: json(kept.schedule, PLACE)?,
            },
            state: word(&kept.state, PLACE)?,
            created_by: AccountId(kept.created_by),
            created_at: kept.created_at,
            approved_by: kept.approved_by.map(AccountId),
            own_approval: kept.own_approval,
            first_started_at: kept.first_started_at,
            started_at: kept.started_at,
            stopped_at: kept.stopped_at,
        })
    }
}
