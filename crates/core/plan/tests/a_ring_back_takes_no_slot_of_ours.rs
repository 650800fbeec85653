//! A customer who rings back uses up neither a try nor an hour: what we owe is three tries of our own in three slots.

mod support;

use chrono::Timelike;
use chrono_tz::Tz;
use plan::{Calendar, Ending, Past, after_attempt};
use records::{Direction, NextStep, Reason};
use support::{Desk, cn, number};

#[test]
fn the_third_try_takes_the_third_hour_though_the_customer_rang_back_in_it() {
    let desk = Desk::new();
    let calendar = Calendar::official();
    let past = |direction, at: &str, reason| Past { direction, number: number(), started_at: cn(at), reason };
    let history = [
        past(Direction::Outbound, "11-20 10:05", Some(Reason::NoAnswer)),
        past(Direction::Outbound, "11-20 14:05", Some(Reason::NoAnswer)),
        past(Direction::Inbound, "11-20 15:05", None),
    ];
    let number = number();
    let ending = Ending {
        direction: Direction::Inbound,
        number: &number,
        started_at: history[2].started_at,
        reason: Reason::Partial,
        flags: &[],
        person_asked: false,
        time_asked: None,
        other_numbers: 0,
        seed: 0,
    };
    let decision = after_attempt(&desk.case(&calendar, cn("11-20 15:07")), &history, &ending);
    let NextStep::TryAgain { at, .. } = decision.next else { panic!("{decision:?}") };
    let local = at.with_timezone(&Tz::Asia__Shanghai);
    // The hour was his, not ours; the day's own slot is taken all the same.
    assert_eq!((local.date_naive().to_string().as_str(), local.hour()), ("2026-11-23", 15));
}
