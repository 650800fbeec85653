//! Until when a plan's customers in one zone may be called.

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use records::Policy;

use crate::windows::{closing_before, may_call_now};
use crate::{Calendar, NextWindow};

/// When the windows that are open now close, a day ahead at the latest; else when they open.
pub fn open_until(
    policy: &Policy,
    calendar: &Calendar,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, NextWindow> {
    may_call_now(policy, calendar, zone, now)?;
    let tomorrow = now.checked_add_days(Days::new(1)).unwrap_or(now);
    Ok(closing_before(&policy.windows, calendar, zone, now, tomorrow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_open_until_its_window_closes_and_shut_until_it_opens() {
        let (policy, calendar) = (Policy::default(), Calendar::official());
        let open = |at: &str, zone: Tz| open_until(&policy, &calendar, zone, at.parse().unwrap());
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // A Friday: 10:30, 12:00 and 15:59 in Shanghai; windows 10-11 and 14-16.
        assert_eq!(open("2026-11-20T02:30:00Z", Tz::Asia__Shanghai), Ok(at("2026-11-20T03:00:00Z")));
        let noon = open("2026-11-20T04:00:00Z", Tz::Asia__Shanghai);
        assert_eq!(noon, Err(NextWindow { at: at("2026-11-20T06:00:00Z") }));
        assert_eq!(open("2026-11-20T07:59:00Z", Tz::Asia__Shanghai), Ok(at("2026-11-20T08:00:00Z")));
        // At the same moment it is 10:30 in Dhaka.
        assert_eq!(open("2026-11-20T04:30:00Z", Tz::Asia__Dhaka), Ok(at("2026-11-20T05:00:00Z")));
    }
}
