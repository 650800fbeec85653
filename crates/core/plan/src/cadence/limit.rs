//! By when an occasion should be done, and by when it must be.

use chrono::{Days, NaiveDate};
use records::{Firing, Within};

use super::Subject;
use super::day::{Base, shift};
use super::series::Moment;
use crate::Calendar;

/// The last day of each limit; none where nothing is said, or nothing of what is said can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) aim_by: Option<NaiveDate>,
    pub(super) due_by: Option<NaiveDate>,
}

pub(super) fn limits(firing: &Firing, moment: &Moment, subject: &Subject, calendar: &Calendar) -> Limits {
    let first =
        |limits: &[Within]| limits.iter().find_map(|within| last_day(*within, moment, subject, calendar));
    Limits { aim_by: first(&firing.aim), due_by: first(&firing.within) }
}

fn last_day(within: Within, moment: &Moment, subject: &Subject, calendar: &Calendar) -> Option<NaiveDate> {
    match (within, moment.base) {
        (Within::Of(offset), _) => shift(calendar, moment.due_on, offset),
        // The day of the event is not counted (Civil Code of the PRC, article 201).
        (Within::Hesitation, Base::Event(day)) => {
            day.checked_add_days(Days::new(u64::from(subject.hesitation_days?)))
        }
        (Within::Period, Base::Period { last, .. }) => Some(last),
        (Within::Event, Base::Event(day)) => day.pred_opt(),
        (Within::Hesitation | Within::Event, Base::Period { .. }) | (Within::Period, Base::Event(_)) => None,
    }
}
