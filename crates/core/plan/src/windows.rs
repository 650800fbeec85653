//! The moments a customer may be called: the plan's windows within the outer limit, on working days, in the
//! customer's own zone. Safe across changes of the clock: every answer is checked as an instant.

use chrono::{DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use records::{DayOfWeek, HourSpan, Policy, Windows};

use crate::Calendar;

/// No run of days without a working day is longer.
const LOOK_AHEAD_DAYS: u64 = 40;

/// Now is outside the windows; when they open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("outside the windows in which the customer may be called; they open again at {at}")]
pub struct NextWindow {
    pub at: DateTime<Utc>,
}

/// Whether the customer may be called at this moment.
pub fn may_call_now(
    policy: &Policy,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(), NextWindow> {
    if is_open(&policy.windows, calendar, zone, now) {
        Ok(())
    } else {
        Err(NextWindow { at: first_due(policy, calendar, zone, now) })
    }
}

/// When a task that is due now is to be called first: now, or when the windows open. A policy whose windows never
/// open ([`crate::check`] refuses it) is looked at again a day later.
pub fn first_due(policy: &Policy, calendar: &Calendar, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    next_opening(&policy.windows, calendar, zone, now).unwrap_or(now + Duration::days(1))
}

/// The earliest moment from `from` on at which the windows are open; `None` when they never are.
pub fn next_opening(
    windows: &Windows,
    calendar: &Calendar,
    zone: Tz,
    from: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if is_open(windows, calendar, zone, from) {
        return Some(from);
    }
    let today = from.with_timezone(&zone).date_naive();
    (0..=LOOK_AHEAD_DAYS)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .flat_map(|date| openings_of(windows, calendar, zone, date))
        .find(|at| *at >= from && is_open(windows, calendar, zone, *at))
}

/// When the windows, open at `at`, close; at the latest at `limit`, and at midnight.
pub(crate) fn closing_before(
    windows: &Windows,
    calendar: &Calendar,
    zone: Tz,
    at: DateTime<Utc>,
    limit: DateTime<Utc>,
) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    let closes = |span: HourSpan| {
        instants(zone, local.date_naive(), span.end_minute()).into_iter().filter(|end| *end > at).min()
    };
    let open =
        open_on(windows, calendar, local.date_naive()).into_iter().filter(|span| span.contains(local.time()));
    open.filter_map(closes).max().map_or(limit, |closes| closes.min(limit))
}

pub(crate) fn is_open(windows: &Windows, calendar: &Calendar, zone: Tz, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&zone);
    spans_on(windows, calendar, local.date_naive()).any(|span| span.contains(local.time()))
}

/// What is open on any day of the week, cut to the outer limit and at midnight, in order of time.
pub(crate) fn effective(windows: &Windows) -> Vec<HourSpan> {
    let mut all: Vec<HourSpan> = Vec::new();
    for day in DayOfWeek::ALL {
        for span in spans_of(windows, day) {
            let (today, tomorrow) = span.parts();
            let new = cut(windows.outer, std::iter::once(today).chain(tomorrow));
            all.extend(new.filter(|span| !all.contains(span)).collect::<Vec<_>>());
        }
    }
    all.sort_by_key(|span| span.start_minute());
    all
}

/// What is open on a local day, in order of time.
fn open_on(windows: &Windows, calendar: &Calendar, date: NaiveDate) -> Vec<HourSpan> {
    let mut open: Vec<HourSpan> = spans_on(windows, calendar, date).collect();
    open.sort_by_key(|span| span.start_minute());
    open
}

/// What is open on a local day: its own windows to midnight, and the rest of those that began the day before.
fn spans_on<'w>(
    windows: &'w Windows,
    calendar: &Calendar,
    date: NaiveDate,
) -> impl Iterator<Item = HourSpan> + use<'w> {
    let begun_on = |date: NaiveDate| {
        let off = windows.working_days_only && !calendar.is_working_day(date);
        if off { &[][..] } else { spans_of(windows, date.weekday().into()) }
    };
    let own = begun_on(date).iter().map(|span| span.parts().0);
    let before = date.pred_opt().map_or(&[][..], begun_on).iter().filter_map(|span| span.parts().1);
    cut(windows.outer, own.chain(before))
}

fn spans_of(windows: &Windows, day: DayOfWeek) -> &[HourSpan] {
    windows.by_weekday.get(&day).unwrap_or(&windows.spans)
}

/// Spans of one day, cut to the outer limit.
fn cut(outer: HourSpan, spans: impl Iterator<Item = HourSpan>) -> impl Iterator<Item = HourSpan> {
    let (first, second) = outer.parts();
    spans.flat_map(move |span| {
        [Some(first), second].into_iter().flatten().filter_map(move |limit| {
            let start = span.start_minute().max(limit.start_minute());
            HourSpan::of_minutes(start, span.end_minute().min(limit.end_minute()))
        })
    })
}

fn openings_of(windows: &Windows, calendar: &Calendar, zone: Tz, date: NaiveDate) -> Vec<DateTime<Utc>> {
    let open = open_on(windows, calendar, date);
    let mut openings: Vec<_> =
        open.into_iter().flat_map(|span| instants(zone, date, span.start_minute())).collect();
    openings.sort();
    openings
}

/// The instants that minute of the day stands for: two where the clock is set back over it; where it is set
/// forward over it, the first instant after.
fn instants(zone: Tz, date: NaiveDate, minute: u16) -> Vec<DateTime<Utc>> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let local = midnight + Duration::minutes(i64::from(minute));
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => vec![at.to_utc()],
        LocalResult::Ambiguous(first, second) => vec![first.to_utc(), second.to_utc()],
        LocalResult::None => after_gap(zone, local).into_iter().collect(),
    }
}

/// The first instant whose local time is not before `local`, which the clock skips.
fn after_gap(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    // No zone ever skipped more than a day.
    (1..=24 * 60).find_map(|minutes| {
        zone.from_local_datetime(&(local + Duration::minutes(minutes))).earliest().map(|at| at.to_utc())
    })
}

/// The first instant of a local day.
pub(crate) fn start_of_day(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    instants(zone, date, 0).first().copied()
}

/// The first instant of that hour on a local day.
pub(crate) fn at_hour(zone: Tz, date: NaiveDate, hour: u16) -> Option<DateTime<Utc>> {
    instants(zone, date, hour * 60).first().copied()
}
