//! One plan: what it says, what its readers must know, who would be called when, and its rehearsal.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use plan::{DayLoad, Expected, PlanFigures};
use records::{Plan, PlanId};
use serde::Deserialize;

use super::plan_form::lines;
use super::plan_rules::Rules;
use super::plans::audience;
use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act::{self, CoverageAsked, DryRunAsked, Foretold, RehearsalAsked};
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::Reply;

#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    ui: Ui,
    plan: Plan,
    warnings: Vec<String>,
    audience: String,
    windows: String,
    firings: String,
    roles: String,
    figures: PlanFigures,
    rules: Rules,
}

impl PlanPage {
    /// In per cent.
    #[expect(clippy::ref_option, reason = "templates pass references")]
    fn share(share: &Option<f64>) -> String {
        share.map_or_else(|| "—".to_owned(), |share| format!("{:.1} %", share * 100.0))
    }

    fn per_cent(share: f64) -> String {
        Self::share(&Some(share))
    }
}

pub(crate) async fn page(
    State(front): State<Front>,
    ui: Ui,
    At(id): At<PlanId>,
    Asked(asked): Asked<CoverageAsked>,
) -> Reply {
    let figures = act::coverage(&front, id, asked).await?;
    let plan = front.desk.store.plan(id).await?;
    let spans = plan.content.policy.windows.spans.iter().map(|span| String::from(*span));
    let roles = plan.content.schedule.called_roles();
    show(&PlanPage {
        warnings: act::warnings(&front, &plan),
        audience: audience(&ui, &plan),
        windows: spans.collect::<Vec<_>>().join(", "),
        firings: lines(&plan.content.schedule.firings),
        roles: roles.into_iter().map(|role| role.0).collect::<Vec<_>>().join(", "),
        figures,
        rules: Rules::of(&plan.content.policy, &plan.content.schedule),
        ui,
        plan,
    })
}

#[derive(Template)]
#[template(path = "dry_run.html")]
struct DryRunPage {
    ui: Ui,
    plan: Plan,
    warnings: Vec<String>,
    told: Foretold,
    /// The busiest hour's calls.
    most: u32,
}

impl DryRunPage {
    fn days(&self) -> Vec<(&NaiveDate, &DayLoad)> {
        self.told.run.days.iter().collect()
    }

    /// How dark an hour is shown, 0 to 4.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn shade(&self, calls: &u32) -> u32 {
        if *calls == 0 { 0 } else { 1 + (calls.saturating_sub(1)) * 4 / self.most.max(1) }
    }

    fn mode(&self, row: &Expected) -> String {
        let mode = self.ui.word("mode", row.mode.slug());
        match (row.by_channel, row.by_people) {
            (true, _) => format!("{mode} · {}", self.ui.t("plans.asked_for")),
            (false, true) => format!("{mode} · {}", self.ui.t("plans.people")),
            (false, false) => mode,
        }
    }
}

pub(crate) async fn dry_run(
    State(front): State<Front>,
    ui: Ui,
    At(id): At<PlanId>,
    Asked(asked): Asked<DryRunAsked>,
) -> Reply {
    let plan = front.desk.store.plan(id).await?;
    let told = act::dry_run(&front, id, asked).await?;
    let most = told.run.days.values().flat_map(|day| day.by_hour).max().unwrap_or(0);
    show(&DryRunPage { ui, warnings: act::warnings(&front, &plan), plan, told, most })
}

/// The form of a rehearsal.
#[derive(Deserialize)]
pub(crate) struct RehearsalForm {
    number: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    outside_windows: String,
}

pub(crate) async fn rehearse(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<PlanId>,
    Signed(form): Signed<RehearsalForm>,
) -> Reply {
    let asked = RehearsalAsked {
        number: form.number,
        language: Some(form.language),
        outside_windows: !form.outside_windows.is_empty(),
    };
    let attempt = act::rehearse(&front, &caller, id, asked).await?;
    go(&format!("/attempts/{attempt}"))
}
