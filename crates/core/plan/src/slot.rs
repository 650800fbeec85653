//! Slots: attempts on one customer use different ones, over several half-days (W12.3).

use chrono::{DateTime, Duration, Timelike, Utc};
use chrono_tz::Tz;
use records::{Direction, HourSpan, NextTry, Reason, ReasonTable, RetryPolicy};

use crate::windows::start_of_day;

const DAY_MS: i64 = 24 * 3600 * 1000;

/// A slot of the customer's day, counted from local midnight: by default one clock hour, `10:00–11:00` being slot 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub i64);

/// Half of the customer's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HalfDay {
    Morning,
    /// From noon on.
    Afternoon,
}

impl Slot {
    /// The slot of a moment.
    pub fn of(retry: &RetryPolicy, zone: Tz, at: DateTime<Utc>) -> Self {
        Self(ms_of_day(zone, at) / length_ms(retry))
    }

    /// The slots a span of the day touches: first and last.
    pub(crate) fn of_span(retry: &RetryPolicy, span: HourSpan) -> (i64, i64) {
        let length = length_ms(retry);
        let ms = |minute: u16| i64::from(minute) * 60_000;
        (ms(span.start_minute()) / length, (ms(span.end_minute()) - 1) / length)
    }
}

impl HalfDay {
    /// The half-day of a moment.
    pub fn of(zone: Tz, at: DateTime<Utc>) -> Self {
        if at.with_timezone(&zone).hour() < 12 { Self::Morning } else { Self::Afternoon }
    }
}

/// When the slot of a moment ends.
pub(crate) fn end_of_slot(retry: &RetryPolicy, zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
    let length = length_ms(retry);
    let ms = ms_of_day(zone, at);
    at + Duration::milliseconds((length - ms % length).min(DAY_MS - ms))
}

/// Noon, or the end of the day.
pub(crate) fn end_of_half_day(zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
    let ms = ms_of_day(zone, at);
    at + Duration::milliseconds(DAY_MS / 2 - ms % (DAY_MS / 2))
}

/// Whether two moments fall on one local day.
pub(crate) fn same_day(zone: Tz, one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    one.with_timezone(&zone).date_naive() == other.with_timezone(&zone).date_naive()
}

/// The first instant of the next local day.
pub(crate) fn day_after(zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    start_of_day(zone, at.with_timezone(&zone).date_naive().succ_opt()?)
}

/// Whether an attempt that ended so took the customer's time, or tried to; attempts that only found out a number is dead
/// did not.
pub(crate) fn uses_slot(table: &ReasonTable, reason: Reason) -> bool {
    reason.counts() && table.of(reason).next != NextTry::OtherNumber
}

/// Whether it is one of the tries a round has. Attempts at a time the customer asked to put off are bounded by themselves;
/// customers who ring back use up none.
pub(crate) fn is_try(table: &ReasonTable, direction: Direction, reason: Reason) -> bool {
    let put_off = table.of(reason).next == NextTry::AsAsked;
    direction == Direction::Outbound && uses_slot(table, reason) && !put_off
}

fn ms_of_day(zone: Tz, at: DateTime<Utc>) -> i64 {
    let time = at.with_timezone(&zone).time();
    // A leap second is told as a fraction beyond its second.
    i64::from(time.num_seconds_from_midnight()) * 1000 + i64::from(time.nanosecond() / 1_000_000).min(999)
}

/// Never nothing, never more than a day.
fn length_ms(retry: &RetryPolicy) -> i64 {
    (retry.slot.as_millis() as i64).clamp(1, DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_one_clock_hour_where_the_customer_is() {
        let retry = RetryPolicy::default();
        let at: DateTime<Utc> = "2026-11-20T02:59:59Z".parse().unwrap();
        assert_eq!(Slot::of(&retry, Tz::Asia__Shanghai, at), Slot(10));
        assert_eq!(Slot::of(&retry, Tz::Asia__Kolkata, at), Slot(8)); // 08:29:59
        assert_eq!(end_of_slot(&retry, Tz::Asia__Shanghai, at), at + Duration::seconds(1));
        assert_eq!(end_of_slot(&retry, Tz::Asia__Kolkata, at), at + Duration::seconds(30 * 60 + 1));
        assert_eq!(HalfDay::of(Tz::Asia__Shanghai, at), HalfDay::Morning);
    }
}
