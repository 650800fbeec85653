//! How often a customer and a number may be called at most, over all plans and calls by hand.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::seconds;
use crate::{AttemptId, MoveRule, Number};

/// At most so many attempts within any span of that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub attempts: u32,
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub within: Duration,
}

/// The caps a plan keeps. Attempts of every plan, and agents' calls by hand, count against them; faults of our own side
/// and customers who ring back do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CapPolicy {
    /// On one customer, whichever number.
    pub customer: Vec<Cap>,
    /// On one number, whosoever it is.
    pub number: Vec<Cap>,
}

/// One counted attempt on a customer or on one of the customer's numbers, of any plan or by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub attempt: AttemptId,
    pub number: Number,
    pub started_at: DateTime<Utc>,
    /// Made on this customer, or by hand on one of the customer's numbers; else the number is another customer's, too.
    pub on_customer: bool,
}

/// A call that would be one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capped {
    pub until: DateTime<Utc>,
    /// `gap`, `customer_cap` or `number_cap`.
    pub rule: MoveRule,
}

impl Default for CapPolicy {
    fn default() -> Self {
        let cap = |attempts, days: u64| Cap { attempts, within: Duration::from_secs(days * 24 * 3600) };
        Self { customer: vec![cap(8, 1), cap(20, 7)], number: vec![cap(6, 1), cap(15, 7)] }
    }
}

impl CapPolicy {
    /// How far back attempts matter.
    pub fn span(&self) -> Duration {
        self.customer.iter().chain(&self.number).map(|cap| cap.within).max().unwrap_or_default()
    }

    /// Which cap, or the least gap between two attempts on a customer, forbids to dial `number` at `now`, and until when;
    /// the one that holds longest. `recent` in any order.
    pub fn holds(
        &self,
        gap: Duration,
        recent: &[Recent],
        number: &Number,
        now: DateTime<Utc>,
    ) -> Option<Capped> {
        let on_customer = || recent.iter().filter(|made| made.on_customer).map(|made| made.started_at);
        let on_number = || recent.iter().filter(|made| made.number == *number).map(|made| made.started_at);
        let gap = on_customer().max().map(|last| Capped { until: after(last, gap), rule: MoveRule::Gap });
        let capped =
            |cap: &Cap, made: Vec<DateTime<Utc>>, rule| Some(Capped { until: free_again(*cap, made)?, rule });
        let customer = self
            .customer
            .iter()
            .filter_map(|cap| capped(cap, on_customer().collect(), MoveRule::CustomerCap));
        let number =
            self.number.iter().filter_map(|cap| capped(cap, on_number().collect(), MoveRule::NumberCap));
        gap.into_iter()
            .chain(customer)
            .chain(number)
            .filter(|capped| capped.until > now)
            .max_by_key(|capped| capped.until)
    }
}

/// When the attempt that fills the cap leaves its span.
fn free_again(cap: Cap, mut made: Vec<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let oldest = made.len().checked_sub(cap.attempts.max(1) as usize)?;
    made.sort_unstable();
    made.get(oldest).map(|at| after(*at, cap.within))
}

fn after(at: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(time)
        .ok()
        .and_then(|time| at.checked_add_signed(time))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn made(minutes: &[(i64, u32, bool)]) -> Vec<Recent> {
        let recent = |(minute, n, on_customer): &(i64, u32, bool)| Recent {
            attempt: AttemptId(uuid::Uuid::nil()),
            number: number(*n),
            started_at: at(*minute),
            on_customer: *on_customer,
        };
        minutes.iter().map(recent).collect()
    }

    fn number(n: u32) -> Number {
        Number::parse(&format!("1380013800{n}")).unwrap()
    }

    #[test]
    fn a_cap_holds_until_its_oldest_attempt_is_past() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let caps = CapPolicy {
            customer: vec![Cap { attempts: 3, within: hours(10) }],
            number: vec![Cap { attempts: 2, within: hours(5) }],
        };
        let gap = Duration::from_secs(600);
        for (recent, now, expected) in [
            (vec![], 0, None),
            (vec![(0, 1, true)], 9, Some((10, MoveRule::Gap))),
            (vec![(0, 1, true)], 10, None),
            // Somebody else with the number was just called: no gap on this customer.
            (vec![(0, 1, false)], 1, None),
            (vec![(0, 1, false), (20, 1, true)], 60, Some((300, MoveRule::NumberCap))),
            (vec![(0, 1, false), (20, 1, true)], 300, None),
            (vec![(0, 2, true), (20, 3, true), (40, 2, true)], 100, Some((600, MoveRule::CustomerCap))),
            (vec![(40, 2, true), (20, 3, true), (0, 2, true)], 600, None),
            // Both: the longer one is told.
            (vec![(0, 1, true), (20, 1, true), (40, 1, true)], 60, Some((600, MoveRule::CustomerCap))),
        ] {
            let held = caps.holds(gap, &made(&recent), &number(1), at(now));
            let expected = expected.map(|(until, rule)| Capped { until: at(until), rule });
            assert_eq!(held, expected, "{recent:?} at {now}");
        }
    }

    #[test]
    fn the_figures_are_read_in_seconds() {
        let caps: CapPolicy = serde_json::from_str(r#"{"number":[{"attempts":2,"within":3600}]}"#).unwrap();
        assert_eq!(caps.number, [Cap { attempts: 2, within: Duration::from_secs(3600) }]);
        assert_eq!(caps.customer, CapPolicy::default().customer);
        assert_eq!(caps.span(), Duration::from_secs(7 * 24 * 3600));
    }
}
