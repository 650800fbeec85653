//! Which occasions a plan's schedule gives a customer: triggers and cadences carried out (domain rules W7, W8, L7, S4.3,
//! E6.1, G3.1). The same dates give the same occasions by the same names, however often they are asked for.

mod check;
mod day;
mod limit;
mod reach;
mod reconcile;
mod series;
mod subject;
mod waived;

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use records::{Audience, ContactRole, Mode, Occasion as Name, Plan, Schedule};

use crate::Calendar;
use crate::windows::start_of_day;

pub use check::{ScheduleProblem, check_schedule};
pub use day::{Base, shift};
pub use reach::{HolidaysUnknown, holidays_unknown};
pub use reconcile::{Change, Present, Progress, Terms, reconcile};
pub use subject::Subject;
pub use waived::{Exemption, unwaived};

/// One time at which a plan asks for a customer, in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    pub key: Name,
    pub role: ContactRole,
    pub mode: Mode,
    /// The day it falls on, where the customer is.
    pub due_on: NaiveDate,
    /// Nothing happens before.
    pub not_before: DateTime<Utc>,
    /// From then on it is overdue.
    pub aim_by: Option<DateTime<Utc>>,
    /// From then on nothing is dialled, unless the plan says so.
    pub due_by: Option<DateTime<Utc>>,
    /// One sentence for people, with the rule it carries out.
    pub why: String,
}

/// The days an evaluation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// What had to be done before this day is left alone.
    pub since: NaiveDate,
    /// The last day on which an occasion may fall.
    pub until: NaiveDate,
}

impl Horizon {
    /// From the day the plan counts from (its own word, or its first start) to `ahead` days after `today`.
    pub fn of(plan: &Plan, today: NaiveDate, ahead: u64) -> Self {
        let started = plan.first_started_at.map(|at| at.with_timezone(&Tz::Asia__Shanghai).date_naive());
        let since = plan.content.schedule.since.or(started).unwrap_or(today);
        Self { since, until: today.checked_add_days(Days::new(ahead)).unwrap_or(NaiveDate::MAX) }
    }
}

/// Every occasion within the horizon, by name and role; no name comes twice for a role. None for a list (its one
/// occasion is made by its start), and none for a customer the audience leaves out.
pub fn occasions(
    schedule: &Schedule,
    audience: &Audience,
    subject: &Subject,
    calendar: &Calendar,
    horizon: Horizon,
) -> Vec<Occasion> {
    if !subject.belongs(audience) {
        return vec![];
    }
    let roles: BTreeSet<String> = schedule.called_roles().into_iter().map(|role| role.0).collect();
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for firing in schedule.firings.iter().filter(|firing| subject.fits(firing)) {
        for moment in series::moments(firing, subject, calendar, horizon) {
            let limits = limit::limits(firing, &moment, subject, calendar);
            let over = limits.due_by.or(limits.aim_by).unwrap_or(moment.due_on);
            if over < horizon.since || !names.insert(moment.name.clone()) {
                continue;
            }
            let Some(not_before) = start_of_day(subject.zone, moment.due_on) else { continue };
            let end = |day: Option<NaiveDate>| start_of_day(subject.zone, day?.succ_opt()?);
            found.extend(roles.iter().map(|role| Occasion {
                key: Name(moment.name.clone()),
                role: ContactRole(role.clone()),
                mode: firing.mode.unwrap_or(schedule.mode),
                due_on: moment.due_on,
                not_before,
                aim_by: end(limits.aim_by),
                due_by: end(limits.due_by),
                why: format!("{} ({})", moment.why, firing.rule),
            }));
        }
    }
    found.sort_by(|a, b| (&a.key, &a.role.0).cmp(&(&b.key, &b.role.0)));
    found
}
