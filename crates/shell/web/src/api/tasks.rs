//! `/api/v1/tasks`, and the counts over tasks and answers

use axum::extract::State;
use ports::{Count, TaskFilter, TaskRow};
use records::{PlanId, TaskId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Items;
use crate::auth::Caller;
use crate::extract::{Asked, At, PageAsked};
use crate::front::Front;
use crate::problem::Reply;
use crate::sight::shown;

/// Of one plan, or of all.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OfPlan {
    plan: Option<PlanId>,
}

/// How often a question was answered so.
#[derive(Serialize, ToSchema)]
pub(crate) struct AnswerCount {
    question: String,
    value: String,
    count: u64,
}

pub(crate) async fn list(
    State(front): State<Front>,
    caller: Caller,
    Asked(filter): Asked<TaskFilter>,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    shown(&caller, &front.desk.overview.tasks(filter, page.page()?).await?)
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<TaskId>) -> Reply {
    let case = front.desk.store.case(id).await?;
    let row = TaskRow {
        task: case.task,
        customer_name: case.customer.row.name.clone(),
        plan_name: case.plan.content.name.clone(),
    };
    shown(&caller, &row)
}

pub(crate) async fn outcomes(State(front): State<Front>, caller: Caller, Asked(of): Asked<OfPlan>) -> Reply {
    shown(&caller, &front.desk.overview.outcome_counts(of.plan).await?)
}

pub(crate) async fn answers(State(front): State<Front>, caller: Caller, Asked(of): Asked<OfPlan>) -> Reply {
    let counts = front.desk.overview.answer_counts(of.plan).await?;
    let items: Vec<_> = counts
        .into_iter()
        .map(|(question, Count { name: value, count })| AnswerCount { question, value, count })
        .collect();
    shown(&caller, &Items { items })
}
