//! Alarms: what a person must look at now, until it is over.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What kind of alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmName {
    /// The trunk does not answer.
    TrunkDown,
    /// The trunk refuses our credentials or registration.
    TrunkRefused,
    /// Calls over the trunk fail: its breaker is open.
    BreakerOpen,
    /// Carriers bar too many calls of the shown number.
    BarredShare,
    /// Too few calls of the shown number are answered.
    AnswerRate,
    /// A year that plans reach into has no public holidays in the calendar; stands for no trunk.
    HolidaysUnknown,
    /// Too few of a plan's tasks whose time is over came to an outcome; stands for a plan instead of a trunk.
    CoverageBehind,
    /// Tasks of a plan are overdue; stands for a plan.
    TasksOverdue,
    /// Visits and letters are above the plan's limit (L5); stands for a plan.
    ShareAbove,
    /// Visits and letters come near the plan's limit; stands for a plan.
    ShareNear,
}

impl AlarmName {
    pub const ALL: [Self; 10] = [
        Self::TrunkDown,
        Self::TrunkRefused,
        Self::BreakerOpen,
        Self::BarredShare,
        Self::AnswerRate,
        Self::HolidaysUnknown,
        Self::CoverageBehind,
        Self::TasksOverdue,
        Self::ShareAbove,
        Self::ShareNear,
    ];

    /// Those that stand for a plan instead of a trunk.
    pub const OF_PLANS: [Self; 4] =
        [Self::CoverageBehind, Self::TasksOverdue, Self::ShareAbove, Self::ShareNear];

    /// The word used in API, metrics and console.
    pub fn slug(self) -> &'static str {
        match self {
            Self::TrunkDown => "trunk_down",
            Self::TrunkRefused => "trunk_refused",
            Self::BreakerOpen => "breaker_open",
            Self::BarredShare => "barred_share",
            Self::AnswerRate => "answer_rate",
            Self::HolidaysUnknown => "holidays_unknown",
            Self::CoverageBehind => "coverage_behind",
            Self::TasksOverdue => "tasks_overdue",
            Self::ShareAbove => "share_above",
            Self::ShareNear => "share_near",
        }
    }
}

/// A reason for an alarm, as found at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub name: AlarmName,
    /// The trunk, or what the alarm stands for instead: a plan's name, `calendar`.
    pub trunk: String,
    /// What is wrong and what to do, for people.
    pub what: String,
}

/// An alarm that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Alarm {
    pub name: AlarmName,
    pub trunk: String,
    pub since: DateTime<Utc>,
    /// What is wrong and what to do, as last found.
    pub what: String,
}

/// A change worth a line in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlarmChange {
    On(Alarm),
    Off(Alarm),
}

/// All alarms that stand, one of a kind for each trunk.
#[derive(Clone, Debug, Default)]
pub struct Alarms(BTreeMap<(AlarmName, String), Alarm>);

impl Alarms {
    /// Takes what is found now in place of what was found before; answers what has changed.
    pub fn found(&mut self, now: DateTime<Utc>, findings: Vec<Finding>) -> Vec<AlarmChange> {
        let mut before = std::mem::take(&mut self.0);
        let mut changes = Vec::new();
        for Finding { name, trunk, what } in findings {
            let key = (name, trunk.clone());
            // The same kind found twice at once is one alarm.
            let known = before.remove(&key).or_else(|| self.0.remove(&key));
            let since = known.as_ref().map_or(now, |known| known.since);
            let alarm = Alarm { name, trunk, since, what };
            if known.is_none() {
                changes.push(AlarmChange::On(alarm.clone()));
            }
            self.0.insert(key, alarm);
        }
        changes.extend(before.into_values().map(AlarmChange::Off));
        changes
    }

    /// Those that stand, the oldest first.
    pub fn standing(&self) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = self.0.values().cloned().collect();
        alarms.sort_by_key(|alarm| alarm.since);
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: AlarmName, what: &str) -> Finding {
        Finding { name, trunk: "main".to_owned(), what: what.to_owned() }
    }

    #[test]
    fn an_alarm_is_told_once_when_it_comes_and_once_when_it_goes() {
        let mut alarms = Alarms::default();
        let first = DateTime::UNIX_EPOCH;
        let later = first + chrono::TimeDelta::seconds(5);
        let down = || finding(AlarmName::TrunkDown, "no answer");
        assert!(matches!(&alarms.found(first, vec![down()])[..], [AlarmChange::On(_)]));
        assert_eq!(alarms.found(later, vec![down(), finding(AlarmName::TrunkDown, "no route")]), []);
        let standing = alarms.standing();
        assert_eq!((standing.len(), standing[0].since, standing[0].what.as_str()), (1, first, "no route"));
        let changes = alarms.found(later, vec![finding(AlarmName::BreakerOpen, "left alone")]);
        assert!(
            matches!(&changes[..], [AlarmChange::On(on), AlarmChange::Off(off)]
                if on.name == AlarmName::BreakerOpen && off.since == first),
            "{changes:?}"
        );
        assert_eq!(alarms.found(later, vec![]).len(), 1);
        assert!(alarms.standing().is_empty());
    }
}
