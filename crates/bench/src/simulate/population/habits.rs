//! When people answer, by the hour and the day of the week.

use chrono::{DateTime, Datelike as _, Timelike as _, Weekday};
use chrono_tz::Tz;

/// How somebody lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulate) enum Kind {
    /// A company: its telephone is answered in working hours.
    Office,
    /// At work by day, at home in the evening and at the weekend.
    Employed,
    /// At home most of the day.
    Retired,
}

impl Kind {
    /// How likely it is that somebody answers then, in percent.
    pub(super) fn answers(self, local: DateTime<Tz>) -> u32 {
        let weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
        match (self, weekend, local.hour()) {
            (Self::Office, false, 9 | 14) => 60,
            (Self::Office, false, 10 | 11 | 15 | 16) => 72,
            (Self::Office, false, 13 | 17) => 45,
            (Self::Office, _, _) => 3,
            (Self::Employed, true, 9..=20) => 58,
            (Self::Employed, false, 11 | 12) => 48,
            (Self::Employed, false, 16) => 44,
            (Self::Employed, false, 18..=20) => 66,
            (Self::Employed, false, 9..=17) => 34,
            (Self::Retired, _, 9..=11) => 70,
            (Self::Retired, _, 12..=14) => 38,
            (Self::Retired, _, 15..=20) => 62,
            (Self::Employed | Self::Retired, _, _) => 8,
        }
    }
}
