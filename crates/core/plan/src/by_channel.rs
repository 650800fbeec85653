//! Customers who asked to be reached another way than by phone (W6.2): from then on no plan calls them.

use records::{Because, CallbackCause, Channel, Climb, Mode, MoveRule, NextStep, StepKind, Task};

use crate::Decision;
use crate::ladder::limit;
use crate::retry::Case;

/// What becomes of a call that fell due to a customer who asked for another channel; `None` where it is to be made. The
/// next rung of that channel above the task's, else the call-back queue, which is told of the channel.
pub fn by_channel(case: &Case<'_>, task: &Task, channel: Channel) -> Option<Decision> {
    if channel == Channel::Phone || task.mode != Mode::Phone {
        return None;
    }
    let wanted = match channel.mode() {
        Mode::Visit => StepKind::Visit,
        Mode::Letter => StepKind::Letter,
        Mode::Phone | Mode::Message => StepKind::Message,
    };
    let because = |next: &str| {
        let why = format!("{}, by {}; next: {next}", MoveRule::OtherChannel.en(), channel.slug());
        Because::new(MoveRule::OtherChannel, why)
    };
    let mut above = case.policy.ladder.0.iter().zip(0_u32..).skip(case.rung as usize);
    if let Some((rung, place)) = above.find(|(rung, _)| rung.step == wanted) {
        let climb = Climb { rung: place, step: wanted, at: limit(rung, case.now) };
        let because = because(wanted.slug());
        return Some(Decision { next: NextStep::Climb(climb), callback: None, number_dead: false, because });
    }
    let callback = case.desk().callback(CallbackCause::ByPlan { mode: channel.mode() });
    Some(Decision {
        next: NextStep::Person,
        callback: Some(callback),
        number_dead: false,
        because: because("the call-back queue"),
    })
}
