//! The year in words and bars.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tally::{Calls, Figures, PlanFigures};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Characters of the longest bar.
const BAR: f64 = 50.0;

/// Everything as Markdown. Writing to a String does not fail.
pub(super) fn table(figures: &Figures) -> String {
    let mut out = String::new();
    let Figures { customers, from, to, lines, agents, tasks, calls, rang_back, .. } = figures;
    let _ = writeln!(
        out,
        "{customers} customers, {} plans, {from} to {to}; {lines} lines, {agents} people; {tasks} tasks, {calls} calls, \
         {rang_back} rang back\n",
        figures.plans.len()
    );
    plans(&mut out, &figures.plans);
    given_up(&mut out, &figures.plans);
    let hours = figures.by_hour.iter().enumerate().map(|(hour, calls)| (format!("{hour:02}:00"), *calls));
    bars(&mut out, "Calls by hour of the customer's day", hours.filter(|(_, calls)| calls.placed > 0));
    let days = WEEKDAYS.iter().zip(&figures.by_weekday).map(|(day, calls)| ((*day).to_owned(), *calls));
    bars(&mut out, "Calls by day of the week", days);
    rules(&mut out, figures);
    out
}

fn plans(out: &mut String, plans: &[PlanFigures]) {
    let _ = writeln!(
        out,
        "| plan | due | succeeded | refused | exhausted | withdrawn | coverage % | success % | calls | calls per success | \
         overdue | visits % | letters % | messages % |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for one in plans {
        let share = |part: u64| if one.made == 0 { 0.0 } else { 100.0 * part as f64 / one.made as f64 };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {:.1} | {:.1} | {} | {:.2} | {} | {:.1} | {:.1} | {:.1} |",
            one.plan,
            one.due,
            one.succeeded,
            one.refused,
            one.exhausted,
            one.withdrawn,
            one.coverage(),
            one.success(),
            one.attempts,
            one.attempts_per_success(),
            one.overdue,
            share(one.visits),
            share(one.letters),
            share(one.messages)
        );
    }
}

fn given_up(out: &mut String, plans: &[PlanFigures]) {
    let _ = writeln!(out, "\nRounds of calls that ended without the customer, by rule:");
    for one in plans {
        let _ = writeln!(out, "- {}: {}", one.plan, listed(&one.given_up));
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (reason, count) in plans.iter().flat_map(|one| &one.reasons) {
        *reasons.entry(reason).or_default() += count;
    }
    let _ = writeln!(out, "\nCalls by reason: {}", listed(&reasons));
}

fn listed(counts: &BTreeMap<&str, u64>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

fn bars(out: &mut String, title: &str, rows: impl Iterator<Item = (String, Calls)>) {
    let rows: Vec<(String, Calls)> = rows.collect();
    let most = rows.iter().map(|(_, calls)| calls.placed).max().unwrap_or(1).max(1) as f64;
    let _ = writeln!(out, "\n{title} (# answered, - not)\n```text");
    for (name, Calls { placed, answered }) in rows {
        let length = |calls: u64| (calls as f64 / most * BAR).round() as usize;
        let (all, heard) = (length(placed), length(answered));
        let part = if placed == 0 { 0.0 } else { 100.0 * answered as f64 / placed as f64 };
        let bar = format!("{}{}", "#".repeat(heard), "-".repeat(all.saturating_sub(heard)));
        let _ = writeln!(out, "{name:>5} {bar:<50} {placed:>8}  {part:>4.1} % answered");
    }
    let _ = writeln!(out, "```");
}

fn rules(out: &mut String, figures: &Figures) {
    let Figures {
        tasks, calls, counted, most_lines_up, lines, events, wall_seconds, prepared_seconds, ..
    } = figures;
    let _ = writeln!(
        out,
        "\nNo rule was broken: {calls} calls and {tasks} ends judged; the tasks of {counted} customers are those that their \
         cadences ask for; at most {most_lines_up} of {lines} lines were up. {} dials were put off and {} refused at the \
         moment of dialling; people saw to {} items and {} steps.\n\n{wall_seconds:.1} s ({prepared_seconds:.1} s of them to \
         make the customers), {events} events, {:.0} events a second.",
        figures.put_off,
        figures.refused_to_open,
        figures.items_by_people,
        figures.steps,
        *events as f64 / (wall_seconds - prepared_seconds).max(0.001)
    );
}
