//! `/api/v1/tasks/{id}/certificate`, `/api/v1/plans/{id}/coverage`, `/api/v1/coverage`

use axum::extract::State;
use records::{PlanId, TaskId};

use super::Items;
use crate::act::{self, CoverageAsked};
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::sight::shown;

/// Answers `plan::Certificate`: rule by rule what was required and what was done, with the records it is told from; of
/// an open task as of now. Numbers are masked by role, agents see it while they work on the task; the reading is entered
/// in the trail.
pub(crate) async fn certificate(State(front): State<Front>, caller: Caller, At(id): At<TaskId>) -> Reply {
    let certificate = act::certificate(&front, &caller, id, "json").await?.ok_or_else(|| {
        Problem::not_allowed(
            "agents see the certificates of the cases they work on: take its item or step first",
        )
    })?;
    shown(&caller, &certificate)
}

/// Answers `plan::PlanFigures` of the plan; `?from=&to=` are days (`2026-03-31`), both inclusive.
pub(crate) async fn coverage(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Asked(asked): Asked<CoverageAsked>,
) -> Reply {
    shown(&caller, &act::coverage(&front, id, asked).await?)
}

/// Answers `{"items": [plan::PlanFigures]}`, as counted about once a minute.
pub(crate) async fn all_coverage(State(front): State<Front>, caller: Caller) -> Reply {
    shown(&caller, &Items { items: act::all_coverage(&front).await? })
}
