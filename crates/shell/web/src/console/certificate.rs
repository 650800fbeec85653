//! The certificate of a task as a page, made to be printed.

use askama::Template;
use axum::extract::State;
use plan::{Certificate, Proof, Said, Tried, Verdict};
use records::{AccountId, Step, TaskId, Waiver};

use super::ui::{Ui, page as show};
use crate::act;
use crate::auth::Caller;
use crate::extract::At;
use crate::front::Front;
use crate::problem::{Problem, Reply};
use crate::text::Lang;

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    ui: Ui,
    certificate: Certificate,
}

impl CertificatePage {
    fn said<'a>(&self, said: &'a Said) -> &'a str {
        match self.ui.lang {
            Lang::Zh => &said.zh,
            Lang::En => &said.en,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn rule(&self, rule: &records::MoveRule) -> &'static str {
        match self.ui.lang {
            Lang::Zh => rule.zh(),
            Lang::En => rule.en(),
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn verdict(&self, verdict: &Verdict) -> String {
        self.ui.word("verdict", verdict.slug())
    }

    /// The names of the records a clause is told from: `#2` is the second attempt.
    fn proof(&self, proof: &[Proof]) -> String {
        let place = |id| self.certificate.attempts.iter().position(|tried| tried.attempt.id == id);
        let told = proof.iter().map(|proof| match proof {
            Proof::Attempt { id, .. } | Proof::Recording { attempt: id, .. } => {
                place(*id).map_or_else(String::new, |place| format!("#{}", place + 1))
            }
            Proof::Move { at, .. }
            | Proof::Step { at, .. }
            | Proof::Callback { at, .. }
            | Proof::Waiver { at, .. } => self.ui.time(at),
        });
        let mut told: Vec<String> = told.filter(|text| !text.is_empty()).collect();
        told.dedup();
        told.join(" · ")
    }

    fn reason(&self, tried: &Tried) -> String {
        let reason = tried.attempt.reason.map(|reason| self.ui.word("reason", reason.slug()));
        reason.unwrap_or_else(|| self.ui.t("attempts.open").to_owned())
    }

    /// Who it was, by name where it is known.
    fn person(&self, by: &str) -> String {
        let known = by.parse::<AccountId>().ok().and_then(|id| self.certificate.people.get(&id));
        known.cloned().unwrap_or_else(|| by.to_owned())
    }

    #[expect(clippy::ref_option, reason = "templates pass references")]
    fn who(&self, by: &Option<AccountId>) -> String {
        by.as_ref().map_or_else(|| "—".to_owned(), |by| self.person(&by.to_string()))
    }

    fn form(&self, step: &Step) -> String {
        use records::StepForm::{Letter, Message, Reconfirm, Visit};
        match &step.form {
            None => "—".to_owned(),
            Some(Reconfirm { numbers, confirmed_by }) => {
                let numbers: Vec<String> = numbers.iter().map(|number| self.ui.number(number)).collect();
                format!("{confirmed_by}: {}", numbers.join(", "))
            }
            Some(Message { way, link }) => format!("{way:?} {link}"),
            Some(Visit { on, by, signature }) => {
                let signature = signature.as_ref();
                let signature =
                    signature.map_or_else(String::new, |paper| format!(", {} {}", paper.name, paper.sha256));
                format!("{on} {by}{signature}")
            }
            Some(Letter { posted_on, tracking, replied_on, .. }) => {
                let tracking = tracking.as_deref().unwrap_or_default();
                let reply = replied_on.map_or_else(String::new, |on| format!(" → {on}"));
                format!("{posted_on} {tracking}{reply}")
            }
        }
    }

    /// The years whose holidays the calendar knows.
    fn years(&self) -> String {
        let years: Vec<String> = self.certificate.calendar.years.iter().map(i32::to_string).collect();
        years.join(", ")
    }

    fn signed(waiver: &Waiver) -> String {
        let content = &waiver.content;
        let all = [&content.customer, &content.salesperson, &content.sales_manager];
        all.map(|signature| format!("{} {}", signature.name, signature.on)).join(" / ")
    }
}

pub(crate) async fn page(State(front): State<Front>, caller: Caller, ui: Ui, At(id): At<TaskId>) -> Reply {
    let certificate = act::certificate(&front, &caller, id, "page").await?;
    let certificate = certificate.ok_or_else(|| Problem::not_allowed(ui.t("certificate.take_first")))?;
    show(&CertificatePage { ui, certificate })
}
