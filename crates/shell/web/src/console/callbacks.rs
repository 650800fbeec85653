//! The human call-back queue, and one item worked on.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use ports::{CallbackRow, Page, PageOf};
use records::{Callback, CallbackId, CallbackOutcome, CallbackState, Customer, Number, Role};
use serde::Deserialize;

use super::facts::cause;
use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act;
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::Reply;

const ROWS: u32 = 100;

/// Empty means open and taken.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    state: Option<CallbackState>,
    before: Option<uuid::Uuid>,
}

#[derive(Template)]
#[template(path = "callbacks.html")]
struct QueuePage {
    ui: Ui,
    part: PageOf<CallbackRow>,
    state: Option<CallbackState>,
    now: DateTime<Utc>,
}

impl QueuePage {
    fn cause(&self, row: &CallbackRow) -> String {
        cause(&self.ui, &row.callback.content.cause)
    }

    fn late(&self, row: &CallbackRow) -> bool {
        row.callback.state != CallbackState::Done && row.callback.content.due_at < self.now
    }
}

#[derive(Template)]
#[template(path = "callback.html")]
struct ItemPage {
    ui: Ui,
    item: Callback,
    customer: Customer,
    mine: bool,
}

impl ItemPage {
    fn cause(&self) -> String {
        cause(&self.ui, &self.item.content.cause)
    }

    /// Whoever works on the item must be able to dial.
    fn number(&self, number: &Number) -> String {
        if self.mine { number.e164().to_owned() } else { self.ui.number(number) }
    }

    fn may_take(&self) -> bool {
        self.item.state == CallbackState::Open && self.ui.may("POST", "/callbacks/{id}/take")
    }

    /// What belongs to the case: its attempt, its certificate.
    fn may_see_case(&self) -> bool {
        self.mine || self.ui.account.as_ref().is_some_and(|account| account.role != Role::Agent)
    }
}

#[derive(Deserialize)]
pub(crate) struct Finishing {
    outcome: CallbackOutcome,
    note: String,
}

#[derive(Deserialize)]
pub(crate) struct Empty {}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(filter): Asked<Filter>) -> Reply {
    let part =
        front.desk.overview.callbacks(filter.state, Page { before: filter.before, limit: ROWS }).await?;
    let now = front.desk.store.now().await?;
    show(&QueuePage { ui, part, state: filter.state, now })
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, ui: Ui, At(id): At<CallbackId>) -> Reply {
    let item = front.desk.store.callback(id).await?;
    let customer = front.desk.store.customer(item.customer).await?;
    let mine = item.state == CallbackState::Taken && item.taken_by == Some(caller.account.id);
    show(&ItemPage { ui, item, customer, mine })
}

pub(crate) async fn take(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CallbackId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::take(&front, &caller, id).await?;
    go(&format!("/callbacks/{id}"))
}

pub(crate) async fn finish(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<CallbackId>,
    Signed(form): Signed<Finishing>,
) -> Reply {
    act::finish(&front, &caller, id, form.outcome, &form.note).await?;
    go("/callbacks")
}
