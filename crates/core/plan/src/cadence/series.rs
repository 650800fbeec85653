//! The moments of one firing: its offsets, then its repetitions, to its end.

use chrono::{Datelike, NaiveDate};
use records::{Firing, Offset, On, Period};

use super::day::{Base, period_of, shift};
use super::{Horizon, Subject};
use crate::Calendar;

/// No series is followed further: a repetition every day for a hundred years.
const LONGEST: i32 = 36_525;

/// One day on which a firing asks for the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) name: String,
    pub(super) base: Base,
    pub(super) due_on: NaiveDate,
    pub(super) why: String,
}

/// The moments up to the horizon's last day, in order of their offsets. Those that are long over are among them.
pub(super) fn moments(
    firing: &Firing,
    subject: &Subject,
    calendar: &Calendar,
    horizon: Horizon,
) -> Vec<Moment> {
    match &firing.on {
        On::Event(event) => subject
            .dates
            .get(event)
            .map_or_else(Vec::new, |day| of_event(firing, event, *day, subject, calendar, horizon)),
        On::Each(period) => of_periods(firing, *period, subject, calendar, horizon),
    }
}

fn of_event(
    firing: &Firing,
    event: &str,
    day: NaiveDate,
    subject: &Subject,
    calendar: &Calendar,
    horizon: Horizon,
) -> Vec<Moment> {
    let limit = firing.until.after.and_then(|after| shift(calendar, day, after));
    let count = firing.until.count.unwrap_or(u32::MAX) as usize;
    let mut found = Vec::new();
    for offset in offsets(firing).take(count) {
        let Some(due_on) = shift(calendar, day, offset) else { break };
        let over = limit.is_some_and(|limit| due_on > limit) || ended(firing, subject, due_on);
        if over || due_on > horizon.until {
            // Offsets written one by one may come in any order; repetitions only grow.
            if firing.every.is_some() {
                break;
            }
            continue;
        }
        let from = if offset.is_none() {
            String::new()
        } else if offset.is_forward() {
            format!("+{offset}")
        } else {
            offset.to_string()
        };
        let again = if firing.recurs { format!("@{day}") } else { String::new() };
        found.push(Moment {
            name: named(firing, format!("{event}{from}{again}")),
            base: Base::Event(day),
            due_on,
            why: format!("{event} on {day}{}", if from.is_empty() { from } else { format!(", {from}") }),
        });
    }
    found
}

fn of_periods(
    firing: &Firing,
    period: Period,
    subject: &Subject,
    calendar: &Calendar,
    horizon: Horizon,
) -> Vec<Moment> {
    let count = firing.until.count.unwrap_or(u32::MAX) as usize;
    let offset = firing.offsets.first().copied().unwrap_or(Offset::NONE);
    let mut found = Vec::new();
    let mut day = horizon.since;
    while day <= horizon.until && found.len() < count {
        let Some((name, base)) = period_of(period, day) else { break };
        let Base::Period { last, .. } = base else { break };
        // A period that had begun when the plan started is asked for from the start on.
        let Some(wanted) = shift(calendar, base.day(), offset) else { break };
        let due_on = wanted.max(horizon.since).min(last);
        if ended(firing, subject, due_on) {
            break;
        }
        if due_on <= horizon.until {
            found.push(Moment { why: name.clone(), name: named(firing, name), base, due_on });
        }
        let Some(next) = last.succ_opt().filter(|next| next.year() < 9999) else { break };
        day = next;
    }
    found
}

/// Whether the firing is over on that day.
fn ended(firing: &Firing, subject: &Subject, due_on: NaiveDate) -> bool {
    let event = firing.until.event.as_ref().and_then(|event| subject.dates.get(event));
    firing.until.on.is_some_and(|last| due_on > last) || event.is_some_and(|ended| due_on >= *ended)
}

fn offsets(firing: &Firing) -> impl Iterator<Item = Offset> {
    let given = if firing.offsets.is_empty() { vec![Offset::NONE] } else { firing.offsets.clone() };
    let last = given.last().copied().unwrap_or(Offset::NONE);
    let every = firing.every.filter(|every| every.is_forward());
    let again = every
        .into_iter()
        .flat_map(move |every| (1..=LONGEST).map_while(move |times| last.plus(every, times)));
    given.into_iter().chain(again)
}

fn named(firing: &Firing, what: String) -> String {
    match &firing.name {
        Some(name) => format!("{name}:{what}"),
        None => what,
    }
}
