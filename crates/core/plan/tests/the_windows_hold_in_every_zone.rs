//! The plan's windows within the outer limit, on working days, in the customer's zone, across changes of the clock.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use plan::{Calendar, NextWindow, first_due, may_call_now, next_opening};
use records::{HourSpan, Policy};

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn spans(texts: &[&str]) -> Vec<HourSpan> {
    texts.iter().map(|text| HourSpan::try_from((*text).to_owned()).unwrap()).collect()
}

#[test]
fn the_next_window_opens_as_the_rules_say() {
    let policy = Policy::default();
    let calendar = Calendar::official();
    for (now, due) in [
        ("2026-11-20T09:00:00+08:00", "2026-11-20T10:00:00+08:00"),
        ("2026-11-20T10:00:00+08:00", "2026-11-20T10:00:00+08:00"),
        ("2026-11-20T10:59:59+08:00", "2026-11-20T10:59:59+08:00"),
        ("2026-11-20T11:00:00+08:00", "2026-11-20T14:00:00+08:00"),
        ("2026-11-20T15:30:00+08:00", "2026-11-20T15:30:00+08:00"),
        // Over the weekend.
        ("2026-11-20T16:00:00+08:00", "2026-11-23T10:00:00+08:00"),
        // Over National Day, to the first day after it.
        ("2026-09-30T16:00:00+08:00", "2026-10-08T10:00:00+08:00"),
        // A Saturday that is worked for a holiday.
        ("2026-10-09T20:00:00+08:00", "2026-10-10T10:00:00+08:00"),
    ] {
        assert_eq!(first_due(&policy, &calendar, Tz::Asia__Shanghai, at(now)), at(due), "{now}");
    }
}

#[test]
fn a_customer_elsewhere_is_called_by_the_clock_there() {
    let (policy, calendar) = (Policy::default(), Calendar::official());
    let now = at("2026-11-20T10:30:00+08:00");
    assert_eq!(may_call_now(&policy, &calendar, Tz::Asia__Shanghai, now), Ok(()));
    let next = NextWindow { at: at("2026-11-20T10:00:00+00:00") };
    assert_eq!(may_call_now(&policy, &calendar, Tz::Europe__London, now), Err(next));
    // It is still Thursday evening there.
    let next = NextWindow { at: at("2026-11-20T10:00:00-05:00") };
    assert_eq!(may_call_now(&policy, &calendar, Tz::America__New_York, now), Err(next));
}

#[test]
fn the_outer_limit_cuts_the_windows() {
    let mut policy = Policy::default();
    policy.windows.spans = spans(&["00:00-24:00"]);
    policy.windows.outer = spans(&["08:00-21:00"])[0];
    let calendar = Calendar::official();
    let zone = Tz::Asia__Shanghai;
    assert_eq!(
        first_due(&policy, &calendar, zone, at("2026-11-20T05:00:00+08:00")),
        at("2026-11-20T08:00:00+08:00")
    );
    assert_eq!(
        first_due(&policy, &calendar, zone, at("2026-11-19T21:00:00+08:00")),
        at("2026-11-20T08:00:00+08:00")
    );
}

#[test]
fn each_day_of_the_week_may_have_windows_of_its_own() {
    let windows = serde_json::from_str(
        r#"{"spans": ["10:00-11:00"], "by_weekday": {"fri": ["15:00-16:00"], "wed": [], "sat": ["09:00-10:00"]}}"#,
    )
    .unwrap();
    let policy = Policy { windows, ..Policy::default() };
    let calendar = Calendar::official();
    let due = |now: &str| first_due(&policy, &calendar, Tz::Asia__Shanghai, at(now));
    // Thursday, Friday, and over the weekend to Monday.
    assert_eq!(due("2026-11-19T10:30:00+08:00"), at("2026-11-19T10:30:00+08:00"));
    assert_eq!(due("2026-11-19T11:00:00+08:00"), at("2026-11-20T15:00:00+08:00"));
    assert_eq!(due("2026-11-20T16:00:00+08:00"), at("2026-11-23T10:00:00+08:00"));
    // Tuesday to Thursday: never on Wednesday.
    assert_eq!(due("2026-11-24T12:00:00+08:00"), at("2026-11-26T10:00:00+08:00"));
    // A Saturday that is worked has the Saturday's windows.
    assert_eq!(due("2026-10-09T16:00:00+08:00"), at("2026-10-10T09:00:00+08:00"));
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_begins_on() {
    let mut policy = Policy::default();
    policy.windows.spans = spans(&["22:00-02:00+1"]);
    policy.windows.outer = spans(&["21:00-01:00+1"])[0];
    let (calendar, zone) = (Calendar::official(), Tz::Asia__Shanghai);
    let open = |now: &str| may_call_now(&policy, &calendar, zone, at(now)).is_ok();
    for (now, wanted) in [
        ("2026-11-20T21:30:00+08:00", false),
        ("2026-11-20T22:00:00+08:00", true),
        // Friday's window reaches into Saturday, which is not worked, as far as the outer limit.
        ("2026-11-21T00:59:00+08:00", true),
        ("2026-11-21T01:00:00+08:00", false),
        ("2026-11-21T22:30:00+08:00", false),
        // Sunday's has none, so Monday begins with nothing.
        ("2026-11-23T00:30:00+08:00", false),
    ] {
        assert_eq!(open(now), wanted, "{now}");
    }
    let next = first_due(&policy, &calendar, zone, at("2026-11-21T01:00:00+08:00"));
    assert_eq!(next, at("2026-11-23T22:00:00+08:00"));
}

#[test]
fn a_policy_written_before_there_were_days_of_the_week_is_read_as_it_was_meant() {
    let old = r#"{"spans": ["10:00-11:00"], "working_days_only": false, "outer": "08:00-21:00"}"#;
    let windows: records::Windows = serde_json::from_str(old).unwrap();
    assert_eq!(windows.spans, spans(&["10:00-11:00"]));
    assert_eq!(serde_json::to_string(&windows).unwrap(), old.replace(": ", ":").replace(", ", ","));
}

#[test]
fn windows_that_never_open_have_no_opening() {
    let mut policy = Policy::default();
    policy.windows.spans = spans(&["22:00-23:00"]);
    let calendar = Calendar::official();
    let now = at("2026-11-20T05:00:00+08:00");
    assert_eq!(next_opening(&policy.windows, &calendar, Tz::Asia__Shanghai, now), None);
    assert_eq!(first_due(&policy, &calendar, Tz::Asia__Shanghai, now), now + Duration::days(1));
}

/// A window on the hour that the clock skips or repeats.
fn by_night(span: &str) -> Policy {
    let mut policy = Policy::default();
    policy.windows.spans = spans(&[span]);
    policy.windows.outer = HourSpan::WHOLE_DAY;
    policy.windows.working_days_only = false;
    policy
}

#[test]
fn a_window_whose_start_the_clock_skips_opens_right_after() {
    let (policy, calendar) = (by_night("02:30-04:00"), Calendar::official());
    let zone = Tz::America__New_York;
    // 2026-03-08: 02:00 becomes 03:00.
    let due = first_due(&policy, &calendar, zone, at("2026-03-08T00:30:00-05:00"));
    assert_eq!(due, at("2026-03-08T03:00:00-04:00"));
}

#[test]
fn a_window_the_clock_skips_whole_opens_the_next_day() {
    let (policy, calendar) = (by_night("02:00-03:00"), Calendar::official());
    let zone = Tz::America__New_York;
    let due = first_due(&policy, &calendar, zone, at("2026-03-08T00:30:00-05:00"));
    assert_eq!(due, at("2026-03-09T02:00:00-04:00"));
}

#[test]
fn a_window_the_clock_repeats_opens_twice() {
    let (policy, calendar) = (by_night("01:00-01:30"), Calendar::official());
    let zone = Tz::America__New_York;
    // 2026-11-01: 02:00 becomes 01:00.
    let first = first_due(&policy, &calendar, zone, at("2026-11-01T00:30:00-04:00"));
    assert_eq!(first, at("2026-11-01T01:00:00-04:00"));
    let second = first_due(&policy, &calendar, zone, at("2026-11-01T01:40:00-04:00"));
    assert_eq!(second, at("2026-11-01T01:00:00-05:00"));
}

#[test]
fn a_day_whose_midnight_does_not_exist_opens_at_its_first_moment() {
    let (policy, calendar) = (by_night("00:00-02:00"), Calendar::official());
    let zone = Tz::America__Santiago;
    // 2026-09-06: 00:00 becomes 01:00.
    let due = first_due(&policy, &calendar, zone, at("2026-09-05T12:00:00-04:00"));
    assert_eq!(due, at("2026-09-06T01:00:00-03:00"));
}
