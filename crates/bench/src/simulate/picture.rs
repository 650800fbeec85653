//! Calls by hour and by day of the week, and what became of each plan's tasks, as SVG.

use std::fmt::Write as _;

use super::tally::{Calls, Figures, PlanFigures};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 600.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 60.0;
/// Of the upper pictures.
const TALL: f64 = 220.0;
const ANSWERED: &str = "#0b62a3";
const UNANSWERED: &str = "#c9d7e3";

/// Part of a plan's tasks, how it is called, its colour.
type Part = (&'static str, &'static str, fn(&PlanFigures) -> u64);

const PARTS: [Part; 4] = [
    ("succeeded", "#0b62a3", |plan| plan.succeeded),
    ("refused", "#e08e0b", |plan| plan.refused),
    ("exhausted", "#c0392b", |plan| plan.exhausted),
    ("withdrawn", "#999999", |plan| plan.withdrawn),
];

/// The picture. Writing to a String does not fail.
pub(super) fn picture(figures: &Figures) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    text(&mut svg, LEFT, 20.0, "start", "Calls by hour of the customer's day");
    text(&mut svg, 580.0, 20.0, "start", "by day of the week");
    legend(&mut svg, LEFT, 34.0, &[("answered", ANSWERED), ("not answered", UNANSWERED)]);
    let hours: Vec<(String, Calls)> =
        figures.by_hour.iter().enumerate().map(|(hour, calls)| (hour.to_string(), *calls)).collect();
    bars(&mut svg, LEFT, 470.0, &hours);
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let days: Vec<(String, Calls)> =
        days.iter().zip(&figures.by_weekday).map(|(day, calls)| ((*day).to_owned(), *calls)).collect();
    bars(&mut svg, 620.0, 220.0, &days);
    plans(&mut svg, &figures.plans);
    svg.push_str("</svg>\n");
    svg
}

/// Upright bars, the highest as tall as the picture.
fn bars(svg: &mut String, left: f64, width: f64, rows: &[(String, Calls)]) {
    let most = rows.iter().map(|(_, calls)| calls.placed).max().unwrap_or(1).max(1) as f64;
    let foot = TOP + TALL;
    for step in 0..=4 {
        let y = foot - TALL * f64::from(step) / 4.0;
        let _ = writeln!(
            svg,
            "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>",
            left + width
        );
        text(svg, left - 6.0, y + 4.0, "end", &format!("{:.0}", most * f64::from(step) / 4.0));
    }
    let room = width / rows.len().max(1) as f64;
    for (n, (name, calls)) in rows.iter().enumerate() {
        let x = left + room * n as f64;
        let tall = |calls: u64| calls as f64 / most * TALL;
        bar(svg, (x + room * 0.1, foot - tall(calls.placed)), (room * 0.8, tall(calls.placed)), UNANSWERED);
        bar(svg, (x + room * 0.1, foot - tall(calls.answered)), (room * 0.8, tall(calls.answered)), ANSWERED);
        text(svg, x + room / 2.0, foot + 16.0, "middle", name);
    }
}

/// One lying bar a plan: what became of all its tasks.
fn plans(svg: &mut String, plans: &[PlanFigures]) {
    let top = TOP + TALL + 60.0;
    let colours: Vec<(&str, &str)> = PARTS.iter().map(|(name, colour, _)| (*name, *colour)).collect();
    text(svg, LEFT, top, "start", "What became of the tasks");
    legend(svg, LEFT + 170.0, top - 4.0, &colours);
    let (left, width) = (LEFT + 60.0, WIDTH - LEFT - 320.0);
    for (n, plan) in plans.iter().enumerate() {
        let y = top + 16.0 + 34.0 * n as f64;
        text(svg, left - 8.0, y + 16.0, "end", &plan.plan);
        let mut x = left;
        for (_, colour, part) in PARTS {
            let long = width * part(plan) as f64 / plan.due.max(1) as f64;
            bar(svg, (x, y), (long, 22.0), colour);
            x += long;
        }
        let said = format!(
            "{} due, coverage {:.1} %, {:.2} calls per success",
            plan.due,
            plan.coverage(),
            plan.attempts_per_success()
        );
        text(svg, left + width + 8.0, y + 16.0, "start", &said);
    }
}

fn legend(svg: &mut String, left: f64, y: f64, entries: &[(&str, &str)]) {
    for (n, (name, colour)) in entries.iter().enumerate() {
        let x = left + 110.0 * n as f64;
        bar(svg, (x, y - 8.0), (12.0, 12.0), colour);
        text(svg, x + 18.0, y + 2.0, "start", name);
    }
}

fn bar(svg: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), colour: &str) {
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, what: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{what}</text>");
}
