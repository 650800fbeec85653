//! Plans: the list, the form for a new one, and what can be done with each.

use askama::Template;
use axum::extract::State;
use records::{Audience, Plan, PlanId, PlanState, Policy, Schedule};
use serde::Deserialize;

use super::signed::Signed;
use super::ui::{Ui, go, page as show};
use crate::act::{self, PlanAsked};
use crate::auth::Caller;
use crate::desk::ShelfItem;
use crate::extract::At;
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::text::Lang;

#[derive(Template)]
#[template(path = "plans.html")]
struct PlansPage {
    ui: Ui,
    plans: Vec<Plan>,
    shelf: Vec<ShelfItem>,
    self_approval: bool,
}

impl PlansPage {
    fn title(&self, item: &ShelfItem) -> String {
        if self.ui.lang == Lang::Zh { item.title_zh.clone() } else { item.title_en.clone() }
    }

    fn audience(&self, plan: &Plan) -> String {
        match &plan.content.audience {
            Audience::Everyone => self.ui.t("plans.everyone").to_owned(),
            Audience::Class(class) => format!("{} {class}", self.ui.t("plans.class")),
            Audience::Segment(segment) => {
                let named = [&segment.classes, &segment.branches, &segment.products];
                named.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
            }
            Audience::ExternalIds(ids) => format!("{} × {}", self.ui.t("plans.listed"), ids.len()),
        }
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

/// The form; times of day as `10:00-11:00, 14:00-16:00`.
#[derive(Deserialize)]
pub(crate) struct PlanForm {
    name: String,
    questionnaire: String,
    audience: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    external_ids: String,
    spans: String,
    #[serde(default)]
    working_days_only: String,
    attempts: u32,
    priority: i16,
}

impl PlanForm {
    fn into_asked(self) -> Result<PlanAsked, Problem> {
        let audience = match self.audience.as_str() {
            "class" if self.class.trim().is_empty() => {
                return Err(Problem::invalid("audience: name the class of customers"));
            }
            "class" => Audience::Class(self.class.trim().to_owned()),
            "listed" => Audience::ExternalIds(words(&self.external_ids)),
            _ => Audience::Everyone,
        };
        let mut policy = Policy::default();
        policy.windows.spans = spans(&self.spans)?;
        policy.windows.working_days_only = !self.working_days_only.is_empty();
        policy.retry.attempts = self.attempts;
        Ok(PlanAsked {
            name: self.name,
            questionnaire: self.questionnaire,
            questionnaire_version: None,
            audience,
            policy,
            priority: self.priority,
            schedule: Schedule::default(),
        })
    }
}

fn words(text: &str) -> Vec<String> {
    let between = |c: char| c.is_whitespace() || [',', '，', ';', '；', '、'].contains(&c);
    text.split(between).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn spans(text: &str) -> Result<Vec<records::HourSpan>, Problem> {
    let plain = text.replace(['–', '—', '～', '~'], "-").replace('：', ":");
    let spans = words(&plain).into_iter().map(|word| {
        word.try_into().map_err(|error: records::HourSpanError| Problem::invalid(error.to_string()))
    });
    let spans: Vec<_> = spans.collect::<Result<_, _>>()?;
    if spans.is_empty() {
        Err(Problem::invalid("windows: name at least one, such as 10:00-11:00"))
    } else {
        Ok(spans)
    }
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui) -> Reply {
    let plans = front.desk.store.plans().await?;
    let shelf = front.desk.shelf.questionnaires();
    show(&PlansPage { ui, plans, shelf, self_approval: front.desk.settings.self_approval })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_people_type_them() {
        let read =
            |text: &str| -> Vec<String> { spans(text).unwrap().into_iter().map(String::from).collect() };
        assert_eq!(read("10:00-11:00, 14:00-16:00"), ["10:00-11:00", "14:00-16:00"]);
        assert_eq!(read("10：00～11：00、14:00–16:00"), ["10:00-11:00", "14:00-16:00"]);
        for broken in ["", " , ", "11:00-10:00", "morning"] {
            assert!(spans(broken).is_err(), "{broken}");
        }
    }
}
