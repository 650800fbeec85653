//! Which callback arises, how urgent it is and when it is due (W10, L12).

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use records::{CallbackCause, CallbackPolicy, NewCallback};
use survey::Flag;

use crate::Calendar;

/// A supervisor sees it at once.
const FIRST: i16 = 1;
const RAISED: i16 = 2;
const ORDINARY: i16 = 3;

/// What callbacks are reckoned with.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) policy: &'a CallbackPolicy,
    pub(crate) calendar: &'a Calendar,
    pub(crate) zone: Tz,
    pub(crate) now: DateTime<Utc>,
}

impl Desk<'_> {
    pub(crate) fn callback(&self, cause: CallbackCause) -> NewCallback {
        let priority = priority(&cause);
        let due_at = if priority == FIRST { self.urgent() } else { self.in_working_days() };
        NewCallback { cause, priority, due_at }
    }

    /// The callback for what the customer raised, if anything: a major flag is graver than a wish for a person.
    pub(crate) fn for_what_was_raised(&self, flags: &[String], person_asked: bool) -> Option<NewCallback> {
        let asks = person_asked || flags.iter().any(|flag| flag == Flag::PersonAsked.slug());
        let cause = if asks && !flags.iter().any(|flag| is_major(flag)) {
            CallbackCause::PersonAsked
        } else if !flags.is_empty() {
            CallbackCause::Flagged { flags: flags.to_vec() }
        } else {
            return None;
        };
        Some(self.callback(cause))
    }

    fn urgent(&self) -> DateTime<Utc> {
        TimeDelta::from_std(self.policy.urgent_due)
            .ok()
            .and_then(|due| self.now.checked_add_signed(due))
            .unwrap_or(self.now)
    }

    /// The same time of day, that many working days on.
    fn in_working_days(&self) -> DateTime<Utc> {
        let today = self.now.with_timezone(&self.zone).date_naive();
        let due = self.calendar.add_working_days(today, self.policy.due_working_days);
        self.now + (due - today)
    }
}

fn priority(cause: &CallbackCause) -> i16 {
    match cause {
        CallbackCause::PersonAsked => FIRST,
        CallbackCause::Flagged { flags } if flags.iter().any(|flag| is_major(flag)) => FIRST,
        CallbackCause::Flagged { .. } | CallbackCause::Unknown => RAISED,
        CallbackCause::Exhausted { .. }
        | CallbackCause::ReconfirmNumber { .. }
        | CallbackCause::ByPlan { .. } => ORDINARY,
    }
}

/// A flag nobody knows is looked at like a major one.
fn is_major(flag: &str) -> bool {
    flag.parse::<Flag>().map_or(true, Flag::major)
}
