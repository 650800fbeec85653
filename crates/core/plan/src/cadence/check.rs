//! Whether a schedule can be carried out, before a plan with it is written.

use records::{Firing, Offset, On, Schedule, Within};

/// Why a schedule is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("schedule.{key}: {problem}. {remedy}")]
pub struct ScheduleProblem {
    /// Such as `firings[0].every`.
    pub key: String,
    pub problem: String,
    pub remedy: &'static str,
}

/// Every problem of a schedule.
pub fn check_schedule(schedule: &Schedule) -> Vec<ScheduleProblem> {
    let mut problems: Vec<_> =
        schedule.firings.iter().enumerate().flat_map(|(at, one)| firing(at, one)).collect();
    if schedule.roles.iter().any(|role| role.0.trim().is_empty()) {
        problems.push(ScheduleProblem {
            key: "roles".to_owned(),
            problem: "a role without a name".to_owned(),
            remedy: "Name it as the customers' contacts do, such as customer or equipment_manager",
        });
    }
    for (at, later) in schedule.firings.iter().enumerate() {
        if let Some(first) = schedule.firings[..at].iter().position(|earlier| same_names(earlier, later)) {
            problems.push(ScheduleProblem {
                key: format!("firings[{at}].name"),
                problem: format!("its occasions have the names of those of firings[{first}], which go first"),
                remedy: "Give one of the two a name, such as visit",
            });
        }
    }
    problems
}

fn firing(at: usize, firing: &Firing) -> Vec<ScheduleProblem> {
    let problem = |key: &str, problem: String, remedy| ScheduleProblem {
        key: format!("firings[{at}].{key}"),
        problem,
        remedy,
    };
    let mut problems = Vec::new();
    let event = matches!(firing.on, On::Event(_));
    if let On::Event(name) = &firing.on
        && !is_word(name)
    {
        let text = format!("\"{name}\" is no event");
        problems.push(problem("on", text, "Write the event as in the customers' dates, such as signed"));
    }
    if firing.name.as_deref().is_some_and(|name| !is_word(name)) {
        let text = "a name is letters, digits and underscores".to_owned();
        problems.push(problem("name", text, "Write it such as visit"));
    }
    if firing.rule.trim().is_empty() {
        problems.push(problem(
            "rule",
            "no rule is named".to_owned(),
            "Name the rule it carries out, such as W7.1",
        ));
    }
    if !event && (firing.every.is_some() || firing.offsets.len() > 1 || firing.recurs) {
        let text = "a period of the calendar comes again by itself".to_owned();
        problems.push(problem("on", text, "Leave out every and recurs, and give one offset at most"));
    }
    if let Some(every) = firing.every {
        let last = firing.offsets.last().copied().unwrap_or(Offset::NONE);
        if !every.is_forward() {
            let text = format!("{every} does not go forward");
            problems.push(problem("every", text, "Give a length such as 6m"));
        } else if last.plus(every, 1).is_none() {
            let text = format!("{every} cannot be counted on from the last offset {last}");
            problems.push(problem("every", text, "Give both in the same unit"));
        }
        if firing.offsets.windows(2).any(|pair| !grows(pair[0], pair[1])) {
            let text = "the offsets before a repetition do not grow in one unit".to_owned();
            problems.push(problem(
                "offsets",
                text,
                "Give them in order and in one unit, such as 1m, 6m, 12m",
            ));
        }
    }
    for (key, limits) in [("aim", &firing.aim), ("within", &firing.within)] {
        for limit in limits {
            let wrong = match limit {
                Within::Of(offset) => {
                    (!offset.is_none() && !offset.is_forward()).then_some("a limit before the day itself")
                }
                Within::Hesitation | Within::Event => {
                    (!event).then_some("a period has no event to count from")
                }
                Within::Period => event.then_some("an event is no calendar period"),
            };
            if let Some(wrong) = wrong {
                let remedy =
                    "Give a length such as 1m, period for a period, event or hesitation for an event";
                problems.push(problem(key, wrong.to_owned(), remedy));
            }
        }
    }
    problems
}

fn grows(a: Offset, b: Offset) -> bool {
    match (a, b) {
        (Offset::Days(a), Offset::Days(b))
        | (Offset::WorkingDays(a), Offset::WorkingDays(b))
        | (Offset::Months(a), Offset::Months(b)) => a < b,
        _ => a.is_none() && b.is_forward(),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether two firings give the same customer occasions of the same name.
fn same_names(a: &Firing, b: &Firing) -> bool {
    let apart = |from: Option<u64>, below: Option<u64>| matches!((from, below), (Some(from), Some(below)) if below <= from);
    let other_customers = !(a.classes.is_empty()
        || b.classes.is_empty()
        || a.classes.iter().any(|class| b.classes.contains(class)))
        || apart(a.contract_from, b.contract_below)
        || apart(b.contract_from, a.contract_below);
    let of = |firing: &Firing| {
        let given = if firing.offsets.is_empty() { vec![Offset::NONE] } else { firing.offsets.clone() };
        let last = given.last().copied().unwrap_or(Offset::NONE);
        let again =
            firing.every.into_iter().flat_map(move |every| (1..=120).map_while(move |n| last.plus(every, n)));
        let limit = firing.until.after;
        let within = move |offset: &Offset| limit.is_none_or(|limit| !grows(limit, *offset));
        given.into_iter().chain(again).filter(within).collect::<Vec<_>>()
    };
    let offsets = of(b);
    !other_customers
        && a.on == b.on
        && a.name == b.name
        && of(a).iter().any(|offset| offsets.contains(offset))
}
