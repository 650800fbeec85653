//! A year of five plans in virtual time, small: no rule is broken, every task ends, and the same seed is the same year.

use bench::simulate::{Figures, Options, leave, simulate};
use clap::Parser as _;

fn year(arguments: &[&str]) -> Figures {
    simulate(&options(arguments)).unwrap_or_else(|error| panic!("{error}"))
}

fn options(arguments: &[&str]) -> Options {
    Options::parse_from([&["simulate"], arguments].concat())
}

#[test]
fn three_hundred_customers_are_carried_by_five_plans_for_a_year() {
    let figures = year(&["--customers", "300"]);
    assert_eq!(figures.plans.len(), 5);
    for plan in &figures.plans {
        assert!(plan.due >= 290, "{} asks for everybody: {}", plan.plan, plan.due);
        assert_eq!(
            plan.due,
            plan.succeeded + plan.refused + plan.exhausted + plan.withdrawn,
            "{}",
            plan.plan
        );
        assert!(plan.coverage() > 80.0, "{}: {:.1} %", plan.plan, plan.coverage());
    }
    assert!(figures.counted > 280, "{} customers were counted", figures.counted);
    assert!(figures.rang_back > 0 && figures.steps > 0 && figures.items_by_people > 0);
    // Windows open from 9:00 to 11:00 and from 14:00 to 16:00, where the customers are.
    let hours: Vec<usize> = (0..24).filter(|hour| figures.by_hour[*hour].placed > 0).collect();
    assert_eq!(hours, [9, 10, 14, 15]);
    let life = figures.plans.iter().find(|plan| plan.plan == "l-delivered").unwrap();
    assert!(life.messages > 0 && life.visits > 0, "its ladder is the whole one: {life:?}");
}

#[test]
fn a_scarcity_of_lines_and_people_breaks_no_rule() {
    let figures = year(&["--customers", "120", "--lines", "1", "--agents", "1"]);
    assert_eq!(figures.most_lines_up, 1);
}

#[test]
fn other_presets_keep_the_rules_as_well() {
    let plans = "g-quarterly,e-power-on,b-classes,c-complaint,l-delivered";
    let figures = year(&["--customers", "100", "--plans", plans]);
    let quarterly = figures.plans.iter().find(|plan| plan.plan == "g-quarterly").unwrap();
    assert_eq!(quarterly.due, 400);
}

#[test]
fn the_same_seed_is_the_same_year() {
    let told = |seed: &str| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let options = options(&["--customers", "40", "--seed", seed, "--out", out]);
        let figures = simulate(&options).unwrap();
        let text = leave(&options, &figures).unwrap();
        let picture = std::fs::read_to_string(folder.path().join("simulate.svg")).unwrap();
        assert!(folder.path().join("simulate.json").exists());
        // The last line tells how long it took.
        (text[..text.rfind("\n\n").unwrap()].to_owned(), picture)
    };
    assert_eq!(told("7"), told("7"));
    assert_ne!(told("7").0, told("8").0);
}
