//! Which days are worked, and which minutes of a day are open, reckoned anew from the published data.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;
use records::{DayOfWeek, HourSpan, Windows};
use serde::Deserialize;

const ANNOUNCED: &str = include_str!("../../../../core/plan/data/holidays.json");

/// What was announced of working days.
pub(super) struct Days {
    off: HashSet<NaiveDate>,
    worked: HashSet<NaiveDate>,
}

#[derive(Deserialize)]
struct Year {
    off: BTreeMap<String, Vec<NaiveDate>>,
    work: Vec<NaiveDate>,
}

impl Days {
    pub(super) fn announced() -> Self {
        let years: BTreeMap<String, Year> =
            serde_json::from_str(ANNOUNCED).expect("the file is tested where it lies");
        let off = years.values().flat_map(|year| year.off.values().flatten()).copied().collect();
        Self { off, worked: years.values().flat_map(|year| &year.work).copied().collect() }
    }

    fn is_worked(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.worked.contains(&day) || (!weekend && !self.off.contains(&day))
    }

    /// Whether the windows are open there and then. A window that passes midnight counts to the day it begins on.
    pub(super) fn allow(
        &self,
        windows: &Windows,
        zone: Tz,
        at: DateTime<Utc>,
    ) -> Result<(), (&'static str, String)> {
        let local = at.with_timezone(&zone);
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let today = local.date_naive();
        let own = |day: NaiveDate| {
            let open = !windows.working_days_only || self.is_worked(day);
            let spans = windows.by_weekday.get(&DayOfWeek::from(day.weekday())).unwrap_or(&windows.spans);
            if open { spans.as_slice() } else { &[] }
        };
        let now = own(today).iter().any(|span| begun(*span, minute));
        let since_yesterday =
            today.pred_opt().is_some_and(|day| own(day).iter().any(|span| left_over(*span, minute)));
        if !now && !since_yesterday {
            return Err(("windows", format!("{local} is outside the plan's windows")));
        }
        if !begun(windows.outer, minute) && !left_over(windows.outer, minute) {
            return Err(("outer limit", format!("{local} is outside the outer limit")));
        }
        Ok(())
    }
}

/// Whether the span, begun today, is open at that minute of today.
fn begun(span: HourSpan, minute: u16) -> bool {
    span.start_minute() <= minute && minute < span.end_minute()
}

/// Whether the span, begun yesterday, is open still.
fn left_over(span: HourSpan, minute: u16) -> bool {
    minute + 24 * 60 < span.end_minute()
}
