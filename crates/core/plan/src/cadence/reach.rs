//! How far ahead a plan reaches, and whether the holidays are known so far.

use chrono::{Days, NaiveDate};
use records::Schedule;

use crate::Calendar;

/// A list's tasks are tried again within this time, and those of a schedule are made so far ahead.
const LIST_DAYS: u64 = 40;
/// A plan that goes on is reckoned to run for another year.
const SCHEDULE_DAYS: u64 = 366;

/// A plan reaches into a year whose holidays nobody has told the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the public holidays of {year} are not known: in {year} every Monday to Friday is called on as a working day, \
     holidays too, and no made-up weekend is. Name a file that has them as calendar.file; it is read without a restart"
)]
pub struct HolidaysUnknown {
    pub year: i32,
}

/// The years with unknown holidays that a plan with this schedule reaches into from `today` on.
pub fn holidays_unknown(schedule: &Schedule, calendar: &Calendar, today: NaiveDate) -> Vec<HolidaysUnknown> {
    let years = calendar.unknown_years(today, reach(schedule, today));
    years.into_iter().map(|year| HolidaysUnknown { year }).collect()
}

fn reach(schedule: &Schedule, today: NaiveDate) -> NaiveDate {
    let after = |days| today.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX);
    if schedule.is_list() {
        return after(LIST_DAYS);
    }
    // Each firing ends by its own word at the latest; what falls due on its last day is tried again after it.
    let ends = schedule.firings.iter().map(|firing| firing.until.on);
    let last = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
    let last = last.and_then(|last| last.checked_add_days(Days::new(LIST_DAYS)));
    last.map_or(after(SCHEDULE_DAYS), |last| last.max(today).min(after(SCHEDULE_DAYS)))
}
