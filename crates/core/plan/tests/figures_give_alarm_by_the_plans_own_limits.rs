//! The figures of a plan against its limits: coverage, overdue tasks, the share of visits and letters.

use chrono::{DateTime, Utc};
use plan::{PlanFigures, check};
use records::{AccountId, Audience, NewPlan, Plan, PlanId, PlanState, Policy, Schedule, WatchPolicy};
use uuid::Uuid;

fn plan_in(state: PlanState) -> Plan {
    Plan {
        id: PlanId(Uuid::from_u128(1)),
        content: NewPlan {
            name: "年度回访".to_owned(),
            questionnaire: "q".to_owned(),
            questionnaire_version: String::new(),
            audience: Audience::Everyone,
            policy: Policy::default(),
            priority: 0,
            schedule: Schedule::default(),
        },
        state,
        created_by: AccountId(Uuid::from_u128(2)),
        created_at: DateTime::UNIX_EPOCH,
        approved_by: None,
        own_approval: false,
        first_started_at: None,
        started_at: None,
        stopped_at: None,
    }
}

fn figures(change: impl FnOnce(&mut PlanFigures), watch: &WatchPolicy, state: PlanState) -> PlanFigures {
    let day = "2026-01-01".parse().unwrap();
    let mut figures = PlanFigures::empty(&plan_in(state), DateTime::<Utc>::UNIX_EPOCH, day, day);
    change(&mut figures);
    figures.reckoned(watch)
}

fn faults(change: impl FnOnce(&mut PlanFigures), watch: &WatchPolicy) -> Vec<String> {
    let found = figures(change, watch, PlanState::Running).faults;
    found.into_iter().map(|fault| fault.name).collect()
}

#[test]
fn visits_and_letters_are_warned_of_before_the_limit_and_told_above_it() {
    let usual = WatchPolicy::default();
    let share =
        |made, far| move |figures: &mut PlanFigures| (figures.made, figures.visits_and_letters) = (made, far);
    for (made, far, expected) in [
        (1000, 0, vec![]),
        (1000, 79, vec![]),
        (1000, 80, vec!["share_near"]),
        (1000, 100, vec!["share_near"]),
        (1000, 101, vec!["share_above"]),
        (19, 19, vec![]), // too few to say
        (20, 3, vec!["share_above"]),
        (0, 0, vec![]),
    ] {
        assert_eq!(faults(share(made, far), &usual), expected, "{far} of {made}");
    }
    let lax = WatchPolicy { visits_and_letters: 0.5, ..usual };
    assert_eq!(faults(share(1000, 101), &lax), Vec::<String>::new());
}

#[test]
fn coverage_and_overdue_tasks_are_held_against_the_goal() {
    let usual = WatchPolicy::default();
    let past =
        |all, covered| move |figures: &mut PlanFigures| (figures.past, figures.past_covered) = (all, covered);
    assert_eq!(faults(past(100, 90), &usual), Vec::<String>::new());
    assert_eq!(faults(past(100, 89), &usual), ["coverage_behind"]);
    assert_eq!(faults(past(10, 0), &usual), Vec::<String>::new(), "too few to say");
    let strict = WatchPolicy { coverage_goal: 1.0, least: 1, ..usual.clone() };
    assert_eq!(faults(past(10, 9), &strict), ["coverage_behind"]);
    assert_eq!(faults(|figures| figures.overdue = 1, &usual), ["tasks_overdue"]);
    let patient = WatchPolicy { overdue: 5, ..usual.clone() };
    assert_eq!(faults(|figures| figures.overdue = 5, &patient), Vec::<String>::new());
    let paused = figures(|figures| figures.overdue = 9, &usual, PlanState::Paused);
    assert_eq!(paused.faults, [], "nobody is to call for a plan that pauses");
}

#[test]
fn figures_follow_from_the_counts() {
    let all = figures(
        |figures| {
            (figures.due, figures.done, figures.refused, figures.given_up) = (10, 5, 1, 1);
            (figures.by_visit, figures.by_letter, figures.by_message) = (1, 1, 1);
        },
        &WatchPolicy::default(),
        PlanState::Running,
    );
    assert_eq!((all.by_phone, all.open, all.coverage), (2, 3, Some(0.6)));
    assert_eq!(all.share_of_visits_and_letters, None);
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<PlanFigures>(&text).unwrap(), all);
}

#[test]
fn a_share_that_is_none_is_refused() {
    let mut policy = Policy::default();
    assert!(check(&policy).is_ok());
    policy.watch.visits_and_letters = 10.0;
    let problems = check(&policy).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.key).collect::<Vec<_>>(), ["watch"]);
}
