//! The ladder (L12–L14, L5): which rung follows when one came to nothing.

use chrono::{DateTime, TimeDelta, Utc};
use records::{
    Because, CallbackCause, CallbackOutcome, Climb, Ladder, MoveRule, NextStep, Onward, Rung, StepKind,
    StepOutcome, TaskState,
};

use crate::retry::Case;
use crate::windows::next_opening;

/// The next rung above the task's that applies. A round of calls needs a live number, and time before the deadline.
/// `told`: what the call-back queue is told, should it be next.
pub fn climb(case: &Case<'_>, live_numbers: usize, told: CallbackCause) -> Onward {
    let ladder = &case.policy.ladder;
    let mut skipped = 0;
    for (rung, place) in ladder.0.iter().zip(0_u32..).filter(|(_, place)| *place > case.rung) {
        let at = match rung.step {
            StepKind::Phone => {
                let begins = round_begins(case, live_numbers);
                if begins.is_none() {
                    skipped += 1;
                    continue;
                }
                begins
            }
            _ => limit(rung, case.now),
        };
        let callback = (rung.step == StepKind::Callback).then(|| case.desk().callback(told));
        let next = NextStep::Climb(Climb { rung: place, step: rung.step, at });
        return Onward { next, callback, because: said(rung.step, skipped) };
    }
    let because = Because::of(MoveRule::LadderWalked);
    Onward { next: NextStep::End(TaskState::Exhausted), callback: None, because }
}

/// Where a task goes when a person finished its item of the call-back queue: a round of calls when the person asks for
/// one; up when nobody was reached, from the rung of the queue on, which it may have come to by a flag, before its turn.
pub fn after_callback(
    case: &Case<'_>,
    outcome: CallbackOutcome,
    live_numbers: usize,
    told: CallbackCause,
) -> Option<Onward> {
    match outcome {
        CallbackOutcome::Succeeded | CallbackOutcome::Refused => None,
        CallbackOutcome::Exhausted => {
            let from = rung_of_queue(&case.policy.ladder, case.rung);
            Some(climb(&Case { rung: from, ..*case }, live_numbers, told))
        }
        CallbackOutcome::TryAgain => {
            let below = case.policy.ladder.0.iter().zip(0_u32..).take(case.rung as usize + 1);
            let phone = below.filter(|(rung, _)| rung.step == StepKind::Phone).map(|(_, place)| place).last();
            let climb = Climb { rung: phone.unwrap_or(0), step: StepKind::Phone, at: Some(case.now) };
            let because = Because::new(MoveRule::PersonAgain, "another round of calls begins");
            Some(Onward { next: NextStep::Climb(climb), callback: None, because })
        }
    }
}

/// Where a task goes when a step ended so.
pub fn after_step(case: &Case<'_>, outcome: StepOutcome, live_numbers: usize, told: CallbackCause) -> Onward {
    let end = |state, rule| Onward { next: NextStep::End(state), callback: None, because: Because::of(rule) };
    match outcome {
        StepOutcome::Succeeded => end(TaskState::Succeeded, MoveRule::StepDone),
        StepOutcome::Refused => end(TaskState::Refused, MoveRule::PersonRefused),
        StepOutcome::Confirmed => carried_on(climb(case, live_numbers, told), MoveRule::StepDone),
        StepOutcome::Failed => carried_on(climb(case, live_numbers, told), MoveRule::StepFailed),
        StepOutcome::Lapsed => carried_on(climb(case, live_numbers, told), MoveRule::StepLapsed),
    }
}

fn carried_on(onward: Onward, rule: MoveRule) -> Onward {
    let why = format!("{}; {}", rule.en(), onward.because.why);
    Onward { because: Because::new(rule, why), ..onward }
}

fn said(step: StepKind, skipped: u32) -> Because {
    let next = format!("next on the ladder: {}", step.slug());
    let why = match skipped {
        0 => next,
        _ => format!("{next}; a round of calls was passed over, for want of a number or of time"),
    };
    Because::new(MoveRule::NextRung, why)
}

/// The place of the call-back queue at or above a rung; the rung itself where there is none.
fn rung_of_queue(ladder: &Ladder, rung: u32) -> u32 {
    let above = ladder.0.iter().zip(0_u32..).skip(rung as usize);
    above.filter(|(one, _)| one.step == StepKind::Callback).map(|(_, place)| place).next().unwrap_or(rung)
}

/// When another round of calls may begin.
fn round_begins(case: &Case<'_>, live_numbers: usize) -> Option<DateTime<Utc>> {
    if live_numbers == 0 {
        return None;
    }
    let soon = case.now + TimeDelta::from_std(case.policy.retry.gap()).ok()?;
    let at = next_opening(&case.policy.windows, case.calendar, case.zone, soon)?;
    (!case.is_late(at)).then_some(at)
}

/// When the time for a rung is over, if ever.
pub(crate) fn limit(rung: &Rung, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_add_signed(TimeDelta::from_std(rung.within?).ok()?)
}
