//! Whether a task may be dialled at this moment: windows, deadline, the day's maximum, the gap, the caps over all plans.

use chrono::{DateTime, Utc};
use records::{Because, Direction, MoveRule, Number, Reason, Recent};

use crate::Past;
use crate::retry::{Case, next_moment};
use crate::slot::same_day;
use crate::windows::is_open;

/// Not now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When to look again; none: never, the round is over.
    pub until: Option<DateTime<Utc>>,
    pub because: Because,
}

/// Whether `number` may be dialled now. `history`: the task's attempts; `recent`: counted attempts on the customer and on
/// the customer's numbers, over all plans and by hand. An answer "later" is a moment at which the windows are open.
pub fn may_dial(case: &Case<'_>, history: &[Past], recent: &[Recent], number: &Number) -> Result<(), Hold> {
    let Case { policy, calendar, zone, now, .. } = *case;
    if case.is_late(now) {
        return Err(over(case));
    }
    let capped = policy.caps.holds(policy.retry.gap(), recent, number, now);
    let from = capped.map_or(now, |capped| capped.until);
    let because = match capped {
        _ if !is_open(&policy.windows, calendar, zone, now) => Because::of(MoveRule::Window),
        Some(capped) => {
            let why = format!("{}, until {}", capped.rule.en(), capped.until);
            Because::new(capped.rule, why)
        }
        None if day_is_full(case, history) => {
            let why = format!("{} attempts were made on this day", policy.retry.per_day);
            Because::new(MoveRule::DailyMaximum, why)
        }
        None => Because::of(MoveRule::OtherSlot),
    };
    match next_moment(case, history, from) {
        Some(at) if at <= now => Ok(()),
        Some(at) if case.is_late(at) => Err(over(case)),
        Some(at) => Err(Hold { until: Some(at), because }),
        None => Err(Hold { until: None, because: Because::of(MoveRule::NoSlotLeft) }),
    }
}

fn over(case: &Case<'_>) -> Hold {
    let due = case.due_by.map_or_else(String::new, |due| format!(": {due}"));
    let why = format!("{}{due}", MoveRule::Deadline.en());
    Hold { until: None, because: Because::new(MoveRule::Deadline, why) }
}

/// Whether this day has seen as many attempts as a day may.
fn day_is_full(case: &Case<'_>, history: &[Past]) -> bool {
    let made = history.iter().filter(|past| {
        let counts = past.direction == Direction::Outbound && past.reason.is_none_or(Reason::counts);
        counts && same_day(case.zone, past.started_at, case.now)
    });
    made.count() >= case.policy.retry.per_day as usize
}
