//! Tasks that people carry out from the beginning: visits, letters, messages, and plans that are theirs (W8.3, E4.2).

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use records::{Because, CallbackCause, Mode, MoveRule, NewCallback, NextStep, Performer, Plan, Task};

use crate::callback::Desk;
use crate::{Calendar, Decision};

/// What becomes of a task that fell due and is not the service's to dial; `None` where it is. The item is due by the
/// task's aim or deadline, else by the plan's figures for the queue.
pub fn by_people(
    plan: &Plan,
    task: &Task,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
) -> Option<Decision> {
    if task.mode == Mode::Phone && plan.content.schedule.carried_out_by == Performer::Machine {
        return None;
    }
    let desk = Desk { policy: &plan.content.policy.callback, calendar, zone, now };
    let queued = desk.callback(CallbackCause::ByPlan { mode: task.mode });
    let due_at = task.aim_by.or(task.due_by).unwrap_or(queued.due_at);
    Some(Decision {
        next: NextStep::Person,
        callback: Some(NewCallback { due_at, ..queued }),
        number_dead: false,
        because: Because::of(MoveRule::ByPeople),
    })
}
