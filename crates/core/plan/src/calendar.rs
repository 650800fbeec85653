//! The official Chinese calendar: public holidays off, make-up weekends (调休) on (W7, W8).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Years from 2023 on; what a year's paper has not announced yet is missing. Source and licence: `data/holidays.NOTICE`.
const OFFICIAL: &str = include_str!("../data/holidays.json");

/// Which days people work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    sections: BTreeMap<i32, Year>,
    /// Days off and the festival they belong to.
    off: BTreeMap<NaiveDate, String>,
    /// Weekend days that are worked.
    made_up: BTreeSet<NaiveDate>,
}

/// Whether a year's holidays are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    Known,
    /// Not announced, or not in this release: only weekends are taken as off.
    Unknown(i32),
}

/// A calendar's text is not in the form of `data/holidays.json`.
#[derive(Debug, thiserror::Error)]
#[error(
    "the holiday calendar cannot be read: {0}. Write it as {{\"2026\": {{\"off\": {{\"春节\": [\"2026-02-16\"]}}, \"work\": [\"2026-02-14\"]}}}}"
)]
pub struct CalendarError(#[from] serde_json::Error);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// Address of the paper that announced the year.
    #[serde(default, rename = "paper")]
    _paper: Option<String>,
    off: BTreeMap<String, Vec<NaiveDate>>,
    work: Vec<NaiveDate>,
}

impl Calendar {
    /// The calendar this release carries.
    pub fn official() -> Self {
        Self::parse(OFFICIAL).expect("the embedded calendar is read by a test")
    }

    /// Reads a calendar in the form of `data/holidays.json`.
    pub fn parse(json: &str) -> Result<Self, CalendarError> {
        Ok(Self::of(serde_json::from_str(json)?))
    }

    /// This calendar with the years of a newer one in place of its own.
    #[must_use]
    pub fn upgraded(mut self, newer: Self) -> Self {
        self.sections.extend(newer.sections);
        Self::of(self.sections)
    }

    fn of(sections: BTreeMap<i32, Year>) -> Self {
        let mut calendar = Self { sections: BTreeMap::new(), off: BTreeMap::new(), made_up: BTreeSet::new() };
        for days in sections.values() {
            calendar.made_up.extend(&days.work);
            for (festival, dates) in &days.off {
                calendar.off.extend(dates.iter().map(|date| (*date, festival.clone())));
            }
        }
        Self { sections, ..calendar }
    }

    /// Whether the year's holidays are known; where not, [`Self::is_working_day`] knows weekends only. A year without a
    /// day off is not known.
    pub fn coverage(&self, year: i32) -> Coverage {
        let known = self.sections.get(&year).is_some_and(|days| !days.off.is_empty());
        if known { Coverage::Known } else { Coverage::Unknown(year) }
    }

    /// The years from one day to another whose holidays are not known.
    pub fn unknown_years(&self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        (from.year()..=to.year()).filter(|year| self.coverage(*year) != Coverage::Known).collect()
    }

    /// The years whose holidays are known.
    pub fn known_years(&self) -> Vec<i32> {
        let known = |year: &&i32| self.coverage(**year) == Coverage::Known;
        self.sections.keys().filter(known).copied().collect()
    }

    /// Names what the calendar says: the first 16 digits of the SHA-256 of its days, hex. Another day off or worked gives
    /// another one.
    pub fn revision(&self) -> String {
        let mut hash = Sha256::new();
        for (day, festival) in &self.off {
            hash.update(format!("{day} off {festival}\n"));
        }
        for day in &self.made_up {
            hash.update(format!("{day} worked\n"));
        }
        hex::encode(&hash.finalize()[..8])
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        if self.made_up.contains(&date) {
            return true;
        }
        !self.off.contains_key(&date) && !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// The festival whose holiday falls on that day or on one of the `within` days after it.
    pub fn festival_near(&self, date: NaiveDate, within: u64) -> Option<&str> {
        let last = date.checked_add_days(Days::new(within))?;
        self.off.range(date..=last).next().map(|(_, festival)| festival.as_str())
    }

    /// The `count`th working day before `date`; `date` itself for 0.
    pub fn subtract_working_days(&self, date: NaiveDate, count: u32) -> Option<NaiveDate> {
        let mut day = date;
        let mut left = count;
        while left > 0 {
            day = day.pred_opt()?;
            left -= u32::from(self.is_working_day(day));
        }
        Some(day)
    }

    /// The `count`th working day after `date`; `date` itself for 0.
    pub fn add_working_days(&self, date: NaiveDate, count: u32) -> NaiveDate {
        let mut working = date.iter_days().skip(1).filter(|day| self.is_working_day(*day));
        match count {
            0 => date,
            _ => working.nth(count as usize - 1).unwrap_or(date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_are_off_and_make_up_weekends_are_on() {
        let calendar = Calendar::official();
        for (date, works) in [
            ("2026-10-01", false), // National Day, a Thursday
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true), // Saturday, made up
            ("2026-09-20", true), // Sunday, made up
            ("2026-02-14", true), // Saturday, made up
            ("2026-02-16", false),
            ("2026-02-24", true),
            ("2026-11-21", false), // plain Saturday
            ("2026-11-23", true),
            ("2025-10-08", false),
            ("2025-10-11", true),
            ("2024-02-09", true), // eve of the Spring Festival, worked in 2024
            ("2023-12-29", true),
        ] {
            assert_eq!(calendar.is_working_day(day(date)), works, "{date}");
        }
    }

    #[test]
    fn a_year_not_announced_knows_weekends_only_and_says_so() {
        let calendar = Calendar::official();
        assert_eq!(calendar.coverage(2026), Coverage::Known);
        assert_eq!(calendar.coverage(2027), Coverage::Unknown(2027));
        assert_eq!(calendar.coverage(2031), Coverage::Unknown(2031));
        assert!(calendar.is_working_day(day("2027-10-01")));
        assert!(!calendar.is_working_day(day("2027-10-02")));
    }

    #[test]
    fn five_working_days_pass_over_a_long_holiday() {
        let calendar = Calendar::official();
        assert_eq!(calendar.add_working_days(day("2026-09-30"), 5), day("2026-10-13"));
        assert_eq!(calendar.add_working_days(day("2026-11-20"), 1), day("2026-11-23"));
        assert_eq!(calendar.add_working_days(day("2026-11-21"), 0), day("2026-11-21"));
    }

    #[test]
    fn a_festival_is_near_from_the_days_before_it_to_its_end() {
        let calendar = Calendar::official();
        assert_eq!(calendar.festival_near(day("2026-02-12"), 3), Some("春节"));
        assert_eq!(calendar.festival_near(day("2026-02-23"), 3), Some("春节"));
        assert_eq!(calendar.festival_near(day("2026-03-10"), 3), None);
    }

    #[test]
    fn a_file_brings_the_years_it_names_and_leaves_the_others() {
        let newer = r#"{"2027": {"off": {"国庆节": ["2027-10-01"]}, "work": ["2027-10-09"]},
                        "2026": {"off": {"元旦": ["2026-01-01"]}, "work": []},
                        "2028": {"off": {}, "work": []}}"#;
        let calendar = Calendar::official().upgraded(Calendar::parse(newer).unwrap());
        assert_eq!(calendar.coverage(2027), Coverage::Known);
        assert!(!calendar.is_working_day(day("2027-10-01")));
        assert!(calendar.is_working_day(day("2027-10-09")));
        assert!(calendar.is_working_day(day("2026-10-01")), "the file's word on 2026 counts");
        assert!(!calendar.is_working_day(day("2025-10-01")), "2025 is as it was");
        assert_eq!(
            calendar.unknown_years(day("2026-11-22"), day("2028-01-01")),
            [2028],
            "an empty year is unknown"
        );
        assert_eq!(
            Calendar::official().unknown_years(day("2026-11-22"), day("2026-12-31")),
            Vec::<i32>::new()
        );
    }

    #[test]
    fn another_day_gives_another_revision() {
        let official = Calendar::official();
        assert_eq!(official.revision(), Calendar::official().revision());
        assert!(official.known_years().contains(&2026) && !official.known_years().contains(&2027));
        let newer = r#"{"2027": {"off": {"国庆节": ["2027-10-01"]}, "work": []}}"#;
        let upgraded = Calendar::official().upgraded(Calendar::parse(newer).unwrap());
        assert_ne!(official.revision(), upgraded.revision());
        assert!(upgraded.known_years().contains(&2027));
    }

    #[test]
    fn a_broken_calendar_is_refused_with_its_form() {
        let error = Calendar::parse(r#"{"2026": {"off": {}, "wrok": []}}"#).unwrap_err().to_string();
        assert!(error.contains("wrok") && error.contains("Write it as"), "{error}");
    }
}
