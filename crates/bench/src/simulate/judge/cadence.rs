//! How many tasks a schedule asks for, counted anew from the customer's dates and the figures of the schedule.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use records::{CustomerRow, Firing, Offset, On, Period, Schedule, Within};

/// On how many days in the year a customer with these dates is asked for; each is one task a role.
///
/// `again`: further dates of events that happened more than once.
pub(in crate::simulate) fn asked(
    schedule: &Schedule,
    row: &CustomerRow,
    again: &[(&str, NaiveDate)],
    from: NaiveDate,
    to: NaiveDate,
) -> usize {
    let firings = schedule.firings.iter().filter(|firing| is_for(firing, row));
    firings.map(|firing| of_firing(firing, row, again, from, to)).sum::<usize>() * schedule.roles.len().max(1)
}

/// Whether the firing is for customers of this class and contract.
fn is_for(firing: &Firing, row: &CustomerRow) -> bool {
    let yuan = row.contract_fen.unwrap_or(0) as f64 / 100.0;
    let class =
        firing.classes.is_empty() || firing.classes.iter().any(|class| Some(class) == row.class.as_ref());
    class
        && firing.contract_from.is_none_or(|from| yuan >= from as f64)
        && firing.contract_below.is_none_or(|below| yuan < below as f64)
}

fn of_firing(
    firing: &Firing,
    row: &CustomerRow,
    again: &[(&str, NaiveDate)],
    from: NaiveDate,
    to: NaiveDate,
) -> usize {
    let over = firing.until.event.as_ref().and_then(|event| row.dates.get(event));
    let goes_on = |day: &NaiveDate| over.is_none_or(|over| day < over);
    match &firing.on {
        On::Each(period) => {
            let months = match period {
                Period::Month => 1,
                Period::Quarter => 3,
                Period::HalfYear => 6,
                Period::Year => 12,
            };
            let first = NaiveDate::from_ymd_opt(from.year(), 1, 1).expect("1 January is a day");
            let begins = (0..).map(|n| first + Months::new(n * months)).take_while(|day| *day <= to);
            // A period under way when the plan starts is asked for from then on.
            begins
                .filter(|day| *day + Months::new(months) > from)
                .filter(|day| goes_on(&(*day).max(from)))
                .count()
        }
        On::Event(event) => {
            let first = row.dates.get(event).copied();
            let more = again.iter().filter(|(name, _)| name == event).map(|(_, day)| *day);
            let of = |day: NaiveDate| {
                let last = firing.until.after.map(|after| later(day, after));
                let in_time = move |due: &NaiveDate| {
                    *due <= to
                        && last.is_none_or(|last| *due <= last)
                        && last_day(firing, day, *due, row) >= from
                };
                moments(firing, day, to).into_iter().filter(in_time).filter(goes_on).count()
            };
            first.into_iter().chain(more).map(of).sum()
        }
    }
}

fn moments(firing: &Firing, event: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
    let given: Vec<NaiveDate> = match firing.offsets.as_slice() {
        [] => vec![event],
        offsets => offsets.iter().map(|offset| later(event, *offset)).collect(),
    };
    let last = firing.offsets.last().copied().unwrap_or(Offset::Months(0));
    let again = firing.every.into_iter().flat_map(|every| {
        let (Offset::Months(first), Offset::Months(step)) = (last, every) else {
            panic!("the judge counts repetitions in months, as the presets have them")
        };
        let more = (1..).map(move |times| later(event, Offset::Months(first + step * times)));
        more.take_while(|due| *due <= to)
    });
    given.into_iter().chain(again).collect()
}

/// The last day on which it may be done; the day itself where nothing is said.
fn last_day(firing: &Firing, event: NaiveDate, due: NaiveDate, row: &CustomerRow) -> NaiveDate {
    let limit = |within: &Within| match within {
        Within::Of(offset @ (Offset::Months(_) | Offset::Days(_))) => Some(later(due, *offset)),
        // Working days come to no more than this, and nothing of the year depends on it.
        Within::Of(Offset::WorkingDays(days)) => Some(later(due, Offset::Days(days * 2))),
        Within::Hesitation => {
            let days = row.products.first()?.hesitation_days?;
            Some(event + Days::new(u64::from(days)))
        }
        Within::Event => event.pred_opt(),
        Within::Period => None,
    };
    let first = |limits: &[Within]| limits.iter().find_map(limit);
    first(&firing.within).or_else(|| first(&firing.aim)).unwrap_or(due)
}

fn later(day: NaiveDate, offset: Offset) -> NaiveDate {
    match offset {
        Offset::Months(months) if months < 0 => day - Months::new(months.unsigned_abs()),
        Offset::Months(months) => day + Months::new(months.unsigned_abs()),
        Offset::Days(days) => day + chrono::TimeDelta::days(i64::from(days)),
        Offset::WorkingDays(_) => panic!("no preset fires so many working days after an event"),
    }
}
