//! Every row of the domain's table of triggers, on the official calendar.

use chrono::NaiveDate;
use chrono_tz::Tz;
use plan::{Calendar, Horizon, Occasion, Preset, Subject, occasions, presets};
use records::{Audience, Mode, Schedule, Segment};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn subject(dates: &[(&str, &str)]) -> Subject {
    Subject {
        external_id: "C1".to_owned(),
        class: None,
        branch: None,
        products: vec![],
        hesitation_days: None,
        contract_fen: None,
        zone: Tz::Asia__Shanghai,
        dates: dates.iter().map(|(event, date)| ((*event).to_owned(), day(date))).collect(),
    }
}

fn preset(id: &str) -> &'static Preset {
    presets().iter().find(|preset| preset.id == id).unwrap()
}

fn between(schedule: &Schedule, subject: &Subject, since: &str, until: &str) -> Vec<Occasion> {
    let horizon = Horizon { since: day(since), until: day(until) };
    occasions(schedule, &Audience::Everyone, subject, &Calendar::official(), horizon)
}

/// `name day mode deadline`, the deadline being the last day on which it may be done, and the aim before it.
fn told(found: &[Occasion]) -> Vec<String> {
    let mut found: Vec<&Occasion> = found.iter().collect();
    found.sort_by_key(|occasion| occasion.due_on);
    let last = |end: Option<chrono::DateTime<chrono::Utc>>| {
        end.map_or("-".to_owned(), |end| {
            let end = end.with_timezone(&Tz::Asia__Shanghai);
            assert_eq!(end.time(), chrono::NaiveTime::MIN, "a limit ends with its day");
            end.date_naive().pred_opt().unwrap().to_string()
        })
    };
    found
        .iter()
        .map(|o| {
            let (aim, due) = (last(o.aim_by), last(o.due_by));
            format!("{} {} {} {aim} {due}", o.key.0, o.due_on, o.mode.slug())
        })
        .collect()
}

/// A preset, a customer's dates, and what is told of the occasions.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn every_row_of_the_rules() {
    let rows: &[Row] = &[
        // W7.1, W8.1: within 5 working days, at the latest within one calendar month; over the National Day.
        ("w-signed", &[("signed", "2026-09-30")], &["signed 2026-09-30 phone 2026-10-13 2026-10-30"]),
        // A month after the 31st of January.
        ("w-signed", &[("signed", "2026-01-31")], &["signed 2026-01-31 phone 2026-02-06 2026-02-28"]),
        // The contract ended before anybody called.
        ("w-signed", &[("signed", "2026-09-30"), ("ended", "2026-09-30")], &[]),
        // W8.2: every client at least once a year.
        ("w-yearly", &[], &["2026 2026-01-01 phone - 2026-12-31", "2027 2027-01-01 phone - 2027-12-31"]),
        // W7.2.1, W7.2.2, W7.2.3.
        (
            "w-events",
            &[("complaint_closed", "2026-11-20"), ("changed", "2026-11-23"), ("ended", "2026-11-24")],
            &[
                "complaint_closed@2026-11-20 2026-11-20 phone 2026-11-27 2026-12-20",
                "changed@2026-11-23 2026-11-23 phone 2026-11-30 2026-12-23",
                "ended 2026-11-24 phone 2026-12-01 2026-12-24",
            ],
        ),
        // L7: inside the hesitation period as far as possible, ten days where the product has none on file.
        ("l-delivered", &[("delivered", "2026-03-02")], &["delivered 2026-03-02 phone 2026-03-12 -"]),
        // L3, L4: on the event.
        (
            "l-events",
            &[("agent_left", "2026-04-01"), ("self_insured", "2026-04-02"), ("claim_settled", "2026-04-03")],
            &[
                "agent_left@2026-04-01 2026-04-01 phone - -",
                "self_insured 2026-04-02 phone - -",
                "claim_settled@2026-04-03 2026-04-03 phone - -",
            ],
        ),
        ("l-events", &[("lapsed", "2026-04-01")], &["lapsed@2026-04-01 2026-04-01 phone - -"]),
        ("l-events", &[("suspended", "2026-04-01")], &["suspended@2026-04-01 2026-04-01 phone - -"]),
        ("l-events", &[("changed", "2026-04-01")], &["changed@2026-04-01 2026-04-01 phone - -"]),
        // H: repair done.
        ("h-repair", &[("repaired", "2026-05-06")], &["repaired@2026-05-06 2026-05-06 phone - -"]),
        // S4.3: one month later, then every six months; until the contract ends.
        (
            "s-installed",
            &[("installed", "2025-12-31"), ("ended", "2027-07-31")],
            &[
                "installed+1m 2026-01-31 phone - 2026-02-28",
                "installed+7m 2026-07-31 phone - 2026-08-31",
                "installed+13m 2027-01-31 phone - 2027-02-28",
            ],
        ),
        // E6.1: before it (visit), +1, +6, +12 months, then yearly to month 36; no more than a month late.
        (
            "e-power-on",
            &[("powered_on", "2026-02-28")],
            &[
                "powered_on-1m 2026-01-28 visit - 2026-02-27",
                "powered_on+1m 2026-03-28 phone - 2026-04-28",
                "powered_on+6m 2026-08-28 phone - 2026-09-28",
                "powered_on+12m 2027-02-28 phone - 2027-03-28",
            ],
        ),
        // E6.2.5, C17: verify the remedy.
        (
            "e-complaint",
            &[("complaint_closed", "2026-05-06")],
            &["complaint_closed@2026-05-06 2026-05-06 phone - -"],
        ),
        (
            "c-complaint",
            &[("complaint_closed", "2026-05-06")],
            &["complaint_closed@2026-05-06 2026-05-06 phone 2026-05-12 -"],
        ),
        // No date, no occasion.
        ("h-repair", &[("signed", "2026-05-06")], &[]),
    ];
    for (id, dates, wanted) in rows {
        let found = between(&preset(id).schedule, &subject(dates), "2026-01-01", "2027-12-31");
        assert_eq!(told(&found), *wanted, "{id} {dates:?}");
        assert!(found.iter().all(|o| o.why.contains('(')), "each names its rule");
    }
}

#[test]
fn a_satisfaction_survey_comes_every_quarter() {
    let found = between(&preset("g-quarterly").schedule, &subject(&[]), "2026-11-22", "2027-04-30");
    assert_eq!(
        told(&found),
        [
            // It had begun when the plan started.
            "2026-Q4 2026-11-22 phone - 2026-12-31",
            "2027-Q1 2027-01-01 phone - 2027-03-31",
            "2027-Q2 2027-04-01 phone - 2027-06-30",
        ]
    );
}

#[test]
fn power_on_goes_on_yearly_to_month_36_and_no_further() {
    let found = between(
        &preset("e-power-on").schedule,
        &subject(&[("powered_on", "2026-02-28")]),
        "2026-01-01",
        "2036-01-01",
    );
    let names: Vec<_> = told(&found).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        [
            "powered_on-1m",
            "powered_on+1m",
            "powered_on+6m",
            "powered_on+12m",
            "powered_on+24m",
            "powered_on+36m"
        ]
    );
}

#[test]
fn a_contract_from_three_million_is_visited_and_key_accounts_as_well() {
    let rich = Subject { contract_fen: Some(300_000_000), ..subject(&[("powered_on", "2026-02-28")]) };
    let found = between(&preset("e-power-on").schedule, &rich, "2026-01-01", "2027-12-31");
    assert!(found.len() == 4 && found.iter().all(|o| o.mode == Mode::Visit), "{found:?}");

    let visits = |class: &str| {
        let one = Subject { class: Some(class.to_owned()), ..subject(&[("installed", "2026-01-01")]) };
        let found = between(&preset("s-installed").schedule, &one, "2026-01-01", "2027-12-31");
        let visits: Vec<_> = found.into_iter().filter(|o| o.mode == Mode::Visit).collect();
        told(&visits)
    };
    assert_eq!(visits("key"), ["visit:installed+12m 2027-01-01 visit - 2027-02-01"]);
    assert_eq!(
        visits("largest"),
        [
            "visit:installed+6m 2026-07-01 visit - 2026-08-01",
            "visit:installed+12m 2027-01-01 visit - 2027-02-01",
            "visit:installed+18m 2027-07-01 visit - 2027-08-01",
        ]
    );
    assert_eq!(visits("ordinary"), Vec::<String>::new());
}

#[test]
fn the_hesitation_period_is_the_products() {
    let insured = Subject { hesitation_days: Some(15), ..subject(&[("delivered", "2026-03-02")]) };
    let found = between(&preset("l-delivered").schedule, &insured, "2026-01-01", "2026-12-31");
    assert_eq!(told(&found), ["delivered 2026-03-02 phone 2026-03-17 -"]);
    assert_eq!(found[0].role.0, "policy_holder");
}

#[test]
fn classes_are_called_as_often_as_they_matter() {
    let count = |class: &str| {
        let one = Subject { class: Some(class.to_owned()), ..subject(&[]) };
        between(&preset("b-classes").schedule, &one, "2026-01-01", "2026-12-31").len()
    };
    assert_eq!((count("A"), count("B"), count("C"), count("D")), (12, 4, 2, 0));
}

#[test]
fn what_was_over_before_the_plan_began_is_left_alone_and_what_was_not_is_kept() {
    let schedule = &preset("w-signed").schedule;
    let signed =
        |on: &str| told(&between(schedule, &subject(&[("signed", on)]), "2026-11-01", "2026-12-31")).len();
    // The deadline of the first was the 31st of October, of the second the 1st of November.
    assert_eq!((signed("2026-09-30"), signed("2026-10-01"), signed("2027-01-01")), (0, 1, 0));
}

#[test]
fn an_audience_leaves_others_out() {
    let schedule = &preset("g-quarterly").schedule;
    let one = Subject {
        class: Some("vip".to_owned()),
        branch: Some("SH".to_owned()),
        products: vec!["A".to_owned(), "B".to_owned()],
        ..subject(&[])
    };
    let horizon = Horizon { since: day("2026-11-01"), until: day("2026-11-30") };
    let named =
        |audience: &Audience| !occasions(schedule, audience, &one, &Calendar::official(), horizon).is_empty();
    let segment = |classes: &[&str], branches: &[&str], products: &[&str]| {
        let texts = |from: &[&str]| from.iter().map(|text| (*text).to_owned()).collect();
        Audience::Segment(Segment {
            classes: texts(classes),
            branches: texts(branches),
            products: texts(products),
        })
    };
    for (audience, wanted) in [
        (Audience::Everyone, true),
        (Audience::Class("vip".to_owned()), true),
        (Audience::Class("other".to_owned()), false),
        (Audience::ExternalIds(vec!["C1".to_owned()]), true),
        (Audience::ExternalIds(vec!["C2".to_owned()]), false),
        (segment(&[], &[], &[]), true),
        (segment(&["vip"], &["SH", "BJ"], &["B"]), true),
        (segment(&["vip"], &["BJ"], &[]), false),
        (segment(&[], &[], &["C"]), false),
    ] {
        assert_eq!(named(&audience), wanted, "{audience:?}");
    }
}

#[test]
fn each_role_has_its_own_occasion_and_a_list_has_none() {
    let roles = ["administrator", "user"].map(|role| records::ContactRole(role.to_owned())).to_vec();
    let schedule = Schedule { roles, ..preset("s-installed").schedule.clone() };
    let found = between(&schedule, &subject(&[("installed", "2026-01-01")]), "2026-01-01", "2026-03-01");
    let names: Vec<_> = found.iter().map(|o| (o.key.0.as_str(), o.role.0.as_str())).collect();
    assert_eq!(names, [("installed+1m", "administrator"), ("installed+1m", "user")]);
    assert_eq!(between(&Schedule::default(), &subject(&[]), "2026-01-01", "2026-12-31"), []);
}

#[test]
fn days_begin_where_the_customer_is() {
    let away = Subject { zone: Tz::America__New_York, ..subject(&[("signed", "2026-11-23")]) };
    let found = between(&preset("w-signed").schedule, &away, "2026-11-01", "2026-12-31");
    assert_eq!(found[0].not_before, "2026-11-23T05:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert_eq!(found[0].due_by, Some("2026-12-24T05:00:00Z".parse().unwrap()));
}
