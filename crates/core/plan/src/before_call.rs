//! What is done with a task that was claimed: called, put off, or moved on without a call.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use records::{Because, Claim, Number, Recent};

use crate::{
    Calendar, Case, Decision, Hold, Past, by_channel, by_people, may_dial, not_to_dial, pick_number,
    without_number,
};

/// What is known of a task that was claimed.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The task's attempts, oldest first.
    pub history: &'a [Past],
    /// Counted attempts on the customer and on the customer's numbers, over all plans and by hand.
    pub recent: &'a [Recent],
    /// Those of the role that are still to be tried, in order.
    pub numbers: &'a [Number],
}

/// What is done with it.
#[derive(Clone, Debug, PartialEq)]
pub enum BeforeCall<'a> {
    /// It is called on this number; so many live numbers are beside it.
    Call { number: &'a Number, others: usize },
    /// Not now.
    Later { at: DateTime<Utc>, because: Because },
    /// Not to be dialled in this round any more, or by people or another channel from the beginning.
    MovesOn(Box<Decision>),
}

/// Decides about a claimed task before anything is dialled.
pub fn before_call<'a>(
    claim: &Claim,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
    known: Known<'a>,
) -> BeforeCall<'a> {
    let Known { history, recent, numbers } = known;
    let Claim { plan, task, customer, .. } = claim;
    let case = Case::of(&plan.content.policy, calendar, zone, now, task);
    let elsewhere = by_channel(&case, task, customer.row.channel);
    if let Some(decision) = elsewhere.or_else(|| by_people(plan, task, calendar, zone, now)) {
        return BeforeCall::MovesOn(Box::new(decision));
    }
    let last = history.last().and_then(|past| past.reason);
    let Some(number) = pick_number(&case.policy.retry.reasons, numbers, history) else {
        return BeforeCall::MovesOn(Box::new(without_number(&case, last)));
    };
    match may_dial(&case, history, recent, number) {
        Ok(()) => BeforeCall::Call { number, others: numbers.len().saturating_sub(1) },
        Err(Hold { until: Some(at), because }) => BeforeCall::Later { at, because },
        Err(Hold { until: None, because }) => {
            BeforeCall::MovesOn(Box::new(not_to_dial(&case, last, numbers.len(), &because)))
        }
    }
}
