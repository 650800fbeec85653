//! Which of the due tasks of a plan is called first, when not all can be called today: what would miss its deadline, then
//! classes by their importance (B), then what is due longest.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use records::NewPlan;

use crate::Terms;

/// How early within its plan a task is called: the least first, and of one rank what is due longest. Coarse, so that a
/// claim finds each rank's first in one step, and a task changes its rank twice at most while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Tomorrow its limit has passed, or has already.
    LastDay,
    /// The customer's class has a higher priority than the plan.
    HigherClass,
    /// Its limit passes within [`LAST_DAYS`].
    LastDays,
    Usual,
    /// The customer's class has a lower priority than the plan.
    LowerClass,
}

/// Long enough that what ends over a week-end is called before it.
const LAST_DAYS: u64 = 3;

impl Rank {
    /// The first first.
    pub const ALL: [Self; 5] =
        [Self::LastDay, Self::HigherClass, Self::LastDays, Self::Usual, Self::LowerClass];

    /// Its place, from 0.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The rank of a task made by these terms, as it stands on `today`, a day at Shanghai. Its limit is the deadline; the
    /// day from which it is overdue where it has none.
    pub fn of(plan: &NewPlan, class: Option<&str>, terms: &Terms, today: NaiveDate) -> Self {
        let limit = terms.due_by.or(terms.aim_by);
        let ends_within = |days| limit.is_some_and(|limit| limit <= noon_after(today, days));
        let by_class = Self::by_class(plan, class);
        if ends_within(1) {
            Self::LastDay
        } else if ends_within(LAST_DAYS) {
            by_class.min(Self::LastDays)
        } else {
            by_class
        }
    }

    /// The rank of a task without a limit.
    pub fn by_class(plan: &NewPlan, class: Option<&str>) -> Self {
        let priority = class.and_then(|class| plan.schedule.priority_by_class.get(class));
        match priority.map(|priority| priority.cmp(&plan.priority)) {
            Some(std::cmp::Ordering::Greater) => Self::HigherClass,
            Some(std::cmp::Ordering::Less) => Self::LowerClass,
            Some(std::cmp::Ordering::Equal) | None => Self::Usual,
        }
    }
}

/// Noon of a day at Shanghai: a limit is the midnight that ends a day where the customer is, twelve hours off at most.
fn noon_after(today: NaiveDate, days: u64) -> DateTime<Utc> {
    let day = today.checked_add_days(Days::new(days)).unwrap_or(today);
    let noon = day.and_time(NaiveTime::from_hms_opt(12, 0, 0).expect("12:00 is a time"));
    // Shanghai has kept one time since 1991.
    Tz::Asia__Shanghai
        .from_local_datetime(&noon)
        .single()
        .map_or(noon.and_utc(), |noon| noon.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use records::{Audience, Mode, Policy, Schedule};

    use super::*;

    fn plan() -> NewPlan {
        let priority_by_class =
            [("gold".to_owned(), 9), ("plain".to_owned(), 5), ("late".to_owned(), 1)].into();
        NewPlan {
            name: "plan".to_owned(),
            questionnaire: "q".to_owned(),
            questionnaire_version: String::new(),
            audience: Audience::Everyone,
            policy: Policy::default(),
            priority: 5,
            schedule: Schedule { priority_by_class, ..Schedule::default() },
        }
    }

    /// The rank of a task whose limit is the end of a day of November, where the customer is.
    fn rank(class: &str, due: Option<u32>, aim: Option<u32>, zone: Tz) -> Rank {
        let end = |day: u32| {
            let midnight = NaiveDate::from_ymd_opt(2026, 11, day + 1).unwrap().and_time(NaiveTime::MIN);
            zone.from_local_datetime(&midnight).unwrap().with_timezone(&Utc)
        };
        let terms = Terms { mode: Mode::Phone, due_on: None, aim_by: aim.map(end), due_by: due.map(end) };
        Rank::of(&plan(), Some(class), &terms, NaiveDate::from_ymd_opt(2026, 11, 10).unwrap())
    }

    #[test]
    fn what_would_miss_its_limit_comes_before_what_is_more_important() {
        let table = [
            ("gold", None, None, Rank::HigherClass),
            ("plain", None, None, Rank::Usual),
            ("unheard of", None, None, Rank::Usual),
            ("late", None, None, Rank::LowerClass),
            ("late", Some(10), None, Rank::LastDay),
            ("late", Some(9), None, Rank::LastDay),
            ("plain", Some(11), None, Rank::LastDays),
            ("plain", Some(12), None, Rank::LastDays),
            ("plain", Some(13), None, Rank::Usual),
            ("gold", Some(11), None, Rank::HigherClass),
            ("plain", None, Some(10), Rank::LastDay),
            // What is overdue has until its deadline.
            ("plain", Some(20), Some(9), Rank::Usual),
        ];
        for zone in [Tz::Asia__Shanghai, Tz::Asia__Kolkata, Tz::Pacific__Auckland, Tz::Europe__Berlin] {
            for (class, due, aim, wanted) in table {
                assert_eq!(rank(class, due, aim, zone), wanted, "{class} {due:?} {aim:?} at {zone}");
            }
        }
    }

    #[test]
    fn ranks_are_numbered_in_their_order() {
        let numbers: Vec<u8> = Rank::ALL.into_iter().map(Rank::number).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
        assert!(Rank::ALL.is_sorted());
    }
}
