//! The dry run: who would be called when, reckoned without a phone from the dates on file, as if nobody had been called
//! yet. First calls only: nobody knows who will not answer.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Days, DurationRound, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use records::{Channel, Customer, CustomerId, Mode, NewPlan, Occasion as Name, Performer};
use serde::Serialize;

use crate::cadence::{Exemption, Horizon, Subject, occasions, unwaived};
use crate::{Calendar, next_opening};

/// What a dry run is reckoned with.
#[derive(Clone, Copy)]
pub struct DryRunTerms<'a> {
    pub plan: &'a NewPlan,
    pub calendar: &'a Calendar,
    pub now: DateTime<Utc>,
    /// Days looked ahead, today counted.
    pub days: u32,
    /// First calls that the lines can make in an hour; none: as many as fall due.
    pub per_hour: Option<u32>,
    /// Zone of the days and hours in the result.
    pub zone: Tz,
    /// Rows kept in the result; everybody is counted.
    pub rows: usize,
}

/// One call, or one visit, letter or message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Expected {
    pub customer: CustomerId,
    pub external_id: String,
    pub name: String,
    pub occasion: Name,
    pub role: String,
    pub mode: Mode,
    /// No call of the service: carried out by people, or over another channel.
    pub by_people: bool,
    /// The plan would call, and the customer asked for this way instead (W6.2).
    pub by_channel: bool,
    pub at: DateTime<Utc>,
    pub due_by: Option<DateTime<Utc>>,
    /// Its deadline has passed by then.
    pub late: bool,
    pub why: String,
}

/// One day's load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DayLoad {
    /// Calls by hour of the day.
    pub by_hour: [u32; 24],
    pub calls: u32,
    /// What people carry out.
    pub by_people: u32,
    /// Of both, those past their deadline.
    pub late: u32,
    pub working_day: bool,
}

/// What a dry run found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DryRun {
    /// In order of time, the first of them.
    pub rows: Vec<Expected>,
    /// Every day looked at.
    pub days: BTreeMap<NaiveDate, DayLoad>,
    pub calls: u32,
    pub by_people: u32,
    /// Of these, for customers who asked for another way than a call.
    pub by_channel: u32,
    pub late: u32,
    /// Fall due in these days and would not be reached in them: no window, or no line.
    pub beyond: u32,
    pub customers: u32,
    /// Left out because they opted out.
    pub opted_out: u32,
    /// Customers for whom something was left out because a waiver exempts them (L9.4).
    pub waived: u32,
}

/// A dry run being reckoned, a customer at a time.
pub struct Reckoning<'a> {
    terms: DryRunTerms<'a>,
    run: DryRun,
    expected: Vec<(Wanted, Tz)>,
}

/// Reckons what would be done in the next days for customers, each with the waivers that cover the plan.
pub fn dry_run(
    terms: DryRunTerms<'_>,
    customers: impl Iterator<Item = (Customer, Vec<Exemption>)>,
) -> DryRun {
    let mut reckoning = Reckoning::new(terms);
    for (customer, exemptions) in customers {
        reckoning.look(&customer, &exemptions);
    }
    reckoning.finish()
}

impl<'a> Reckoning<'a> {
    /// Nobody was looked at yet.
    pub fn new(terms: DryRunTerms<'a>) -> Self {
        Self { run: DryRun { days: days(terms), ..DryRun::default() }, terms, expected: Vec::new() }
    }

    /// Takes a customer into account; `exemptions` are those from this plan.
    pub fn look(&mut self, customer: &Customer, exemptions: &[Exemption]) {
        self.run.customers += 1;
        if customer.opt_out.is_none() {
            let (expected, waived) = of_customer(self.terms, customer, exemptions);
            self.expected.extend(expected);
            self.run.waived += u32::from(waived);
        } else if Subject::from(customer).belongs(&self.terms.plan.audience) {
            self.run.opted_out += 1;
        }
    }

    /// Gives everybody a line, by priority and by when it falls due.
    pub fn finish(self) -> DryRun {
        let Self { terms, mut run, mut expected } = self;
        expected.sort_by_key(|(one, _)| (std::cmp::Reverse(priority(terms, one.class.as_ref())), one.row.at));
        let mut lines = Lines::new(terms.per_hour.unwrap_or(u32::MAX));
        let mut rows = Vec::new();
        for (Wanted { mut row, .. }, zone) in expected {
            if !row.by_people {
                let Some(at) = lines.place(terms, zone, row.at) else {
                    run.beyond += 1;
                    continue;
                };
                row.at = at;
            }
            row.late = row.due_by.is_some_and(|due| row.at >= due);
            if run.count(terms, &row) {
                rows.push(row);
            }
        }
        rows.sort_by(|a, b| (a.at, &a.external_id).cmp(&(b.at, &b.external_id)));
        rows.truncate(terms.rows);
        run.rows = rows;
        run
    }
}

impl DryRun {
    /// Counts a row to its day; whether it lies in the days looked at.
    fn count(&mut self, terms: DryRunTerms<'_>, row: &Expected) -> bool {
        let local = row.at.with_timezone(&terms.zone);
        let Some(day) = self.days.get_mut(&local.date_naive()) else {
            self.beyond += 1;
            return false;
        };
        if row.by_people {
            day.by_people += 1;
            self.by_people += 1;
            self.by_channel += u32::from(row.by_channel);
        } else {
            day.by_hour[local.hour() as usize] += 1;
            day.calls += 1;
            self.calls += 1;
        }
        day.late += u32::from(row.late);
        self.late += u32::from(row.late);
        true
    }
}

fn days(terms: DryRunTerms<'_>) -> BTreeMap<NaiveDate, DayLoad> {
    let today = terms.now.with_timezone(&terms.zone).date_naive();
    let load = |day| DayLoad { working_day: terms.calendar.is_working_day(day), ..DayLoad::default() };
    today.iter_days().take(terms.days as usize).map(|day| (day, load(day))).collect()
}

struct Wanted {
    row: Expected,
    class: Option<String>,
}

/// What is wanted of a customer, and whether a waiver left something out.
fn of_customer(
    terms: DryRunTerms<'_>,
    customer: &Customer,
    exemptions: &[Exemption],
) -> (Vec<(Wanted, Tz)>, bool) {
    let subject = Subject::from(customer);
    let schedule = &terms.plan.schedule;
    let today = terms.now.with_timezone(&terms.zone).date_naive();
    let row = |occasion: Name, role: String, mode: Mode, at: DateTime<Utc>, due_by, why| {
        let by_channel = mode == Mode::Phone && customer.row.channel != Channel::Phone;
        let mode = if by_channel { customer.row.channel.mode() } else { mode };
        let by_people = mode != Mode::Phone || schedule.carried_out_by == Performer::People;
        let row = Expected {
            customer: customer.id,
            external_id: customer.row.external_id.clone(),
            name: customer.row.name.clone(),
            occasion,
            role,
            mode,
            by_people,
            by_channel,
            at: at.max(terms.now),
            due_by,
            late: false,
            why,
        };
        (Wanted { row, class: subject.class.clone() }, subject.zone)
    };
    if schedule.is_list() {
        let listed = subject.belongs(&terms.plan.audience);
        let waived = listed && exemptions.iter().any(|exemption| exemption.in_force());
        let role = records::ContactRole::default().0;
        let wanted = (listed && !waived).then(|| {
            row(Name::default(), role, schedule.mode, terms.now, None, "the list is called".to_owned())
        });
        return (Vec::from_iter(wanted), waived);
    }
    let until = today.checked_add_days(Days::new(u64::from(terms.days.saturating_sub(1)))).unwrap_or(today);
    let horizon = Horizon { since: schedule.since.unwrap_or(today), until };
    let all = occasions(schedule, &terms.plan.audience, &subject, terms.calendar, horizon);
    let left = unwaived(&all, exemptions);
    let waived = left.len() < all.len();
    let wanted = left.into_owned().into_iter();
    let rows = wanted.map(|one| row(one.key, one.role.0, one.mode, one.not_before, one.due_by, one.why));
    (rows.collect(), waived)
}

fn priority(terms: DryRunTerms<'_>, class: Option<&String>) -> i16 {
    let of_class = class.and_then(|class| terms.plan.schedule.priority_by_class.get(class));
    of_class.copied().unwrap_or(terms.plan.priority)
}

/// Calls taken in each hour.
struct Lines {
    per_hour: u32,
    taken: HashMap<DateTime<Utc>, u32>,
    /// From the start of a full hour to the first later moment at which a line was found, for each zone: windows differ.
    full: HashMap<(Tz, DateTime<Utc>), DateTime<Utc>>,
}

impl Lines {
    fn new(per_hour: u32) -> Self {
        Self { per_hour: per_hour.max(1), taken: HashMap::new(), full: HashMap::new() }
    }

    /// The first moment from `at` on at which the windows are open and a call can be made within the days looked at.
    fn place(&mut self, terms: DryRunTerms<'_>, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let end = terms.now + TimeDelta::days(i64::from(terms.days) + 1);
        let mut at = at;
        let mut passed = Vec::new();
        while at < end {
            at = next_opening(&terms.plan.policy.windows, terms.calendar, zone, at)?;
            let hour = at.duration_trunc(TimeDelta::hours(1)).ok()?;
            let taken = self.taken.entry(hour).or_default();
            if *taken < self.per_hour {
                *taken += 1;
                break;
            }
            passed.push((zone, hour));
            at = self.full.get(&(zone, hour)).copied().unwrap_or(hour + TimeDelta::hours(1));
        }
        self.full.extend(passed.into_iter().map(|hour| (hour, at)));
        (at < end).then_some(at)
    }
}
