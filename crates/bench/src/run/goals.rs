//! The goals, and whether the figures meet them.

use std::fmt;

use super::row::Row;
use super::setup::Setup;

/// The level that the comparison with the bare program is made at, and the one that must be carried.
const COMPARED: usize = 400;
const MOST: usize = 2000;
/// From here on the cost of a call must be flat.
const FLAT_FROM: usize = 100;
const RATIO: f64 = 1.5;
const KIB: f64 = 64.0;
/// Percent of all packets.
const MORE_LATE: f64 = 0.01;
const FLAT: f64 = 0.2;
const SETUP_MS: f64 = 0.5;

/// One goal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Goal {
    pub(super) what: String,
    /// What was measured; nothing where that level was not.
    pub(super) figure: Option<String>,
    pub(super) met: bool,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.figure {
            Some(figure) => {
                write!(f, "| {} | {figure} | {} |", self.what, if self.met { "met" } else { "**not met**" })
            }
            None => write!(f, "| {} | | not measured |", self.what),
        }
    }
}

/// All of them.
pub(super) fn goals(rows: &[Row], setup: Option<&Setup>) -> Vec<Goal> {
    vec![
        ratio(rows),
        memory(rows),
        late(rows, 5, Row::late_5ms_percent),
        late(rows, 20, Row::late_20ms_percent),
        many(rows),
        flat(rows),
        keys(rows),
        recordings(rows),
        set_up(setup),
    ]
}

fn goal(what: String, measured: Option<(String, bool)>) -> Goal {
    let (figure, met) = measured.map_or((None, false), |(figure, met)| (Some(figure), met));
    Goal { what, figure, met }
}

/// The row with the greatest figure.
fn worst(rows: &[Row], figure: impl Fn(&Row) -> f64) -> Option<(&Row, f64)> {
    rows.iter().map(|row| (row, figure(row))).max_by(|a, b| a.1.total_cmp(&b.1))
}

fn ratio(rows: &[Row]) -> Goal {
    let row = rows.iter().find(|row| row.calls == COMPARED);
    goal(
        format!("CPU at {COMPARED} calls ≤ {RATIO} × the bare program"),
        row.map(|row| (format!("{:.2} ×", row.floor_ratio), row.floor_ratio <= RATIO)),
    )
}

fn memory(rows: &[Row]) -> Goal {
    let measured = worst(rows, |row| row.rss_kib_per_call)
        .map(|(row, kib)| (format!("{kib:.0} KiB at {} calls, the most", row.calls), kib <= KIB));
    goal(format!("memory ≤ {KIB} KiB a call"), measured)
}

/// `shares` are the late packets in percent of all, the service's and the bare program's.
fn late(rows: &[Row], milliseconds: u32, shares: fn(&Row) -> (f64, f64)) -> Goal {
    let more = |row: &Row| shares(row).0 - shares(row).1;
    let measured = worst(rows, more).map(|(row, more)| {
        let (ours, bare) = shares(row);
        let figure = format!("{ours:.4} % against {bare:.4} % at {} calls, the worst", row.calls);
        (figure, more <= MORE_LATE)
    });
    let what = format!("packets late by more than {milliseconds} ms ≤ the bare program's + {MORE_LATE} %");
    goal(what, measured)
}

fn many(rows: &[Row]) -> Goal {
    let row = rows.iter().find(|row| row.calls == MOST);
    let measured = row.map(|row| {
        let carried = row.reached && row.lost == 0 && row.recordings == row.calls_over;
        (
            format!(
                "{:.0} up, {} packets lost, {} of {} recorded",
                row.up, row.lost, row.recordings, row.calls_over
            ),
            carried,
        )
    });
    goal(format!("{MOST} recorded calls at once"), measured)
}

/// All costs within so much of the middle between the least and the greatest.
fn flat(rows: &[Row]) -> Goal {
    let costs: Vec<f64> =
        rows.iter().filter(|row| row.calls >= FLAT_FROM).map(|row| row.cpu_percent_per_call).collect();
    let (least, most) =
        costs.iter().fold((f64::MAX, 0.0_f64), |(least, most), cost| (least.min(*cost), most.max(*cost)));
    let measured = (costs.len() > 1).then(|| {
        let off = (most - least) / (most + least);
        (format!("{least:.4} to {most:.4} %: ± {:.0} %", off * 100.0), off <= FLAT)
    });
    goal(format!("cost of a call from {FLAT_FROM} to {MOST} flat within ± {:.0} %", FLAT * 100.0), measured)
}

fn keys(rows: &[Row]) -> Goal {
    let sum = |figure: fn(&Row) -> u64| rows.iter().map(figure).sum::<u64>();
    let (sent, captured, phantom) =
        (sum(|row| row.keys_sent), sum(|row| row.keys_captured), sum(|row| row.keys_phantom));
    let figure = format!("{captured} of {sent}, {phantom} that nobody pressed");
    goal(
        "every key pressed is in the books, and no other".to_owned(),
        (sent > 0).then_some((figure, captured == sent && phantom == 0)),
    )
}

fn recordings(rows: &[Row]) -> Goal {
    let sum = |figure: fn(&Row) -> u64| rows.iter().map(figure).sum::<u64>();
    let (calls, whole) = (sum(|row| row.calls_over), sum(|row| row.recordings_whole));
    let worst =
        worst(rows, |row| row.recording_worst_ms.abs()).map_or(0.0, |(row, _)| row.recording_worst_ms);
    let figure = format!("{whole} of {calls}, {worst:+.1} ms the worst");
    goal(
        "every recording whole and as long as its call within 20 ms".to_owned(),
        (calls > 0).then_some((figure, whole == calls)),
    )
}

fn set_up(setup: Option<&Setup>) -> Goal {
    let measured = setup.map(|setup| {
        let ms = setup.cpu_ms;
        let figure = format!(
            "{:.2} ms ({:.2} to {:.2}) at {:.0} calls a second",
            ms.median, ms.min, ms.max, setup.per_second
        );
        (figure, ms.median <= SETUP_MS)
    });
    goal(
        format!(
            "a call set up and torn down, commit and reason included, ≤ {SETUP_MS} ms CPU of the service"
        ),
        measured,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::window::Spread;

    /// A level that meets everything.
    fn good(calls: usize) -> Row {
        Row {
            calls,
            reached: true,
            cpu_percent_per_call: 0.03,
            floor_ratio: 1.2,
            rss_kib_per_call: 50.0,
            packets: 100_000,
            bare_packets: 100_000,
            keys_sent: 600,
            keys_captured: 600,
            calls_over: 100,
            recordings: 100,
            recordings_whole: 100,
            ..Row::default()
        }
    }

    fn setup(ms: f64) -> Setup {
        let cpu_ms = Spread { min: ms, median: ms, max: ms };
        Setup {
            asked_per_second: 50,
            per_second: 50.0,
            cpu_ms,
            threads: Vec::new(),
            postgres_ms: cpu_ms,
            cpu_foreign: 0.0,
        }
    }

    /// Makes a level fall short.
    type Spoil = fn(&mut Row);

    /// Which goals, by their place, are not met.
    fn missed(rows: &[Row], setup: Option<&Setup>) -> Vec<usize> {
        let goals = goals(rows, setup);
        (0..goals.len()).filter(|n| !goals[*n].met).collect()
    }

    #[test]
    fn each_goal_turns_at_its_own_figure() {
        let rows = || vec![good(100), good(400), good(2000)];
        assert!(missed(&rows(), Some(&setup(0.5))).is_empty());
        let bad: [(usize, Spoil); 10] = [
            (0, |row| row.floor_ratio = 1.51),
            (1, |row| row.rss_kib_per_call = 64.1),
            (2, |row| row.late_5ms = 11),
            (3, |row| row.late_20ms = 11),
            (4, |row| row.reached = row.calls != 2000),
            (4, |row| row.recordings = 99),
            (5, |row| row.cpu_percent_per_call *= if row.calls == 2000 { 1.6 } else { 1.0 }),
            (6, |row| row.keys_captured = 599),
            (6, |row| row.keys_phantom = 1),
            (7, |row| row.recordings_whole = 99),
        ];
        for (goal, spoil) in bad {
            let mut rows = rows();
            rows.iter_mut().for_each(spoil);
            assert_eq!(missed(&rows, Some(&setup(0.1))), [goal]);
        }
        assert_eq!(missed(&rows(), Some(&setup(0.51))), [8]);
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let only = [good(50)];
        let unmeasured: Vec<bool> = goals(&only, None).iter().map(|goal| goal.figure.is_none()).collect();
        assert_eq!(unmeasured, [true, false, false, false, true, true, false, false, true]);
        assert_eq!(missed(&only, None), [0, 4, 5, 8]);
    }
}
