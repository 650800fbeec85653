//! What follows an attempt: the reason's rule (domain section 4) within the plan's policy.

mod round;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use records::{
    Because, CallbackCause, Direction, MoveRule, NewCallback, NextStep, NextTry, Number, Onward, Policy,
    Reason, TaskState,
};

use crate::callback::Desk;
use crate::ladder::climb;
use crate::windows::next_opening;
use crate::{Calendar, Past};
use round::Round;

/// The task that is decided about, and when.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub policy: &'a Policy,
    pub calendar: &'a Calendar,
    /// The customer's.
    pub zone: Tz,
    pub now: DateTime<Utc>,
    /// Nothing is dialled from then on, unless the policy says so.
    pub due_by: Option<DateTime<Utc>>,
    /// The rung of the ladder it stands on.
    pub rung: u32,
    /// Attempts before it belong to an earlier round.
    pub round_since: Option<DateTime<Utc>>,
}

impl<'a> Case<'a> {
    /// The case of a task as it stands.
    pub fn of(
        policy: &'a Policy,
        calendar: &'a Calendar,
        zone: Tz,
        now: DateTime<Utc>,
        task: &records::Task,
    ) -> Self {
        let &records::Task { due_by, rung, round_since, .. } = task;
        Self { policy, calendar, zone, now, due_by, rung, round_since }
    }

    /// Whether nothing is dialled at that moment any more.
    pub(crate) fn is_late(&self, at: DateTime<Utc>) -> bool {
        !self.policy.retry.after_deadline && self.due_by.is_some_and(|due| at >= due)
    }

    pub(crate) fn desk(&self) -> Desk<'a> {
        let Self { policy, calendar, zone, now, .. } = *self;
        Desk { policy: &policy.callback, calendar, zone, now }
    }
}

/// The attempt that has just ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending<'a> {
    pub direction: Direction,
    pub number: &'a Number,
    pub started_at: DateTime<Utc>,
    pub reason: Reason,
    /// Slugs of the flags raised.
    pub flags: &'a [String],
    pub person_asked: bool,
    /// `later_today`, `tomorrow_morning`, `tomorrow_afternoon`.
    pub time_asked: Option<&'a str>,
    /// Live numbers of the customer beside this one.
    pub other_numbers: usize,
    /// Spreads retries within their slot; any number.
    pub seed: u64,
}

impl<'a> Ending<'a> {
    /// An attempt that ended some time ago.
    fn past(past: &'a Past) -> Option<Self> {
        let Past { direction, number, started_at, reason } = past;
        Some(Self {
            direction: *direction,
            number,
            started_at: *started_at,
            reason: (*reason)?,
            flags: &[],
            person_asked: false,
            time_asked: None,
            other_numbers: 0,
            seed: 0,
        })
    }
}

/// The first moment from `from` on, within the windows, at which the slots and the day's maximum let the next try be made.
pub(crate) fn next_moment(case: &Case<'_>, history: &[Past], from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match history.iter().rev().find_map(Ending::past) {
        Some(last) => Round::new(case, history, &last).not_before(from),
        None => next_opening(&case.policy.windows, case.calendar, case.zone, from),
    }
}

/// What becomes of the task.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub next: NextStep,
    pub callback: Option<NewCallback>,
    /// The number is not to be dialled again for this customer.
    pub number_dead: bool,
    pub because: Because,
}

impl From<Decision> for Onward {
    fn from(decision: Decision) -> Self {
        let Decision { next, callback, because, .. } = decision;
        Self { next, callback, because }
    }
}

/// Decides what follows. `history`: the task's attempts, oldest first; open ones and this one itself are passed over.
pub fn after_attempt(case: &Case<'_>, history: &[Past], ending: &Ending<'_>) -> Decision {
    let desk = case.desk();
    let raised = desk.for_what_was_raised(ending.flags, ending.person_asked);
    let next_try = case.policy.retry.reasons.of(ending.reason).next;
    let mut decision = match next_try {
        NextTry::Succeeded => ended(TaskState::Succeeded, raised, MoveRule::Completed),
        NextTry::Refused if ending.reason == Reason::OptedOut => {
            ended(TaskState::Refused, raised, MoveRule::OptedOut)
        }
        NextTry::Refused => ended(TaskState::Refused, raised, MoveRule::Declined),
        NextTry::Person => to_a_person(case, raised, ending.reason),
        // A machine does not call on top of the person who takes up what was raised.
        _ => match raised {
            Some(raised) => with_person(raised, MoveRule::Raised),
            None => go_on(case, &Round::new(case, history, ending), ending),
        },
    };
    decision.number_dead = next_try == NextTry::OtherNumber;
    decision
}

/// Decides what follows when the customer rang back: as after any attempt, but it uses up no try, and where nothing came
/// of it the appointment that stood before, `due`, still stands.
pub fn after_ring_back(
    case: &Case<'_>,
    due: DateTime<Utc>,
    history: &[Past],
    ending: &Ending<'_>,
) -> Decision {
    let raised = ending.person_asked || !ending.flags.is_empty();
    if raised || !came_to_nothing(case.policy, ending.reason) {
        return after_attempt(case, history, ending);
    }
    // Not at once: the customer has just had us on the line.
    let soon = case.now + TimeDelta::from_std(case.policy.retry.soon).unwrap_or_default();
    let why =
        format!("{}: the customer rang back and nothing came of it, so we call as before", ending.reason);
    let next = NextStep::TryAgain { at: due.max(soon), why: why.clone() };
    Decision { next, callback: None, number_dead: false, because: Because::new(MoveRule::Appointment, why) }
}

/// Whether a call left nothing behind that changes when to call.
fn came_to_nothing(policy: &Policy, reason: Reason) -> bool {
    let next = policy.retry.reasons.of(reason).next;
    let ours = matches!(next, NextTry::LineRetry | NextTry::NextWindow | NextTry::Nothing);
    ours || matches!(reason, Reason::HungUpEarly | Reason::AnsweringMachine)
}

/// Decides for a task whose customer has no number that may be dialled; `last` is how its last attempt ended.
pub fn without_number(case: &Case<'_>, last: Option<Reason>) -> Decision {
    let why = "no number of the customer may be dialled: it is to be re-confirmed";
    up(case, last.unwrap_or(Reason::Vacant), 0, &Because::new(MoveRule::NumberDead, why))
}

/// Decides for a task that [`crate::may_dial`] found never to be dialled again in this round.
pub fn not_to_dial(
    case: &Case<'_>,
    last: Option<Reason>,
    live_numbers: usize,
    because: &Because,
) -> Decision {
    up(case, last.unwrap_or(Reason::Cancelled), live_numbers, because)
}

fn to_a_person(case: &Case<'_>, raised: Option<NewCallback>, last: Reason) -> Decision {
    let (why, rule) = match last {
        Reason::HandedOver => (CallbackCause::PersonAsked, MoveRule::PersonAsked),
        Reason::Unknown => (CallbackCause::Unknown, MoveRule::OutcomeUnknown),
        _ => (CallbackCause::Exhausted { last }, MoveRule::RoundExhausted),
    };
    with_person(raised.unwrap_or_else(|| case.desk().callback(why)), rule)
}

fn go_on(case: &Case<'_>, round: &Round<'_>, ending: &Ending<'_>) -> Decision {
    let last = ending.reason;
    let moment = match case.policy.retry.reasons.of(last).next {
        NextTry::LineRetry => round.after_line_fault(),
        NextTry::NextWindow => round.next_window(),
        NextTry::AsAsked => round.as_asked(ending.time_asked),
        NextTry::SoonThenOtherSlot => round.soon_or_other_slot(),
        NextTry::OtherDay => round.other_day(),
        NextTry::DaysLater if round.suspended_again() && ending.other_numbers == 0 => {
            Err(MoveRule::StillSuspended)
        }
        NextTry::DaysLater if ending.other_numbers > 0 => round.other_slot(),
        NextTry::DaysLater => round.days_later(),
        NextTry::OtherNumber if ending.other_numbers == 0 => Err(MoveRule::NumberDead),
        NextTry::OtherNumber => round.other_number(),
        _ => round.other_slot(),
    };
    let tries = format!("{last}, {} of {} tries made", round.tries(), round.tries_allowed());
    match moment {
        Ok((at, _)) if case.is_late(at) => {
            let why = format!("{tries}; the next moment, {at}, is not before the deadline");
            up(case, last, ending.other_numbers + 1, &Because::new(MoveRule::Deadline, why))
        }
        Ok((at, rule)) => {
            let why = format!("{tries}: {}", rule.en());
            Decision {
                next: NextStep::TryAgain { at, why: why.clone() },
                callback: None,
                number_dead: false,
                because: Because::new(rule, why),
            }
        }
        Err(rule) => {
            let here = usize::from(rule != MoveRule::NumberDead);
            let why = format!("{tries}: {}", rule.en());
            up(case, last, ending.other_numbers + here, &Because::new(rule, why))
        }
    }
}

/// The round is over: the next rung of the plan's ladder.
fn up(case: &Case<'_>, last: Reason, live_numbers: usize, because: &Because) -> Decision {
    let told = if matches!(because.rule, MoveRule::StillSuspended | MoveRule::NumberDead) {
        CallbackCause::ReconfirmNumber { last }
    } else {
        CallbackCause::Exhausted { last }
    };
    let Onward { next, callback, because: rung } = climb(case, live_numbers, told);
    let why = format!("{}; {}", because.why, rung.why);
    Decision { next, callback, number_dead: false, because: Because::new(because.rule, why) }
}

fn ended(state: TaskState, callback: Option<NewCallback>, rule: MoveRule) -> Decision {
    Decision { next: NextStep::End(state), callback, number_dead: false, because: Because::of(rule) }
}

fn with_person(callback: NewCallback, rule: MoveRule) -> Decision {
    let because = Because::of(rule);
    Decision { next: NextStep::Person, callback: Some(callback), number_dead: false, because }
}
