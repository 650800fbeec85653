//! `/api/v1/attempts`, `/api/v1/live`

use axum::extract::State;
use ports::{AttemptFilter, AttemptRow, LiveCall, PaceStatus, TrunkStatus};
use records::{AttemptId, Fact};
use serde::Serialize;
use utoipa::ToSchema;

use crate::act::works_on;
use crate::auth::Caller;
use crate::extract::{Asked, At, PageAsked};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::sight::shown;

/// An attempt with what happened in it.
#[derive(Serialize, ToSchema)]
#[schema(as = AttemptWithFacts)]
pub(crate) struct Whole {
    #[serde(flatten)]
    row: AttemptRow,
    facts: Vec<Fact>,
}

/// What is going on at this moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Live {
    calls: Vec<LiveCall>,
    trunks: Vec<TrunkStatus>,
    /// None before the dialer's first look, or where it is switched off.
    pace: Option<PaceStatus>,
}

pub(crate) async fn list(
    State(front): State<Front>,
    caller: Caller,
    Asked(filter): Asked<AttemptFilter>,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    shown(&caller, &front.desk.overview.attempts(&filter, page.page()?).await?)
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, At(id): At<AttemptId>) -> Reply {
    let row = front.desk.overview.attempt_row(id).await?;
    if !works_on(&front, &caller, &row.attempt).await? {
        return Err(Problem::not_allowed(
            "agents see the attempts of the cases they work on: take its item or step first",
        ));
    }
    let facts = front.desk.store.facts(id).await?;
    shown(&caller, &Whole { row, facts })
}

pub(crate) async fn live(State(front): State<Front>, caller: Caller) -> Reply {
    let floor = &front.desk.floor;
    shown(&caller, &Live { calls: floor.live(), trunks: floor.trunks(), pace: floor.pace() })
}
