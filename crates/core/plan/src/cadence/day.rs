//! Arithmetic on days: working days by the official calendar, months that end where the month ends.

use chrono::{Datelike, Days, Months, NaiveDate};
use records::{Offset, Period};

use crate::Calendar;

/// The day an offset leads to. A month later is the same day of the month, or its last where there is none: from
/// 31 January, 1m is 28 February and 2m is 31 March.
pub fn shift(calendar: &Calendar, day: NaiveDate, offset: Offset) -> Option<NaiveDate> {
    match offset {
        Offset::Days(count) if count < 0 => day.checked_sub_days(Days::new(u64::from(count.unsigned_abs()))),
        Offset::Days(count) => day.checked_add_days(Days::new(u64::from(count.unsigned_abs()))),
        Offset::WorkingDays(count) if count < 0 => calendar.subtract_working_days(day, count.unsigned_abs()),
        Offset::WorkingDays(count) => Some(calendar.add_working_days(day, count.unsigned_abs())),
        Offset::Months(count) if count < 0 => day.checked_sub_months(Months::new(count.unsigned_abs())),
        Offset::Months(count) => day.checked_add_months(Months::new(count.unsigned_abs())),
    }
}

/// What a moment counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The day of an event.
    Event(NaiveDate),
    /// First and last day of a calendar period.
    Period { first: NaiveDate, last: NaiveDate },
}

impl Base {
    /// The day that offsets are counted from.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Event(day) => day,
            Self::Period { first, .. } => first,
        }
    }
}

/// The period a day lies in, with its name: `2026-11`, `2026-Q4`, `2026-H2`, `2026`.
pub(super) fn period_of(period: Period, day: NaiveDate) -> Option<(String, Base)> {
    let (year, month) = (day.year(), day.month());
    let (name, first_month, months) = match period {
        Period::Month => (format!("{year}-{month:02}"), month, 1),
        Period::Quarter => (format!("{year}-Q{}", (month - 1) / 3 + 1), (month - 1) / 3 * 3 + 1, 3),
        Period::HalfYear => (format!("{year}-H{}", (month - 1) / 6 + 1), (month - 1) / 6 * 6 + 1, 6),
        Period::Year => (year.to_string(), 1, 12),
    };
    let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
    let last = first.checked_add_months(Months::new(months))?.pred_opt()?;
    Some((name, Base::Period { first, last }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_working_days_are_counted_as_people_count_them() {
        let calendar = Calendar::official();
        for (from, offset, wanted) in [
            ("2026-01-31", "1m", "2026-02-28"),
            ("2026-01-31", "2m", "2026-03-31"),
            ("2028-01-31", "1m", "2028-02-29"),
            ("2024-02-29", "1y", "2025-02-28"),
            ("2024-02-29", "4y", "2028-02-29"),
            ("2026-03-31", "-1m", "2026-02-28"),
            ("2026-11-20", "5wd", "2026-11-27"),
            ("2026-09-30", "5wd", "2026-10-13"), // over the National Day, with 10 October made up
            ("2026-10-08", "-1wd", "2026-09-30"),
            ("2026-11-23", "-1wd", "2026-11-20"),
            ("2026-11-20", "0wd", "2026-11-20"),
            ("2026-03-01", "-7d", "2026-02-22"),
            ("2026-12-31", "2w", "2027-01-14"),
        ] {
            let offset = Offset::try_from(offset.to_owned()).unwrap();
            let day = shift(&calendar, from.parse().unwrap(), offset);
            assert_eq!(day, Some(wanted.parse().unwrap()), "{from} {offset}");
        }
    }

    #[test]
    fn periods_begin_and_end_with_the_calendar() {
        for (period, day, name, first, last) in [
            (Period::Month, "2028-02-10", "2028-02", "2028-02-01", "2028-02-29"),
            (Period::Quarter, "2026-12-31", "2026-Q4", "2026-10-01", "2026-12-31"),
            (Period::HalfYear, "2026-06-30", "2026-H1", "2026-01-01", "2026-06-30"),
            (Period::Year, "2026-07-01", "2026", "2026-01-01", "2026-12-31"),
        ] {
            let wanted = Base::Period { first: first.parse().unwrap(), last: last.parse().unwrap() };
            assert_eq!(period_of(period, day.parse().unwrap()), Some((name.to_owned(), wanted)));
        }
    }
}
