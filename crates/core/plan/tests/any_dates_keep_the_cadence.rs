//! Random customers under every preset: the same dates give the same occasions, and tasks follow dates that change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use plan::{
    Calendar, Change, Horizon, Occasion, Present, Preset, Progress, Subject, Terms, occasions, presets,
    reconcile,
};
use proptest::prelude::*;
use proptest::sample::select;
use records::Audience;

const EVENTS: [&str; 10] = [
    "signed",
    "delivered",
    "installed",
    "powered_on",
    "repaired",
    "complaint_closed",
    "changed",
    "ended",
    "lapsed",
    "agent_left",
];

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn horizon(ahead: u64) -> Horizon {
    Horizon { since: first_day(), until: first_day() + Days::new(ahead) }
}

fn days() -> impl Strategy<Value = BTreeMap<String, NaiveDate>> {
    let day = (select(EVENTS.to_vec()), -800_i64..700);
    let dated = |(event, day): (&str, i64)| (event.to_owned(), first_day() + chrono::TimeDelta::days(day));
    prop::collection::vec(day.prop_map(dated), 0..6).prop_map(|dates| dates.into_iter().collect())
}

fn subjects() -> impl Strategy<Value = Subject> {
    let class = select(vec![None, Some("A"), Some("B"), Some("C"), Some("key"), Some("largest")]);
    let zone = select(vec![Tz::Asia__Shanghai, Tz::Europe__Berlin, Tz::America__New_York]);
    (days(), class, zone, prop::option::of(5_u32..30), 0_u64..600_000_000).prop_map(
        |(dates, class, zone, hesitation_days, fen)| Subject {
            external_id: "C1".to_owned(),
            class: class.map(str::to_owned),
            branch: None,
            products: vec![],
            hesitation_days,
            contract_fen: Some(fen),
            zone,
            dates,
        },
    )
}

fn asked(preset: &Preset, subject: &Subject, horizon: Horizon) -> Vec<Occasion> {
    occasions(&preset.schedule, &Audience::Everyone, subject, &Calendar::official(), horizon)
}

/// Tasks by the place at which they were made.
type Tasks = Vec<Present<usize>>;

/// Makes the tasks those that are wanted.
fn follow(tasks: &mut Tasks, wanted: &[Occasion]) {
    for change in reconcile(tasks, wanted) {
        match change {
            Change::Make(wanted) => {
                let id = tasks.len();
                let terms = Terms::from(&wanted);
                tasks.push(Present {
                    id,
                    key: wanted.key,
                    role: wanted.role,
                    progress: Progress::Untouched,
                    terms,
                });
            }
            Change::Move(id, wanted) => {
                tasks[id].terms = Terms::from(&wanted);
                tasks[id].progress = Progress::Untouched;
            }
            Change::Withdraw(id) => tasks[id].progress = Progress::Withdrawn,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_same_dates_give_the_same_occasions_by_names_that_stay(
        preset in select(presets().to_vec()),
        subject in subjects(),
        ahead in 0_u64..700,
        more in 0_u64..400,
    ) {
        let found = asked(&preset, &subject, horizon(ahead));
        prop_assert_eq!(&found, &asked(&preset, &subject, horizon(ahead)));
        let names: BTreeSet<_> = found.iter().map(|one| (one.key.clone(), one.role.0.clone())).collect();
        prop_assert_eq!(names.len(), found.len(), "a name comes twice: {:?}", found);
        for one in &found {
            prop_assert!(one.due_on <= horizon(ahead).until, "{:?}", one);
            prop_assert_eq!(one.not_before.with_timezone(&subject.zone).date_naive(), one.due_on);
            prop_assert!(!one.why.is_empty());
        }
        // Looking further ahead adds occasions and changes none.
        let further = asked(&preset, &subject, horizon(ahead + more));
        for one in &found {
            prop_assert!(further.contains(one), "{:?} is not among {:?}", one, further);
        }
    }

    #[test]
    fn tasks_follow_dates_that_change_and_what_was_begun_is_let_be(
        preset in select(presets().to_vec()),
        before in subjects(),
        after in days(),
        begun in prop::collection::vec(any::<bool>(), 60),
        ahead in 0_u64..500,
    ) {
        let mut tasks = Tasks::new();
        let first = asked(&preset, &before, horizon(ahead));
        follow(&mut tasks, &first);
        prop_assert_eq!(tasks.len(), first.len());
        prop_assert!(reconcile(&tasks, &first).is_empty(), "done twice");
        for (task, begun) in tasks.iter_mut().zip(&begun) {
            if *begun {
                task.progress = Progress::Begun;
            }
        }
        let kept: Tasks = tasks.iter().filter(|task| task.progress == Progress::Begun).cloned().collect();

        let changed = Subject { dates: after, ..before.clone() };
        let wanted = asked(&preset, &changed, horizon(ahead));
        follow(&mut tasks, &wanted);
        prop_assert!(reconcile(&tasks, &wanted).is_empty(), "done twice");
        for task in &kept {
            prop_assert_eq!(&tasks[task.id], task, "what was begun is seen through");
        }
        for one in &wanted {
            let task = tasks.iter().find(|task| task.key == one.key && task.role == one.role);
            let task = task.ok_or_else(|| TestCaseError::fail(format!("nothing was made for {one:?}")))?;
            prop_assert!(task.progress == Progress::Begun || task.terms == Terms::from(one));
            prop_assert!(task.progress != Progress::Withdrawn);
        }
        for task in tasks.iter().filter(|task| task.progress == Progress::Untouched) {
            let asks = wanted.iter().any(|one| one.key == task.key && one.role == task.role);
            prop_assert!(asks, "nothing asks for {:?}", task);
        }

        // The dates come back, and with them what was withdrawn.
        follow(&mut tasks, &first);
        prop_assert!(reconcile(&tasks, &first).is_empty());
        for one in &first {
            let task = tasks.iter().find(|task| task.key == one.key && task.role == one.role).unwrap();
            prop_assert!(task.progress == Progress::Begun || task.terms == Terms::from(one));
        }
    }
}
