//! `/api/v1/callbacks`: the human call-back queue.

use axum::extract::State;
use records::{CallbackId, CallbackOutcome, CallbackState};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::act;
use crate::auth::Caller;
use crate::extract::{Asked, At, Body, PageAsked};
use crate::front::Front;
use crate::problem::Reply;
use crate::sight::shown;

#[derive(Deserialize, ToSchema)]
pub(crate) struct InState {
    /// Open and taken ones where absent.
    state: Option<CallbackState>,
}

/// How an item of the call-back queue ends.
#[derive(Deserialize, ToSchema)]
#[schema(as = CallbackEnding)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finishing {
    outcome: CallbackOutcome,
    /// What the customer said, or why not, in 1 to 4000 characters.
    note: String,
}

pub(crate) async fn list(
    State(front): State<Front>,
    caller: Caller,
    Asked(filter): Asked<InState>,
    Asked(page): Asked<PageAsked>,
) -> Reply {
    shown(&caller, &front.desk.overview.callbacks(filter.state, page.page()?).await?)
}

pub(crate) async fn take(State(front): State<Front>, caller: Caller, At(id): At<CallbackId>) -> Reply {
    shown(&caller, &act::take(&front, &caller, id).await?)
}

pub(crate) async fn finish(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CallbackId>,
    Body(finishing): Body<Finishing>,
) -> Reply {
    shown(&caller, &act::finish(&front, &caller, id, finishing.outcome, &finishing.note).await?)
}
