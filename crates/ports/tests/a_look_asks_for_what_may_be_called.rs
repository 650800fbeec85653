//! A dialer's look: tasks whose windows are open share the calls that lines and people allow, and nothing else is asked for.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use plan::{Calendar, Fairness, Pace, People, Turns, Why};
use ports::{Ask, Asked, BATCH, Due, Means, Outlook, Sharer, worth_counting};
use records::{AccountId, Audience, NewPlan, Plan, PlanId, PlanState, Policy, Schedule};
use trunk::Room;
use uuid::Uuid;

const SHANGHAI: Tz = Tz::Asia__Shanghai;
const DHAKA: Tz = Tz::Asia__Dhaka;

/// A Friday: 10:30 in Shanghai, which is within the default windows, and 8:30 in Dhaka, which is not.
fn now() -> DateTime<Utc> {
    "2026-11-20T02:30:00Z".parse().unwrap()
}

fn id(n: u128) -> PlanId {
    PlanId(Uuid::from_u128(n))
}

/// So many tasks of a plan with the default windows.
fn due(plan: u128, zone: Tz, waiting: u32) -> Due {
    let content = NewPlan {
        name: plan.to_string(),
        questionnaire: "satisfaction".to_owned(),
        questionnaire_version: "00".to_owned(),
        audience: Audience::Everyone,
        policy: Policy::default(),
        priority: 0,
        schedule: Schedule::default(),
    };
    let plan = Plan {
        id: id(plan),
        content,
        state: PlanState::Running,
        created_by: AccountId(Uuid::nil()),
        created_at: now(),
        approved_by: None,
        own_approval: false,
        first_started_at: Some(now()),
        started_at: Some(now()),
        stopped_at: None,
    };
    Due { plan: Arc::new(plan), zone, waiting, oldest: now() - TimeDelta::minutes(1) }
}

fn look(due: Vec<Due>, items: u32, room: Room, turns: &mut Turns<Sharer>) -> Asked {
    let outlook = Outlook { now: now(), due, items, agents: 1 };
    let (people, fairness, calendar) = (People::default(), Fairness::default(), Calendar::official());
    outlook.asks(&Means { people, fairness, calendar: &calendar, room, up: 0 }, turns)
}

fn room(calls: u32) -> Room {
    Room { lines: calls, calls }
}

fn ask(plan: u128, most: u32) -> Ask {
    Ask { plan: id(plan), zone: SHANGHAI, most }
}

#[test]
fn only_open_windows_are_asked_for() {
    let mut turns = Turns::default();
    let asked = look(vec![due(1, DHAKA, 5), due(2, SHANGHAI, 3)], 0, room(10), &mut turns);
    let pace = Pace { calls: 3, why: Why::AllTaken };
    assert_eq!(asked, Asked { pace, callable: 3, asks: vec![ask(2, 3)] });

    let asked = look(vec![due(1, DHAKA, 5)], 0, room(10), &mut turns);
    let pace = Pace { calls: 0, why: Why::WindowsShut { waiting: 5 } };
    assert_eq!(asked, Asked { pace, callable: 0, asks: vec![] });

    let asked = look(vec![], 0, room(10), &mut turns);
    assert_eq!((asked.pace.why, asked.asks), (Why::NothingDue, vec![]));
}

#[test]
fn plans_share_the_room_from_one_look_to_the_next() {
    let mut turns = Turns::default();
    let mut given = [0, 0];
    for _ in 0..10 {
        let asked = look(vec![due(1, SHANGHAI, 2), due(2, SHANGHAI, 2)], 0, room(1), &mut turns);
        assert_eq!(asked.pace, Pace { calls: 1, why: Why::Lines });
        assert_eq!(asked.asks.len(), 1, "who gets nothing is not asked for: {:?}", asked.asks);
        given[usize::from(asked.asks[0].plan == id(2))] += asked.asks[0].most;
    }
    assert_eq!(given, [5, 5]);
}

#[test]
fn rate_people_and_batch_bound_what_is_asked_for() {
    let asked = |items, room| look(vec![due(1, SHANGHAI, 1000)], items, room, &mut Turns::default());
    let rate = asked(0, Room { lines: 10, calls: 4 });
    assert_eq!((rate.pace.why, rate.asks), (Why::Rate, vec![ask(1, 4)]));
    // One agent sees to fifty items; with twice as many open a tenth of the lines is used.
    let people = asked(100, room(20));
    assert_eq!((people.pace.calls, people.asks), (2, vec![ask(1, 2)]));
    assert_eq!(asked(0, room(5000)).asks, [ask(1, BATCH)]);
}

#[test]
fn one_more_is_counted_than_there_is_room_for() {
    assert_eq!([0, 7, 5000].map(|calls| worth_counting(room(calls))), [1, 8, BATCH + 1]);
}
