//! A customer who asked for another channel is not called by any plan (W6.2): the task goes to the rung of that channel,
//! else to people.

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Calendar, Case, by_channel};
use records::{
    CallbackCause, Channel, Climb, ContactRole, CustomerId, Ladder, Mode, MoveRule, NextStep, Occasion,
    PlanId, Policy, Rung, StepKind, Task, TaskId, TaskState,
};
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-11-23T02:30:00Z".parse().unwrap()
}

fn task(mode: Mode, rung: u32) -> Task {
    Task {
        id: TaskId(Uuid::nil()),
        plan: PlanId(Uuid::nil()),
        customer: CustomerId(Uuid::nil()),
        occasion: Occasion::default(),
        role: ContactRole::default(),
        state: TaskState::Calling,
        next_at: now(),
        due_on: None,
        mode,
        aim_by: None,
        due_by: None,
        attempts: 0,
        rung,
        round_since: None,
        created_at: now(),
        ended_at: None,
    }
}

fn decided(ladder: &Ladder, task: &Task, channel: Channel) -> Option<plan::Decision> {
    let policy = Policy { ladder: ladder.clone(), ..Policy::default() };
    let calendar = Calendar::official();
    let case = Case::of(&policy, &calendar, chrono_tz::Asia::Shanghai, now(), task);
    by_channel(&case, task, channel)
}

#[test]
fn the_first_rung_of_the_channel_is_next() {
    let days = |n| Some(now() + TimeDelta::days(n));
    let table = [
        (Channel::Sms, 4, StepKind::Message, days(7)),
        (Channel::Email, 4, StepKind::Message, days(7)),
        (Channel::Visit, 5, StepKind::Visit, days(15)),
        (Channel::Letter, 6, StepKind::Letter, days(30)),
    ];
    for (channel, rung, step, at) in table {
        for from in [0, 2] {
            let decision = decided(&Ladder::full(), &task(Mode::Phone, from), channel).unwrap();
            assert_eq!(decision.next, NextStep::Climb(Climb { rung, step, at }));
            assert_eq!((decision.because.rule, decision.callback), (MoveRule::OtherChannel, None));
            assert!(decision.because.why.contains(channel.slug()), "{}", decision.because.why);
        }
    }
}

#[test]
fn without_such_a_rung_people_take_it_up_by_that_channel() {
    let below =
        Ladder(vec![Rung::of(StepKind::Phone), Rung::of(StepKind::Message), Rung::of(StepKind::Phone)]);
    for (ladder, rung) in [(Ladder::default(), 0), (below, 2)] {
        let decision = decided(&ladder, &task(Mode::Phone, rung), Channel::Sms).unwrap();
        assert_eq!((decision.next, decision.because.rule), (NextStep::Person, MoveRule::OtherChannel));
        let callback = decision.callback.unwrap();
        assert_eq!(callback.cause, CallbackCause::ByPlan { mode: Mode::Message });
        assert!(callback.due_at > now());
    }
}

#[test]
fn who_takes_calls_is_called_and_what_is_no_call_stays_what_it_is() {
    for mode in Mode::ALL {
        assert_eq!(decided(&Ladder::full(), &task(mode, 0), Channel::Phone), None);
    }
    for channel in Channel::ALL {
        assert_eq!(decided(&Ladder::full(), &task(Mode::Visit, 0), channel), None);
    }
}
