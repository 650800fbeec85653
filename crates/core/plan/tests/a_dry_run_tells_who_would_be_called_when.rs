//! The dry run: by the dates on file, the windows, the holidays and the lines.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use plan::{Calendar, DryRun, DryRunTerms, Exemption, dry_run, presets};
use records::{
    Audience, Channel, Customer, CustomerId, CustomerRow, Mode, NewPlan, Number, OptOut, Policy, Schedule,
};

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn customer(n: u32, class: &str, event: &str, on: &str) -> Customer {
    let number = Number::parse(&format!("138001{n:05}")).unwrap();
    Customer {
        id: CustomerId(uuid::Uuid::from_u128(u128::from(n))),
        row: CustomerRow {
            external_id: format!("C{n:04}"),
            name: format!("客户{n}"),
            numbers: vec![number],
            class: Some(class.to_owned()),
            dates: [(event.to_owned(), day(on))].into(),
            ..CustomerRow::default()
        },
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        opt_out: None,
    }
}

fn plan(schedule: Schedule) -> NewPlan {
    NewPlan {
        name: "dry".to_owned(),
        questionnaire: "satisfaction".to_owned(),
        questionnaire_version: String::new(),
        audience: Audience::Everyone,
        policy: Policy::default(),
        priority: 0,
        schedule,
    }
}

fn run(plan: &NewPlan, now: &str, per_hour: Option<u32>, customers: Vec<Customer>) -> DryRun {
    run_with(plan, now, per_hour, customers.into_iter().map(|customer| (customer, Vec::new())))
}

fn run_with(
    plan: &NewPlan,
    now: &str,
    per_hour: Option<u32>,
    customers: impl Iterator<Item = (Customer, Vec<Exemption>)>,
) -> DryRun {
    let calendar = Calendar::official();
    let (now, zone) = (at(now), Tz::Asia__Shanghai);
    let terms = DryRunTerms { plan, calendar: &calendar, now, days: 30, per_hour, zone, rows: 500 };
    dry_run(terms, customers)
}

/// The calls of each day that has some, by hour.
fn told(run: &DryRun) -> Vec<String> {
    let hours = |by_hour: &[u32; 24]| {
        let busy = by_hour.iter().enumerate().filter(|(_, calls)| **calls > 0);
        busy.map(|(hour, calls)| format!("{hour}h:{calls}")).collect::<Vec<_>>().join(" ")
    };
    let busy = run.days.iter().filter(|(_, load)| load.calls > 0);
    busy.map(|(date, load)| format!("{date} {}", hours(&load.by_hour))).collect()
}

#[test]
fn a_list_is_called_as_fast_as_the_lines_allow_within_its_windows() {
    let list = plan(Schedule::default());
    let customers = |count: u32| (0..count).map(|n| customer(n, "a", "signed", "2026-01-01")).collect();
    // A Friday afternoon: 10 an hour, five windows' hours from then on, and the weekend between.
    let dry = run(&list, "2026-11-20T15:20:00+08:00", Some(10), customers(35));
    assert_eq!(told(&dry), ["2026-11-20 15h:10", "2026-11-23 10h:10 14h:10 15h:5"]);
    assert_eq!((dry.calls, dry.beyond, dry.customers, dry.days.len()), (35, 0, 35, 30));
    assert_eq!(dry.rows[0].at, at("2026-11-20T15:20:00+08:00"));
    let unlimited = run(&list, "2026-11-20T16:20:00+08:00", None, customers(35));
    assert_eq!(told(&unlimited), ["2026-11-23 10h:35"]);
}

#[test]
fn a_schedule_is_called_when_its_occasions_fall() {
    let schedule = plan(presets().iter().find(|preset| preset.id == "e-power-on").unwrap().schedule.clone());
    let customers = vec![
        // One month after: Saturday the 28th, so it is called on Monday.
        customer(1, "a", "powered_on", "2026-10-28"),
        // Visited before it, by people, on the day itself.
        customer(2, "a", "powered_on", "2026-12-24"),
        // Out of the 30 days.
        customer(3, "a", "powered_on", "2027-01-31"),
    ];
    let dry = run(&schedule, "2026-11-20T12:00:00+08:00", None, customers);
    assert_eq!(told(&dry), ["2026-11-30 10h:1"]);
    let rows: Vec<_> = dry
        .rows
        .iter()
        .map(|row| (row.external_id.as_str(), row.occasion.0.as_str(), row.by_people))
        .collect();
    assert_eq!(rows, [("C0002", "powered_on-1m", true), ("C0001", "powered_on+1m", false)]);
    assert_eq!((dry.by_people, dry.days[&day("2026-11-24")].by_people), (1, 1));
    assert!(!dry.days[&day("2026-11-28")].working_day && dry.days[&day("2026-11-30")].working_day);
}

#[test]
fn the_higher_class_goes_first_and_who_opted_out_is_left_out() {
    let priority_by_class = [("vip".to_owned(), 30)].into();
    let list = plan(Schedule { priority_by_class, ..Schedule::default() });
    let mut gone = customer(9, "a", "signed", "2026-01-01");
    let number = gone.row.numbers[0].clone();
    gone.opt_out = Some(OptOut { number, at: DateTime::UNIX_EPOCH, source: "key".to_owned() });
    let customers =
        vec![customer(1, "a", "signed", "2026-01-01"), customer(2, "vip", "signed", "2026-01-01"), gone];
    let dry = run(&list, "2026-11-20T10:00:00+08:00", Some(1), customers);
    let rows: Vec<_> = dry.rows.iter().map(|row| row.external_id.as_str()).collect();
    assert_eq!((rows, dry.opted_out), (vec!["C0002", "C0001"], 1));
}

#[test]
fn who_signed_a_waiver_is_left_out_of_what_it_covers_and_counted() {
    let since = at("2026-11-01T09:00:00+08:00");
    let in_force = vec![Exemption { since, until: None }];
    let taken_back = |text| vec![Exemption { since, until: Some(at(text)) }];
    let now = "2026-11-20T10:00:00+08:00";
    let told = |run: &DryRun| {
        let ids: Vec<String> = run.rows.iter().map(|row| row.external_id.clone()).collect();
        (ids.join(" "), run.waived, run.calls + run.beyond)
    };

    let mut gone = customer(4, "a", "signed", "2026-01-01");
    gone.opt_out = Some(OptOut {
        number: gone.row.numbers[0].clone(),
        at: DateTime::UNIX_EPOCH,
        source: "key".to_owned(),
    });
    let list = plan(Schedule::default());
    let listed = [
        (customer(1, "a", "signed", "2026-01-01"), in_force.clone()),
        (customer(2, "a", "signed", "2026-01-01"), taken_back("2026-11-19T09:00:00+08:00")),
        (customer(3, "a", "signed", "2026-01-01"), Vec::new()),
        (gone, in_force.clone()),
    ];
    let dry = run_with(&list, now, None, listed.clone().into_iter());
    assert_eq!(told(&dry), ("C0002 C0003".to_owned(), 1, 2));
    assert_eq!((dry.customers, dry.opted_out), (4, 1), "who opted out is counted as that");
    let others = NewPlan { audience: Audience::Class("vip".to_owned()), ..list };
    assert_eq!(run_with(&others, now, None, listed.into_iter()).waived, 0, "nobody of them is on the list");

    let power_on = plan(presets().iter().find(|preset| preset.id == "e-power-on").unwrap().schedule.clone());
    let fired = [
        (customer(1, "a", "powered_on", "2026-10-28"), in_force),
        // Taken back on the 24th, four days before its month is over.
        (customer(2, "a", "powered_on", "2026-10-28"), taken_back("2026-11-24T09:00:00+08:00")),
        // Its month was over while the waiver held.
        (customer(3, "a", "powered_on", "2026-10-22"), taken_back("2026-11-24T09:00:00+08:00")),
        (customer(4, "a", "powered_on", "2026-10-22"), Vec::new()),
    ];
    let dry = run_with(&power_on, now, None, fired.into_iter());
    assert_eq!(told(&dry), ("C0004 C0002".to_owned(), 2, 2));
}

#[test]
fn who_asked_for_another_channel_is_not_among_the_calls() {
    let list = plan(Schedule::default());
    let [mut letter, mut sms, called] = [1, 2, 3].map(|n| customer(n, "a", "signed", "2026-01-01"));
    (letter.row.channel, sms.row.channel) = (Channel::Letter, Channel::Sms);
    let dry = run(&list, "2026-11-20T10:00:00+08:00", None, vec![letter.clone(), sms, called]);
    assert_eq!((dry.calls, dry.by_people, dry.by_channel), (1, 2, 2));
    let rows: Vec<_> =
        dry.rows.iter().map(|row| (row.external_id.as_str(), row.mode, row.by_channel)).collect();
    let told = [("C0001", Mode::Letter, true), ("C0002", Mode::Message, true), ("C0003", Mode::Phone, false)];
    assert_eq!(rows, told);
    // What is a visit by the plan stays one.
    let visits = plan(Schedule { mode: Mode::Visit, ..Schedule::default() });
    let dry = run(&visits, "2026-11-20T10:00:00+08:00", None, vec![letter]);
    assert_eq!((dry.rows[0].mode, dry.rows[0].by_channel), (Mode::Visit, false));
}

#[test]
fn what_is_past_its_deadline_by_then_is_told_and_what_finds_no_room_is_counted() {
    let mut late = plan(presets().iter().find(|preset| preset.id == "w-signed").unwrap().schedule.clone());
    late.schedule.since = Some(day("2026-01-01"));
    let dry = run(&late, "2026-11-20T12:00:00+08:00", None, vec![customer(1, "a", "signed", "2026-10-16")]);
    assert_eq!((dry.late, dry.rows[0].late), (1, true));

    let list = plan(Schedule::default());
    // 22 working days of 3 hours at one call an hour, the first cut to its afternoon.
    let customers = (0..100).map(|n| customer(n, "a", "signed", "2026-01-01")).collect();
    let dry = run(&list, "2026-11-20T12:00:00+08:00", Some(1), customers);
    assert_eq!(dry.calls + dry.beyond, 100);
    assert_eq!(dry.calls, 2 + 20 * 3);
}
