//! CPU per call over the number of calls, as SVG: service, bare program and goal.

use std::fmt::Write as _;

use super::row::Row;
use super::window::Spread;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 50.0;
/// Lines across.
const STEPS: usize = 5;

/// What is drawn of a row.
type Figure = fn(&Row) -> Spread;

const SERVICE: (&str, &str, Figure) = ("huifang", "#0b62a3", |row| row.cpu_windows);
const BARE: (&str, &str, Figure) = ("bare program", "#777777", |row| row.bare_windows);
const GOAL: (&str, &str, Figure) = ("goal: 1.5 × bare", "#c0392b", |row| {
    let goal = row.bare_windows.median * 1.5;
    Spread { min: goal, median: goal, max: goal }
});

/// The picture.
pub(super) fn plot(rows: &[Row]) -> String {
    let scale = Scale::of(rows);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">CPU per concurrent call, % of one core (min, median, max of three windows)</text>\n"
    );
    axes(&mut svg, &scale, rows);
    for (n, line) in [SERVICE, BARE, GOAL].into_iter().enumerate() {
        curve(&mut svg, &scale, rows, line, n);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Calls by their logarithm, percent from 0 on.
struct Scale {
    first: f64,
    last: f64,
    top: f64,
}

impl Scale {
    fn of(rows: &[Row]) -> Self {
        let calls = || rows.iter().map(|row| (row.calls as f64).ln());
        let highest = rows
            .iter()
            .flat_map(|row| [row.cpu_windows.max, row.bare_windows.median * 1.5])
            .fold(0.0, f64::max);
        let (first, last) = (calls().fold(f64::MAX, f64::min), calls().fold(0.0, f64::max));
        Self { first, last, top: (highest * 1.15).max(1e-6) }
    }

    fn x(&self, calls: usize) -> f64 {
        let width = WIDTH - LEFT - RIGHT;
        let span = self.last - self.first;
        if span > 0.0 { LEFT + ((calls as f64).ln() - self.first) / span * width } else { LEFT + width / 2.0 }
    }

    fn y(&self, percent: f64) -> f64 {
        HEIGHT - BOTTOM - percent / self.top * (HEIGHT - TOP - BOTTOM)
    }
}

fn axes(svg: &mut String, scale: &Scale, rows: &[Row]) {
    for step in 0..=STEPS {
        let percent = scale.top * step as f64 / STEPS as f64;
        let y = scale.y(percent);
        // Writing to a String does not fail, here and below.
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{percent:.3}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0
        );
    }
    for row in rows {
        let (x, y) = (scale.x(row.calls), HEIGHT - BOTTOM + 18.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", row.calls);
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">concurrent calls</text>",
        LEFT.midpoint(WIDTH - RIGHT),
        HEIGHT - 10.0
    );
}

fn curve(
    svg: &mut String,
    scale: &Scale,
    rows: &[Row],
    (name, colour, figure): (&str, &str, Figure),
    n: usize,
) {
    let mut points = String::new();
    for row in rows {
        let (x, spread) = (scale.x(row.calls), figure(row));
        let (low, middle, high) = (scale.y(spread.min), scale.y(spread.median), scale.y(spread.max));
        let _ = write!(points, "{x:.1},{middle:.1} ");
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{low:.1}\" x2=\"{x:.1}\" y2=\"{high:.1}\" stroke=\"{colour}\"/>\
             <circle cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"3.5\" fill=\"{colour}\"/>"
        );
    }
    let x = LEFT + 170.0 * n as f64;
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
         <rect x=\"{x:.1}\" y=\"30\" width=\"14\" height=\"4\" fill=\"{colour}\"/>\
         <text x=\"{:.1}\" y=\"37\">{name}</text>",
        points.trim_end(),
        x + 20.0
    );
}
