//! Writes, approves, starts and stops plans.

use chrono::Utc;
use records::{Audience, NewPlan, Plan, PlanId, PlanState, Policy, Schedule};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::auth::Caller;
use crate::front::Front;
use crate::problem::Problem;

/// A plan as a client gives it.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanAsked {
    pub(crate) name: String,
    pub(crate) questionnaire: String,
    /// The current version where absent.
    #[serde(default)]
    pub(crate) questionnaire_version: Option<String>,
    pub(crate) audience: Audience,
    /// Where it begins: the figures of this preset hold where the fields below are absent.
    #[serde(default)]
    pub(crate) preset: Option<String>,
    #[serde(default)]
    pub(crate) policy: Option<Policy>,
    #[serde(default)]
    pub(crate) priority: Option<i16>,
    /// A list, called once, where neither it nor a preset is given.
    #[serde(default)]
    pub(crate) schedule: Option<Schedule>,
}

/// Writes a plan; it calls nobody before it is approved and started.
pub(crate) async fn create(front: &Front, caller: &Caller, asked: PlanAsked) -> Result<Plan, Problem> {
    let content = checked(front, asked).await?;
    let id = PlanId(Uuid::now_v7());
    let plan = front.desk.store.create_plan(id, &content, caller.account.id).await?;
    trail(front, caller, "plan.create", id).await;
    Ok(plan)
}

async fn checked(front: &Front, asked: PlanAsked) -> Result<NewPlan, Problem> {
    let name = asked.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Problem::invalid("name: give the plan a name of 1 to 200 characters"));
    }
    if let Audience::ExternalIds(ids) = &asked.audience
        && ids.is_empty()
    {
        return Err(Problem::invalid("audience: name at least one external id"));
    }
    let preset = match &asked.preset {
        Some(id) => Some(preset(id)?.clone()),
        None => None,
    };
    let (policy, schedule, priority) =
        preset.map_or_else(Default::default, |preset| (preset.policy, preset.schedule, preset.priority));
    let policy = asked.policy.unwrap_or(policy);
    let schedule = asked.schedule.unwrap_or(schedule);
    front.desk.shelf.check_policy(&policy).map_err(|why| Problem::invalid(format!("policy: {why}")))?;
    if let Some(problem) = plan::check_schedule(&schedule).first() {
        return Err(Problem::invalid(problem.to_string()));
    }
    let questionnaire_version = version(front, &asked.questionnaire, asked.questionnaire_version).await?;
    Ok(NewPlan {
        name,
        questionnaire: asked.questionnaire,
        questionnaire_version,
        audience: asked.audience,
        policy,
        priority: asked.priority.unwrap_or(priority),
        schedule,
    })
}

/// The preset of that name.
pub(crate) fn preset(id: &str) -> Result<&'static plan::Preset, Problem> {
    plan::presets().iter().find(|preset| preset.id == id).ok_or_else(|| {
        let ids: Vec<_> = plan::presets().iter().map(|preset| preset.id.as_str()).collect();
        Problem::invalid(format!("preset: there is no \"{id}\": use one of {}", ids.join(", ")))
    })
}

/// What a plan's readers must know: the years it reaches into whose holidays are not known.
pub(crate) fn warnings(front: &Front, plan: &Plan) -> Vec<String> {
    if plan.state == PlanState::Stopped {
        return vec![];
    }
    let today = Utc::now().with_timezone(&front.desk.settings.zone).date_naive();
    let unknown = plan::holidays_unknown(&plan.content.schedule, &front.desk.shelf.calendar(), today);
    unknown.iter().map(ToString::to_string).collect()
}

/// The version named, which must be published, else the current one.
async fn version(front: &Front, name: &str, asked: Option<String>) -> Result<String, Problem> {
    if let Some(version) = asked {
        let published = front.desk.store.questionnaire(&version).await?;
        return if published.name == name {
            Ok(version)
        } else {
            Err(Problem::invalid(format!(
                "questionnaire_version: {version} is a version of \"{}\", not of \"{name}\"",
                published.name
            )))
        };
    }
    let shelf = front.desk.shelf.questionnaires();
    let current = shelf.iter().find(|item| item.name == name);
    current.map(|item| item.version.clone()).ok_or_else(|| {
        let names: Vec<_> = shelf.iter().map(|item| item.name.as_str()).collect();
        Problem::invalid(format!(
            "questionnaire: there is no \"{name}\": use one of {}, or add its file and restart",
            names.join(", ")
        ))
    })
}

/// Another person than the author agrees (W8.3).
pub(crate) async fn approve(front: &Front, caller: &Caller, id: PlanId) -> Result<Plan, Problem> {
    let own_allowed = front.desk.settings.self_approval;
    let plan = front.desk.store.approve_plan(id, caller.account.id, own_allowed).await?;
    trail(front, caller, "plan.approve", id).await;
    Ok(plan)
}

/// Starts calling; answers how many tasks were created.
pub(crate) async fn start(front: &Front, caller: &Caller, id: PlanId) -> Result<u64, Problem> {
    let created = front.desk.store.start_plan(id).await?;
    trail(front, caller, "plan.start", id).await;
    Ok(created)
}

/// No new calls for the moment.
pub(crate) async fn pause_plan(front: &Front, caller: &Caller, id: PlanId) -> Result<Plan, Problem> {
    let plan = front.desk.store.pause_plan(id).await?;
    trail(front, caller, "plan.pause", id).await;
    Ok(plan)
}

/// Calls again as before.
pub(crate) async fn resume_plan(front: &Front, caller: &Caller, id: PlanId) -> Result<Plan, Problem> {
    let plan = front.desk.store.resume_plan(id).await?;
    trail(front, caller, "plan.resume", id).await;
    Ok(plan)
}

/// No new calls; tasks stay.
pub(crate) async fn stop(front: &Front, caller: &Caller, id: PlanId) -> Result<Plan, Problem> {
    let plan = front.desk.store.stop_plan(id).await?;
    trail(front, caller, "plan.stop", id).await;
    Ok(plan)
}

async fn trail(front: &Front, caller: &Caller, action: &str, id: PlanId) {
    tracing::info!(plan = %id, action, "a plan changed");
    front.trail(&caller.account.login, action, &format!("plan:{id}"), json!({})).await;
}
