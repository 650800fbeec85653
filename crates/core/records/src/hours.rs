//! Spans of the day and days of the week, as windows are made of.

use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

const DAY: u16 = 24 * 60;

/// A span of the day, start inclusive, end exclusive; `00:00-24:00` is the whole day. Over midnight only where that is
/// said: `22:00-02:00+1` begins on its day and ends on the next. Never empty, never longer than a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HourSpan {
    start: u16,
    /// Above 24 hours where it ends on the next day.
    end: u16,
}

/// A text is no span of the day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a span of the day: write it as 10:00-11:00, the end later than the start; one that ends on the next \
     day says so, as 22:00-02:00+1"
)]
pub struct HourSpanError(pub String);

impl HourSpan {
    /// The whole day.
    pub const WHOLE_DAY: Self = Self { start: 0, end: DAY };

    /// From minute `start` to minute `end` of one day.
    pub const fn of_minutes(start: u16, end: u16) -> Option<Self> {
        if start < end && end <= DAY { Some(Self { start, end }) } else { None }
    }

    /// First minute of the day that belongs to the span.
    pub fn start_minute(self) -> u16 {
        self.start
    }

    /// First minute after the span, counted from the midnight before it: 1440 is the end of the day, 1560 is 02:00 of
    /// the next.
    pub fn end_minute(self) -> u16 {
        self.end
    }

    /// The part on the day it begins, and the part on the next day.
    pub fn parts(self) -> (Self, Option<Self>) {
        let today = Self { start: self.start, end: self.end.min(DAY) };
        (today, Self::of_minutes(0, self.end.saturating_sub(DAY)))
    }

    /// Whether a time of day lies within, on whichever of its days.
    pub fn contains(self, time: NaiveTime) -> bool {
        let minute = (time.hour() * 60 + time.minute()) as u16;
        let within = |minute| self.start <= minute && minute < self.end;
        within(minute) || within(minute + DAY)
    }
}

impl TryFrom<String> for HourSpan {
    type Error = HourSpanError;

    fn try_from(text: String) -> Result<Self, HourSpanError> {
        let minutes = |part: &str| -> Option<u16> {
            let (hour, minute) = part.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let span = || {
            let (start, end) = text.split_once('-')?;
            let start = minutes(start)?;
            match end.trim().strip_suffix("+1") {
                None => Self::of_minutes(start, minutes(end)?),
                Some(end) => {
                    let end = minutes(end)? + DAY;
                    (start < DAY && end <= start + DAY).then_some(Self { start, end })
                }
            }
        };
        span().ok_or(HourSpanError(text))
    }
}

impl From<HourSpan> for String {
    fn from(span: HourSpan) -> Self {
        let (end, next) = if span.end > DAY { (span.end - DAY, "+1") } else { (span.end, "") };
        format!("{:02}:{:02}-{:02}:{:02}{next}", span.start / 60, span.start % 60, end / 60, end % 60)
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DayOfWeek {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl DayOfWeek {
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

impl From<chrono::Weekday> for DayOfWeek {
    fn from(day: chrono::Weekday) -> Self {
        Self::ALL[day.num_days_from_monday() as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Result<HourSpan, HourSpanError> {
        HourSpan::try_from(text.to_owned())
    }

    #[test]
    fn a_span_over_midnight_says_so() {
        let night = span("22:00-02:00+1").unwrap();
        assert_eq!(String::from(night), "22:00-02:00+1");
        assert_eq!(night.parts(), (span("22:00-24:00").unwrap(), span("00:00-02:00").ok()));
        for (time, within) in [("21:59", false), ("22:00", true), ("01:59", true), ("02:00", false)] {
            assert_eq!(night.contains(format!("{time}:00").parse().unwrap()), within, "{time}");
        }
        assert_eq!(String::from(span("22:00-00:00+1").unwrap()), "22:00-24:00");
        for broken in ["22:00-02:00", "22:00-23:00+1", "24:00-02:00+1", "22:00-02:00+2", "10:00-10:00"] {
            let error = span(broken).unwrap_err().to_string();
            assert!(error.contains("22:00-02:00+1"), "{error}");
        }
    }
}
