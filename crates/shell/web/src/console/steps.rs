//! The ladder's steps: those that wait, and one carried out with the form of its kind.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use ports::{Page, PageOf, StepFilter, StepRow};
use records::{
    Account, Attached, Customer, MessageWay, Number, Plan, Role, Step, StepForm, StepId, StepKind,
    StepOutcome, StepState,
};
use serde::Deserialize;

use super::signed::Signed;
use super::ui::{Ui, go, page as show, parsed};
use crate::act::{self, StepEnding};
use crate::auth::Caller;
use crate::extract::{Asked, At};
use crate::front::Front;
use crate::problem::{Problem, Reply};

const ROWS: u32 = 100;

/// Kinds that people or gateways carry out; calls and the call-back queue have their own places.
const KINDS: [StepKind; 4] = [StepKind::Reconfirm, StepKind::Message, StepKind::Visit, StepKind::Letter];

/// As the form sends it: empty means all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    kind: String,
    plan: String,
    before: String,
}

#[derive(Template)]
#[template(path = "steps.html")]
struct StepsPage {
    ui: Ui,
    part: PageOf<StepRow>,
    plans: Vec<Plan>,
    filter: Filter,
    now: DateTime<Utc>,
}

impl StepsPage {
    fn late(&self, step: &Step) -> bool {
        step.due_at.is_some_and(|due| due < self.now)
    }
}

#[derive(Template)]
#[template(path = "step.html")]
struct StepPage {
    ui: Ui,
    step: Step,
    customer: Customer,
    plan: Plan,
    /// What was written down when it was carried out.
    form: Written,
    may_work: bool,
    may_take: bool,
    /// Somebody else works on it.
    anothers: bool,
}

impl StepPage {
    /// What may come of a step of this kind.
    fn outcomes(&self) -> &'static [StepOutcome] {
        match self.step.kind {
            StepKind::Reconfirm => &[StepOutcome::Confirmed, StepOutcome::Refused, StepOutcome::Failed],
            _ => &[StepOutcome::Succeeded, StepOutcome::Refused, StepOutcome::Failed],
        }
    }

    /// What belongs to the case: agents see it while the step is theirs.
    fn may_see_case(&self) -> bool {
        let theirs = |account: &Account| {
            let taken = self.step.state != StepState::Done && self.step.taken_by == Some(account.id);
            account.role != Role::Agent || taken
        };
        self.ui.account.as_ref().is_some_and(theirs)
    }

    /// Whether it can be sent or posted first, its answer coming later.
    fn may_be_carried(&self) -> bool {
        self.step.state == StepState::Open && self.step.kind != StepKind::Reconfirm
    }
}

/// Nothing is asked.
#[derive(Deserialize)]
pub(crate) struct Empty {}

/// The fields of all kinds, as people type them; empty ones are not given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    numbers: String,
    confirmed_by: String,
    way: String,
    link: String,
    on: String,
    by: String,
    posted_on: String,
    tracking: String,
    replied_on: String,
    paper: String,
    paper_sha256: String,
    outcome: String,
    note: String,
}

impl Written {
    /// The form of this kind; none where nothing of it was filled in.
    fn form(&self, kind: StepKind) -> Result<Option<StepForm>, Problem> {
        Ok(match kind {
            StepKind::Reconfirm if given(&self.confirmed_by).is_some() || given(&self.numbers).is_some() => {
                Some(StepForm::Reconfirm {
                    numbers: numbers(&self.numbers)?,
                    confirmed_by: needed("confirmed_by", &self.confirmed_by)?,
                })
            }
            StepKind::Message if given(&self.link).is_some() => Some(StepForm::Message {
                way: if self.way == "email" { MessageWay::Email } else { MessageWay::Sms },
                link: needed("link", &self.link)?,
            }),
            StepKind::Visit if given(&self.on).is_some() => Some(StepForm::Visit {
                on: day("on", &self.on)?,
                by: needed("by", &self.by)?,
                signature: self.attached()?,
            }),
            StepKind::Letter if given(&self.posted_on).is_some() => Some(StepForm::Letter {
                posted_on: day("posted_on", &self.posted_on)?,
                tracking: given(&self.tracking),
                replied_on: given(&self.replied_on).map(|text| day("replied_on", &text)).transpose()?,
                reply: self.attached()?,
            }),
            _ => None,
        })
    }

    fn attached(&self) -> Result<Option<Attached>, Problem> {
        let (Some(name), Some(sha256)) = (given(&self.paper), given(&self.paper_sha256)) else {
            return Ok(None);
        };
        let sha256 = sha256.to_ascii_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Problem::invalid("paper_sha256: give the 64 hex digits of the file's SHA-256"));
        }
        Ok(Some(Attached { name, sha256 }))
    }

    /// As it was written down, numbers as this reader may see them.
    fn of(ui: &Ui, form: Option<&StepForm>) -> Self {
        let mut written = Self::default();
        let mut paper = None;
        match form {
            Some(StepForm::Reconfirm { numbers, confirmed_by }) => {
                written.numbers =
                    numbers.iter().map(|number| ui.number(number)).collect::<Vec<_>>().join("\n");
                written.confirmed_by.clone_from(confirmed_by);
            }
            Some(StepForm::Message { way, link }) => {
                let way = if *way == MessageWay::Email { "email" } else { "sms" };
                way.clone_into(&mut written.way);
                written.link.clone_from(link);
            }
            Some(StepForm::Visit { on, by, signature }) => {
                written.on = on.to_string();
                written.by.clone_from(by);
                paper.clone_from(signature);
            }
            Some(StepForm::Letter { posted_on, tracking, replied_on, reply }) => {
                written.posted_on = posted_on.to_string();
                written.tracking = tracking.clone().unwrap_or_default();
                written.replied_on = replied_on.map(|on| on.to_string()).unwrap_or_default();
                paper.clone_from(reply);
            }
            None => {}
        }
        if let Some(Attached { name, sha256 }) = paper {
            (written.paper, written.paper_sha256) = (name, sha256);
        }
        written
    }
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn needed(field: &str, text: &str) -> Result<String, Problem> {
    given(text).ok_or_else(|| Problem::invalid(format!("{field}: fill it in")))
}

fn day(field: &str, text: &str) -> Result<NaiveDate, Problem> {
    text.trim().parse().map_err(|_| Problem::invalid(format!("{field}: write the day as 2026-11-02")))
}

fn numbers(text: &str) -> Result<Vec<Number>, Problem> {
    let between = |c: char| matches!(c, '\n' | '\r' | ',' | '，' | '、' | ';' | '；');
    let each = text.split(between).map(str::trim).filter(|text| !text.is_empty());
    each.map(|text| Number::parse(text).map_err(|why| Problem::invalid(format!("numbers: {why}")))).collect()
}

pub(crate) async fn page(State(front): State<Front>, ui: Ui, Asked(filter): Asked<Filter>) -> Reply {
    let asked = StepFilter { plan: parsed("plan", &filter.plan)?, kind: parsed("kind", &filter.kind)? };
    let page = Page { before: parsed("before", &filter.before)?, limit: ROWS };
    let part = front.desk.store.open_steps(asked, page).await?;
    let (plans, now) = (front.desk.store.plans().await?, front.desk.store.now().await?);
    show(&StepsPage { ui, part, plans, filter, now })
}

pub(crate) async fn one(State(front): State<Front>, caller: Caller, ui: Ui, At(id): At<StepId>) -> Reply {
    let step = front.desk.store.step(id).await?;
    let customer = front.desk.store.customer(step.customer).await?;
    let plan = front.desk.store.plan(step.plan).await?;
    let form = Written::of(&ui, step.form.as_ref());
    let open = step.state != StepState::Done;
    let anothers = open && step.taken_by.is_some_and(|holder| holder != caller.account.id);
    let may_work = open && !anothers && ui.may("POST", "/steps/{id}/finish");
    let may_take = may_work && step.taken_by.is_none() && ui.may("POST", "/steps/{id}/take");
    show(&StepPage { ui, step, customer, plan, form, may_work, may_take, anothers })
}

pub(crate) async fn take(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<StepId>,
    Signed(Empty {}): Signed<Empty>,
) -> Reply {
    act::take_step(&front, &caller, id).await?;
    go(&format!("/steps/{id}"))
}

pub(crate) async fn carry(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<StepId>,
    Signed(written): Signed<Written>,
) -> Reply {
    let step = front.desk.store.step(id).await?;
    let form = written.form(step.kind)?;
    let form = form.ok_or_else(|| Problem::invalid("fill in what was carried out, and when"))?;
    act::carry(&front, &caller, id, &form).await?;
    go(&format!("/steps/{id}"))
}

pub(crate) async fn finish(
    State(front): State<Front>,
    caller: Caller,
    At(id): At<StepId>,
    Signed(written): Signed<Written>,
) -> Reply {
    let step = front.desk.store.step(id).await?;
    let outcome = parsed::<StepOutcome>("outcome", &written.outcome)?;
    let outcome = outcome.ok_or_else(|| Problem::invalid("outcome: choose what came of it"))?;
    let ending = StepEnding { outcome, form: written.form(step.kind)?, note: given(&written.note) };
    act::finish_step(&front, &caller, id, ending).await?;
    go("/steps")
}
