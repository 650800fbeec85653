//! Plans: the list, the form for a new one, and what can be done with each.

use askama::Template;
use axum::extract::State;
use plan::Preset;
use records::{Audience, Plan, PlanId, PlanState};
use serde::Deserialize;

use super::plan_form::{Filled, PlanForm};
use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act;
use crate::auth::Caller;
use crate::desk::ShelfItem;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::Reply;
use crate::text::Lang;

#[derive(Template)]
#[template(path = "plans.html")]
struct PlansPage {
    ui: Ui,
    /// Each with what its readers must know.
    plans: Vec<(Vec<String>, Plan)>,
    shelf: Vec<ShelfItem>,
    self_approval: bool,
    presets: &'static [Preset],
    form: Filled,
}

impl PlansPage {
    fn title(&self, item: &ShelfItem) -> String {
        if self.ui.lang == Lang::Zh { item.title_zh.clone() } else { item.title_en.clone() }
    }

    fn preset_title<'a>(&self, preset: &'a Preset) -> &'a str {
        preset.title.get(self.ui.lang.name()).map_or(preset.id.as_str(), String::as_str)
    }

    fn audience(&self, plan: &Plan) -> String {
        audience(&self.ui, plan)
    }

    fn may_approve(&self, plan: &Plan) -> bool {
        let own = self.ui.account.as_ref().is_some_and(|account| account.id == plan.created_by);
        plan.state == PlanState::Draft
            && (self.self_approval || !own)
            && self.ui.may("POST", "/plans/{id}/approve")
    }

    fn may_start(&self, plan: &Plan) -> bool {
        matches!(plan.state, PlanState::Approved | PlanState::Stopped)
            && self.ui.may("POST", "/plans/{id}/start")
    }

    fn may_pause(&self, plan: &Plan) -> bool {
        plan.state == PlanState::Running && self.ui.may("POST", "/plans/{id}/pause")
    }

    fn may_resume(&self, plan: &Plan) -> bool {
        plan.state == PlanState::Paused && self.ui.may("POST", "/plans/{id}/resume")
    }

    fn may_stop(&self, plan: &Plan) -> bool {
        matches!(plan.state, PlanState::Running | PlanState::Paused)
            && self.ui.may("POST", "/plans/{id}/stop")
    }
}

/// Whom a plan calls, in a few words.
pub(super) fn audience(ui: &Ui, plan: &Plan) -> String {
    match &plan.content.audience {
        Audience::Everyone => ui.t("plans.everyone").to_owned(),
        Audience::Class(class) => format!("{} {class}", ui.t("plans.class")),
        Audience::Segment(segment) => {
            let named = [&segment.classes, &segment.branches, &segment.products];
            named.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
        }
        Audience::ExternalIds(ids) => format!("{} × {}", ui.t("plans.listed"), ids.len()),
    }
}

/// Which preset the form begins with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Begin {
    preset: String,
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(begin): Asked<Begin>) -> Reply {
    let plans = front.desk.store.plans().await?;
    let plans = plans.into_iter().map(|plan| (act::warnings(&front, &plan), plan)).collect();
    let shelf = front.desk.shelf.questionnaires();
    let form = match begin.preset.as_str() {
        "" => Filled::blank(),
        id => Filled::from(act::preset(id)?),
    };
    let presets = plan::presets();
    show(&PlansPage { ui, plans, shelf, self_approval: front.desk.settings.self_approval, presets, form })
}

pub(crate) async fn create(
    State(front): State<Front>,
    caller: Caller,
    Signed(form): Signed<PlanForm>,
) -> Reply {
    act::create(&front, &caller, form.into_asked()?).await?;
    go("/plans")
}

#[derive(Deserialize)]
pub(crate) struct Empty {}

pub(crate) async fn approve(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::approve(&front, &caller, id).await?;
    go("/plans")
}

pub(crate) async fn start(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::start(&front, &caller, id).await?;
    go("/plans")
}

pub(crate) async fn pause(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::pause_plan(&front, &caller, id).await?;
    go("/plans")
}

pub(crate) async fn resume(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::resume_plan(&front, &caller, id).await?;
    go("/plans")
}

pub(crate) async fn stop(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::stop(&front, &caller, id).await?;
    go("/plans")
}
