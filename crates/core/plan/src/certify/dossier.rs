//! What a certificate is made from: everything that is on file about one task, at one moment.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use records::{
    Answer, Attempt, Callback, Customer, Direction, Move, MoveRule, Plan, Policy, Reason, Recent, Recording,
    Step, Task, TaskState, Waiver,
};
use serde::Serialize;

use super::clause::Proof;
use crate::slot::{HalfDay, Slot};

/// An attempt with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Tried {
    #[serde(flatten)]
    pub attempt: Attempt,
    pub answers: Vec<Answer>,
    pub recording: Option<Recording>,
}

/// Everything on file about one task.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// The store's clock.
    pub now: DateTime<Utc>,
    pub task: Task,
    /// As it was approved: a plan's text never changes.
    pub plan: Arc<Plan>,
    pub customer: Arc<Customer>,
    /// Oldest first, those that came in among them.
    pub attempts: Vec<Tried>,
    /// Oldest first.
    pub moves: Vec<Move>,
    /// Oldest first.
    pub steps: Vec<Step>,
    /// Oldest first.
    pub callbacks: Vec<Callback>,
    /// Of the customer, for whichever plan.
    pub waivers: Vec<Waiver>,
    /// What the caps count: counted attempts on the customer and the numbers, of any plan and by hand, from the first
    /// attempt of this task less the caps' span to its last.
    pub recent: Vec<Recent>,
}

/// Attempts from the beginning, or from a person's wish for more calls, to where a rule ended them.
pub(super) struct Round<'a> {
    pub(super) tried: Vec<&'a Tried>,
    /// None: it goes on, or the task ended without a word.
    pub(super) ended_by: Option<&'a Move>,
}

impl Dossier {
    pub(super) fn policy(&self) -> &Policy {
        &self.plan.content.policy
    }

    pub(super) fn zone(&self) -> Tz {
        self.customer.row.zone()
    }

    pub(super) fn ended(&self) -> bool {
        self.task.state.ended()
    }

    /// A moment as people read it, where the customer is.
    pub(super) fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone()).format("%Y-%m-%d %H:%M").to_string()
    }

    pub(super) fn place(&self, at: DateTime<Utc>) -> (NaiveDate, Slot) {
        let zone = self.zone();
        (at.with_timezone(&zone).date_naive(), Slot::of(&self.policy().retry, zone, at))
    }

    pub(super) fn half_day(&self, at: DateTime<Utc>) -> HalfDay {
        HalfDay::of(self.zone(), at)
    }

    /// Those that we placed.
    pub(super) fn placed(&self) -> impl Iterator<Item = &Tried> {
        self.attempts.iter().filter(|tried| tried.attempt.direction == Direction::Outbound)
    }

    /// The move by which it ended.
    pub(super) fn ending(&self) -> Option<&Move> {
        self.moves.iter().rev().find(|made| made.to.ended()).filter(|_| self.ended())
    }

    /// The rounds of calls, in the order of the moves; an attempt that no move tells of is of the first.
    pub(super) fn rounds(&self) -> Vec<Round<'_>> {
        let by_id = |id| self.attempts.iter().find(|tried| tried.attempt.id == id);
        let told = |tried: &&Tried| self.moves.iter().any(|made| made.attempt == Some(tried.attempt.id));
        let mut tried: Vec<&Tried> = self.attempts.iter().filter(|tried| !told(tried)).collect();
        let mut rounds = Vec::new();
        for made in &self.moves {
            if let Some(attempt) = made.attempt.and_then(by_id)
                && !tried.iter().any(|known| known.attempt.id == attempt.attempt.id)
                && matches!(made.because.rule, MoveRule::Dialled | MoveRule::RangBack)
            {
                tried.push(attempt);
            }
            let over = made.to.ended() || made.to == TaskState::WithPerson;
            let gave_up = gives_up(made.because.rule);
            if gave_up || (!tried.is_empty() && (over || made.because.rule == MoveRule::PersonAgain)) {
                rounds.push(Round { tried: std::mem::take(&mut tried), ended_by: Some(made) });
            }
        }
        if !tried.is_empty() || rounds.is_empty() {
            rounds.push(Round { tried, ended_by: None });
        }
        rounds
    }
}

impl Tried {
    pub(super) fn proof(&self) -> Proof {
        Proof::Attempt { id: self.attempt.id, at: self.attempt.started_at }
    }

    /// Counts as made on the customer.
    pub(super) fn counts(&self) -> bool {
        self.attempt.reason.is_none_or(Reason::counts)
    }
}

/// Rules by which the machine gives a round of calls up.
pub(super) fn gives_up(rule: MoveRule) -> bool {
    matches!(
        rule,
        MoveRule::RoundExhausted
            | MoveRule::NoSlotLeft
            | MoveRule::Deadline
            | MoveRule::PutOffTooOften
            | MoveRule::StillSuspended
            | MoveRule::NumberDead
    )
}

pub(super) fn proof_of(made: &Move) -> Proof {
    Proof::Move { id: made.id, at: made.at, rule: made.because.rule }
}

/// The ladder is looked at once a minute or so; a step is overdue when that did not help.
pub(super) const SWEEP: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
