//! Attempts: the list by reason and plan, and one with its answers, evidence, facts and recording.

use askama::Template;
use axum::extract::State;
use ports::{AttemptFilter, AttemptRow, Page, PageOf};
use records::{AttemptId, Direction, Fact, Plan, Reason};
use serde::Deserialize;

use super::facts::{self, evidence, told};
use super::ladder::Drawing;
use super::markers;
use super::ui::{Ui, page as show, parsed};
use crate::act::{ladder, works_on};
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::{Problem, Reply};

const ROWS: u32 = 50;

/// As the form sends it: empty means all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    reason: String,
    plan: String,
    direction: String,
    customer: String,
    before: String,
}

impl Filter {
    fn read(&self) -> Result<(AttemptFilter, Page), Problem> {
        let filter = AttemptFilter {
            reason: parsed("reason", &self.reason)?,
            plan: parsed("plan", &self.plan)?,
            customer: parsed("customer", &self.customer)?,
            direction: parsed("direction", &self.direction)?,
            ..AttemptFilter::default()
        };
        Ok((filter, Page { before: parsed("before", &self.before)?, limit: ROWS }))
    }
}

#[derive(Template)]
#[template(path = "attempts.html")]
struct AttemptsPage {
    ui: Ui,
    part: PageOf<AttemptRow>,
    plans: Vec<Plan>,
    filter: Filter,
}

#[derive(Template)]
#[template(path = "attempt.html")]
struct AttemptPage {
    ui: Ui,
    row: AttemptRow,
    facts: Vec<Fact>,
    may_hear: bool,
    may_trace: bool,
    /// Where the reader asked for it.
    ladder: Option<Drawing>,
}

/// `?trace=1` shows the ladder as well.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    trace: Option<u8>,
}

impl AttemptPage {
    fn evidence(&self) -> Vec<(String, String)> {
        evidence(&self.ui, &self.row.attempt)
    }

    fn told(&self, fact: &Fact) -> (String, String) {
        told(&self.ui, &fact.noted)
    }
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(filter): Asked<Filter>) -> Reply {
    let (asked, page) = filter.read()?;
    let part = front.desk.overview.attempts(&asked, page).await?;
    show(&AttemptsPage { ui, part, plans: front.desk.store.plans().await?, filter })
}

pub(crate) async fn one(
    State(front): State<Front>,
    caller: Caller,
    ui: Ui,
    At(id): At<AttemptId>,
    Asked(wanted): Asked<Wanted>,
) -> Reply {
    let row = front.desk.overview.attempt_row(id).await?;
    if !works_on(&front, &caller, &row.attempt).await? {
        return Err(Problem::not_allowed(ui.t("attempts.take_first")));
    }
    let may_hear = ui.may("GET", "/api/v1/recordings/{id}/audio");
    let may_trace = ui.may("GET", "/api/v1/attempts/{id}/trace");
    let ladder = match wanted.trace {
        Some(1) if may_trace => Some(Drawing::of(&ui, &ladder(&front, &caller, &row, "page").await?)),
        _ => None,
    };
    let facts = front.desk.store.facts(id).await?;
    show(&AttemptPage { ui, row, facts, may_hear, may_trace, ladder })
}
