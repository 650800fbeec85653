//! Tasks: the list, and one with the way it went.

use askama::Template;
use axum::extract::State;
use ports::{AttemptFilter, AttemptRow, Page, PageOf, TaskFilter, TaskRow};
use records::{Claim, Customer, Move, Plan, Task, TaskId, TaskState};
use serde::Deserialize;

use super::ui::{Ui, page as show, parsed};
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::text::Lang;

const ROWS: u32 = 100;

/// As the form sends it: empty means all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    plan: String,
    state: String,
    customer: String,
    before: String,
}

#[derive(Template)]
#[template(path = "tasks.html")]
struct TasksPage {
    ui: Ui,
    part: PageOf<TaskRow>,
    plans: Vec<Plan>,
    filter: Filter,
}

#[derive(Template)]
#[template(path = "task.html")]
struct TaskPage {
    ui: Ui,
    task: Task,
    customer: std::sync::Arc<Customer>,
    plan: std::sync::Arc<Plan>,
    moves: Vec<Move>,
    attempts: Vec<AttemptRow>,
}

impl TaskPage {
    /// The rule of a move, in the page's language.
    fn rule(&self, made: &Move) -> &'static str {
        let rule = made.because.rule;
        if self.ui.lang == Lang::Zh { rule.zh() } else { rule.en() }
    }
}

fn state(text: &str) -> Result<Option<TaskState>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let found = TaskState::ALL.into_iter().find(|state| state.slug() == text);
    found
        .map(Some)
        .ok_or_else(|| Problem::unreadable(format!("state: there is no \"{text}\": choose one of the list")))
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(filter): Asked<Filter>) -> Reply {
    let asked = TaskFilter {
        plan: parsed("plan", &filter.plan)?,
        customer: parsed("customer", &filter.customer)?,
        state: state(&filter.state)?,
    };
    let page = Page { before: parsed("before", &filter.before)?, limit: ROWS };
    let part = front.desk.overview.tasks(asked, page).await?;
    show(&TasksPage { ui, part, plans: front.desk.store.plans().await?, filter })
}

pub(crate) async fn one(State(front): State<Front>, ui: Ui, At(id): At<TaskId>) -> Reply {
    let Claim { task, plan, customer, .. } = front.desk.store.case(id).await?;
    let moves = front.desk.store.moves(id).await?;
    let asked = AttemptFilter { task: Some(id), ..AttemptFilter::default() };
    let attempts = front.desk.overview.attempts(&asked, Page { before: None, limit: ROWS }).await?;
    show(&TaskPage { ui, task, customer, plan, moves, attempts: attempts.items })
}
