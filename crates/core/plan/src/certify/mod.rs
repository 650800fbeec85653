//! The certificate of a task: rule by rule what the plan asks, what was done, and whether the one fits the other; and
//! why the task ended. Pure: the same dossier and calendar give the same certificate.
//!
//! Windows are judged by the calendar that is given, which may know holidays that were not known on the day of a call; the
//! certificate names it.

mod clause;
mod dossier;
mod due;
mod often;
mod people;
mod records_kept;
mod rounds;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use records::{
    AccountId, Callback, ContactRole, CustomerId, Mode, Move, MoveRule, Occasion, PlanId, Step, TaskId,
    TaskState, Waiver,
};
use serde::Serialize;

use crate::Calendar;

pub use clause::{Clause, ClauseName, Figures, Proof, Said, Verdict};
pub use dossier::{Dossier, Tried};

/// What is on file about a task, held against its plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Certificate {
    pub task: TaskId,
    /// It tells the state of this moment; of a task that ended it is final, but for what people still do with it.
    pub as_of: DateTime<Utc>,
    pub plan: PlanNamed,
    /// Windows and working days are judged by it, as it was known when the certificate was made.
    pub calendar: CalendarNamed,
    pub customer: CustomerNamed,
    pub occasion: Occasion,
    pub role: ContactRole,
    pub mode: Mode,
    pub due_on: Option<NaiveDate>,
    pub aim_by: Option<DateTime<Utc>>,
    pub due_by: Option<DateTime<Utc>>,
    pub state: TaskState,
    /// Where it is to be called again.
    pub next_at: Option<DateTime<Utc>>,
    /// `not_kept` where a clause is; else `open` where a clause is; else `kept`.
    pub verdict: Verdict,
    pub clauses: Vec<Clause>,
    /// Why it ended; none while it is open.
    pub ending: Option<Ending>,
    /// The records the clauses are told from, oldest first.
    pub attempts: Vec<Tried>,
    pub moves: Vec<Move>,
    pub steps: Vec<Step>,
    pub callbacks: Vec<Callback>,
    /// Those that cover the plan.
    pub waivers: Vec<Waiver>,
    /// Names of the accounts that the records tell of, as far as they are known.
    pub people: BTreeMap<AccountId, String>,
}

/// The plan of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlanNamed {
    pub id: PlanId,
    pub name: String,
    pub questionnaire: String,
    /// SHA-256 of the questionnaire's text, hex.
    pub questionnaire_version: String,
    pub created_by: AccountId,
    pub approved_by: Option<AccountId>,
    /// The author approved it, as this installation's setting allowed at that time.
    pub own_approval: bool,
}

/// The calendar that working days were judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CalendarNamed {
    /// As [`Calendar::revision`] gives it.
    pub revision: String,
    /// Years whose holidays it knows; of others it knows week-ends only.
    pub years: Vec<i32>,
}

/// The customer of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CustomerNamed {
    pub id: CustomerId,
    pub external_id: String,
    pub name: String,
}

/// Why a task ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ending {
    pub state: TaskState,
    pub at: DateTime<Utc>,
    pub rule: MoveRule,
    /// The rule in words.
    pub said: Said,
    /// With the figures of the case.
    pub why: String,
    /// An account's id; none: the policy.
    pub by: Option<String>,
}

/// Holds a task's dossier against its plan.
pub fn certify(dossier: &Dossier, calendar: &Calendar) -> Certificate {
    let clauses: Vec<Clause> = [
        due::clauses(dossier),
        rounds::clauses(dossier),
        often::clauses(dossier, calendar),
        records_kept::clauses(dossier),
        people::clauses(dossier),
    ]
    .into_iter()
    .flatten()
    .collect();
    let worst = clauses.iter().map(|clause| clause.verdict).fold(Verdict::NotApplicable, Verdict::and);
    let Dossier { now, task, plan, customer, attempts, moves, steps, callbacks, waivers, .. } = dossier;
    let waits = matches!(task.state, TaskState::Due | TaskState::Waiting);
    Certificate {
        task: task.id,
        as_of: *now,
        plan: PlanNamed {
            id: plan.id,
            name: plan.content.name.clone(),
            questionnaire: plan.content.questionnaire.clone(),
            questionnaire_version: plan.content.questionnaire_version.clone(),
            created_by: plan.created_by,
            approved_by: plan.approved_by,
            own_approval: plan.own_approval,
        },
        calendar: CalendarNamed { revision: calendar.revision(), years: calendar.known_years() },
        customer: CustomerNamed {
            id: customer.id,
            external_id: customer.row.external_id.clone(),
            name: customer.row.name.clone(),
        },
        occasion: task.occasion.clone(),
        role: task.role.clone(),
        mode: task.mode,
        due_on: task.due_on,
        aim_by: task.aim_by,
        due_by: task.due_by,
        state: task.state,
        next_at: waits.then_some(task.next_at),
        verdict: worst,
        clauses,
        ending: dossier.ending().map(ending),
        attempts: attempts.clone(),
        moves: moves.clone(),
        steps: steps.clone(),
        callbacks: callbacks.clone(),
        waivers: waivers.iter().filter(|waiver| waiver.content.covers(plan.id)).cloned().collect(),
        people: BTreeMap::new(),
    }
}

fn ending(made: &Move) -> Ending {
    let rule = made.because.rule;
    Ending {
        state: made.to,
        at: made.at,
        rule,
        said: Said::new(rule.zh(), rule.en()),
        why: made.because.why.clone(),
        by: made.by.clone(),
    }
}
