//! What follows an attempt: the reason's rule (domain section 4) within the plan's policy.

mod round;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use records::{CallbackCause, Direction, NewCallback, NextStep, NextTry, Number, Policy, Reason, TaskState};

use crate::callback::Desk;
use crate::{Calendar, Past};
use round::Round;

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

/// What becomes of the task.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub next: NextStep,
    pub callback: Option<NewCallback>,
    /// The number is not to be dialled again for this customer.
    pub number_dead: bool,
    /// One sentence for people.
    pub why: String,
}

/// Decides what follows. `history`: the task's attempts, oldest first; open ones and this one itself are passed over.
pub fn after_attempt(
    policy: &Policy,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
    history: &[Past],
    ending: &Ending<'_>,
) -> Decision {
    let desk = Desk { policy: &policy.callback, calendar, zone, now };
    let raised = desk.for_what_was_raised(ending.flags, ending.person_asked);
    let next_try = ending.reason.next_try();
    let mut decision = match next_try {
        NextTry::Succeeded => ended(TaskState::Succeeded, raised, "every mandatory question is answered"),
        NextTry::Refused => ended(TaskState::Refused, raised, "the customer refused"),
        NextTry::Person if ending.reason == Reason::HandedOver => {
            let asked = raised.unwrap_or_else(|| desk.callback(CallbackCause::PersonAsked));
            with_person(asked, "the customer asked for a person")
        }
        NextTry::Person => {
            let unknown = raised.unwrap_or_else(|| desk.callback(CallbackCause::Unknown));
            with_person(unknown, "what became of the call is unknown; it is not dialled again")
        }
        // A machine does not call on top of the person who takes up what was raised.
        _ => match raised {
            Some(raised) => with_person(raised, "the customer raised something a person takes up"),
            None => go_on(&Round::new(policy, calendar, zone, now, history, ending), desk, ending),
        },
    };
    decision.number_dead = next_try == NextTry::OtherNumber;
    decision
}

/// Decides what follows when the customer rang back: as after any attempt, but it uses up no try, and where nothing came
/// of it the appointment that stood before, `due`, still stands.
pub fn after_ring_back(
    policy: &Policy,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
    due: DateTime<Utc>,
    history: &[Past],
    ending: &Ending<'_>,
) -> Decision {
    let raised = ending.person_asked || !ending.flags.is_empty();
    if raised || !came_to_nothing(ending.reason) {
        return after_attempt(policy, calendar, zone, now, history, ending);
    }
    // Not at once: the customer has just had us on the line.
    let soon = now + chrono::TimeDelta::from_std(policy.retry.soon).unwrap_or_default();
    let why =
        format!("{}: the customer rang back and nothing came of it, so we call as before", ending.reason);
    let next = NextStep::TryAgain { at: due.max(soon), why: why.clone() };
    Decision { next, callback: None, number_dead: false, why }
}

/// Whether a call left nothing behind that changes when to call.
fn came_to_nothing(reason: Reason) -> bool {
    let ours = matches!(reason.next_try(), NextTry::LineRetry | NextTry::NextWindow | NextTry::Nothing);
    ours || matches!(reason, Reason::HungUpEarly | Reason::AnsweringMachine)
}

/// Decides for a task whose customer has no number that may be dialled; `last` is how its last attempt ended.
pub fn without_number(
    policy: &Policy,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
    last: Option<Reason>,
) -> Decision {
    let desk = Desk { policy: &policy.callback, calendar, zone, now };
    let cause = CallbackCause::ReconfirmNumber { last: last.unwrap_or(Reason::Vacant) };
    with_person(desk.callback(cause), "no number of the customer may be dialled: it is to be re-confirmed")
}

fn go_on(round: &Round<'_>, desk: Desk<'_>, ending: &Ending<'_>) -> Decision {
    let last = ending.reason;
    let moment = match last.next_try() {
        NextTry::LineRetry => round.after_line_fault(),
        NextTry::NextWindow => round.next_window(),
        NextTry::AsAsked => round.as_asked(ending.time_asked),
        NextTry::SoonThenOtherSlot => round.soon_or_other_slot(),
        NextTry::OtherDay => round.other_day(),
        NextTry::DaysLater if round.suspended_again() && ending.other_numbers == 0 => {
            let why = "the number is suspended still: it is to be re-confirmed";
            return with_person(desk.callback(CallbackCause::ReconfirmNumber { last }), why);
        }
        NextTry::DaysLater if ending.other_numbers > 0 => round.other_slot(),
        NextTry::DaysLater => round.days_later(),
        NextTry::OtherNumber if ending.other_numbers == 0 => {
            let why = "no number of the customer is left: it is to be re-confirmed";
            return with_person(desk.callback(CallbackCause::ReconfirmNumber { last }), why);
        }
        NextTry::OtherNumber => round.other_number(),
        _ => round.other_slot(),
    };
    match moment {
        Some((at, rule)) => {
            let why = format!("{last}, {} of {} tries made: {rule}", round.tries(), round.tries_allowed());
            Decision {
                next: NextStep::TryAgain { at, why: why.clone() },
                callback: None,
                number_dead: false,
                why,
            }
        }
        None => with_person(
            desk.callback(CallbackCause::Exhausted { last }),
            "all attempts were made, or the windows give no other slot",
        ),
    }
}

fn ended(state: TaskState, callback: Option<NewCallback>, why: &str) -> Decision {
    Decision { next: NextStep::End(state), callback, number_dead: false, why: why.to_owned() }
}

fn with_person(callback: NewCallback, why: &str) -> Decision {
    Decision { next: NextStep::Person, callback: Some(callback), number_dead: false, why: why.to_owned() }
}
