//! How far a plan is: coverage, what is overdue, the share of visits and letters (W8, L5, L7), and what of it gives cause
//! for alarm.

use chrono::{DateTime, NaiveDate, Utc};
use records::{AlarmName, PlanId, PlanState, WatchPolicy};
use serde::{Deserialize, Serialize};

/// The figures of one plan. Shares are from 0 to 1, and none where there is nothing to divide by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlanFigures {
    pub plan: PlanId,
    pub name: String,
    pub state: PlanState,
    /// When they were counted.
    pub at: DateTime<Utc>,
    /// First and last day of the period. A task counts by the day it falls due on, one of a list by the day it was made.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Fell due in the period; withdrawn ones are not among them.
    pub due: u64,
    pub withdrawn: u64,
    /// The right person answered everything that must be answered.
    pub done: u64,
    /// Of these, by the way that brought it; a call of a person is by phone as well.
    pub by_phone: u64,
    pub by_visit: u64,
    pub by_letter: u64,
    pub by_message: u64,
    /// The customer declined or opted out.
    pub refused: u64,
    /// The ladder was walked to its end.
    pub given_up: u64,
    pub open: u64,
    /// Done or refused, among those that fell due.
    pub coverage: Option<f64>,
    /// Of those that fell due: their time, aimed at or the deadline, is over; and those of them done or refused.
    pub past: u64,
    pub past_covered: u64,
    pub coverage_of_past: Option<f64>,
    /// Open, their time over, whenever they fell due; and since when the oldest is.
    pub overdue: u64,
    pub oldest_overdue: Option<DateTime<Utc>>,
    /// Open, their time over soon.
    pub soon_overdue: u64,
    /// Waiting to be called now.
    pub due_now: u64,
    /// Call-backs made in whatever way, ever; of these, those that came to a visit or a letter.
    pub made: u64,
    pub visits_and_letters: u64,
    pub share_of_visits_and_letters: Option<f64>,
    /// What they are held against.
    pub coverage_goal: f64,
    pub limit_of_visits_and_letters: f64,
    pub faults: Vec<PlanFault>,
}

/// What is wrong with a plan's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlanFault {
    pub name: String,
    /// With its figures, and what to do.
    pub what: String,
}

/// Shares are told apart no finer than that: a tenth of a thousand is a tenth.
const HAIR: f64 = 1e-9;

/// The share of some among all.
fn share(some: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| some as f64 / all as f64)
}

impl PlanFigures {
    /// No figures yet: to be filled in.
    pub fn empty(plan: &records::Plan, at: DateTime<Utc>, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            plan: plan.id,
            name: plan.content.name.clone(),
            state: plan.state,
            at,
            from,
            to,
            due: 0,
            withdrawn: 0,
            done: 0,
            by_phone: 0,
            by_visit: 0,
            by_letter: 0,
            by_message: 0,
            refused: 0,
            given_up: 0,
            open: 0,
            coverage: None,
            past: 0,
            past_covered: 0,
            coverage_of_past: None,
            overdue: 0,
            oldest_overdue: None,
            soon_overdue: 0,
            due_now: 0,
            made: 0,
            visits_and_letters: 0,
            share_of_visits_and_letters: None,
            coverage_goal: 0.0,
            limit_of_visits_and_letters: 0.0,
            faults: Vec::new(),
        }
    }

    /// Fills in what follows from the counts. Of a plan that does not run nothing is at fault.
    #[must_use]
    pub fn reckoned(mut self, watch: &WatchPolicy) -> Self {
        self.by_phone = self.done.saturating_sub(self.by_visit + self.by_letter + self.by_message);
        self.open = self.due.saturating_sub(self.done + self.refused + self.given_up);
        self.coverage = share(self.done + self.refused, self.due);
        self.coverage_of_past = share(self.past_covered, self.past);
        self.share_of_visits_and_letters = share(self.visits_and_letters, self.made);
        self.coverage_goal = watch.coverage_goal;
        self.limit_of_visits_and_letters = watch.visits_and_letters;
        self.faults = if self.state == PlanState::Running { self.found(watch) } else { Vec::new() };
        self
    }

    fn found(&self, watch: &WatchPolicy) -> Vec<PlanFault> {
        let per_cent = |share: f64| format!("{:.1} %", share * 100.0);
        let fault = |name: AlarmName, what| PlanFault { name: name.slug().to_owned(), what };
        let behind = self
            .coverage_of_past
            .filter(|share| self.past >= watch.least && *share < watch.coverage_goal - HAIR)
            .map(|share| {
                let what = format!(
                    "{} of {} tasks whose time is over came to an outcome, {}; the goal is {}. Look at the open ones, \
                     widen the windows, or give the queue more people",
                    self.past_covered,
                    self.past,
                    per_cent(share),
                    per_cent(watch.coverage_goal)
                );
                fault(AlarmName::CoverageBehind, what)
            });
        let overdue = (self.overdue > watch.overdue).then(|| {
            let oldest =
                self.oldest_overdue.map_or_else(String::new, |at| format!(", the oldest since {at}"));
            let what = format!(
                "{} tasks are overdue{oldest}, {} more will be soon. Call or close them",
                self.overdue, self.soon_overdue
            );
            fault(AlarmName::TasksOverdue, what)
        });
        let limit = watch.visits_and_letters;
        let shares =
            self.share_of_visits_and_letters.filter(|_| self.made >= watch.least).and_then(|share| {
                let told = format!(
                    "{} of {} call-backs came to a visit or a letter, {}; the limit is {}",
                    self.visits_and_letters,
                    self.made,
                    per_cent(share),
                    per_cent(limit)
                );
                if share > limit + HAIR {
                    let what =
                        format!("{told}. Call more often before the ladder goes on, or confirm numbers");
                    Some(fault(AlarmName::ShareAbove, what))
                } else if self.visits_and_letters > 0 && share >= limit * watch.near - HAIR {
                    Some(fault(AlarmName::ShareNear, format!("{told}. See why so few are reached by phone")))
                } else {
                    None
                }
            });
        [behind, overdue, shares].into_iter().flatten().collect()
    }
}
