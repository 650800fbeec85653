//! The figures as Markdown, for the terminal and for `media.md`.

use std::fmt::Write as _;

use super::cpu::cores_and_load;
use super::goals::goals;
use super::row::{Row, percent};
use super::setup::Setup;

/// A thread that spends less is not listed.
const LEAST: f64 = 0.0005;
/// Foreign CPU above this, in percent of one core, makes a run a trial.
const QUIET: f64 = 10.0;

/// The machine as it was before anything was started.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) load: f64,
    pub(super) kernel: String,
}

impl Machine {
    pub(super) fn now() -> Self {
        let (cores, load) = cores_and_load();
        let kernel =
            std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
        Self { cores, load, kernel }
    }
}

/// Everything.
pub(super) fn table(machine: &Machine, rows: &[Row], setup: Option<&Setup>, command: &str) -> String {
    let mut text = format!("# The media path\n\n`{command}`\n\n{}\n\n", sentence(machine, rows, setup));
    text.push_str(&figures(rows));
    text.push_str(&quality(rows));
    text.push_str(&threads(rows, setup));
    text.push_str("\n| goal | measured | |\n|---|---|---|\n");
    for goal in goals(rows, setup) {
        // Writing to a String does not fail, here and below.
        let _ = writeln!(text, "{goal}");
    }
    text
}

/// What the figures were taken on, and whether they are worth anything.
fn sentence(machine: &Machine, rows: &[Row], setup: Option<&Setup>) -> String {
    let of_rows = rows.iter().map(|row| row.foreign_percent.max(row.bare_foreign_percent));
    let foreign = of_rows.chain(setup.map(|setup| setup.cpu_foreign)).fold(0.0, f64::max);
    let stolen = rows.iter().map(|row| row.stolen_percent).fold(0.0, f64::max);
    let late = rows.iter().map(|row| row.called_late).sum::<u64>();
    let realtime = rows.iter().all(|row| row.realtime);
    let verdict =
        if foreign > QUIET { "**a trial: the machine was not quiet**" } else { "the machine was quiet" };
    let priority = if realtime {
        "with real-time priority"
    } else {
        "**without real-time priority, which chrt was not allowed**"
    };
    format!(
        "{} cores, Linux {}, load {:.2} before the run. Foreign CPU at most {foreign:.1} % of one core, stolen by the \
         host at most {stolen:.1} %: {verdict}. The called parties ran {priority} and sent {late} packets more than \
         5 ms late.",
        machine.cores, machine.kernel, machine.load
    )
}

fn figures(rows: &[Row]) -> String {
    let mut text = String::from(
        "CPU is in percent of one core for each call that was up, by the process's own clock (utime + stime), as \
         min / median / max of three windows; *bare* is the bare program beside it, under the same called \
         parties. What the other processes took beside the service is in percent of one core.\n\n\
         | calls | up | service | bare | ratio | KiB/call | service, all calls | Postgres | called parties | foreign | interrupts |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let (cpu, bare) = (row.cpu_windows, row.bare_windows);
        let up = if row.reached { format!("{:.0}", row.up) } else { format!("{:.0} (not reached)", row.up) };
        let _ = writeln!(
            text,
            "| {} | {up} | {:.4} / {:.4} / {:.4} | {:.4} / {:.4} / {:.4} | {:.2} | {:.0} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % |",
            row.calls,
            cpu.min,
            cpu.median,
            cpu.max,
            bare.min,
            bare.median,
            bare.max,
            row.floor_ratio,
            row.rss_kib_per_call,
            row.cpu_percent,
            row.postgres_percent,
            row.called_percent,
            row.foreign_percent,
            row.interrupts_percent,
        );
    }
    text
}

fn quality(rows: &[Row]) -> String {
    let mut text = String::from(
        "\nLate by the stream's own RTP clock and the kernel's time of arrival. *Placed*: of what the \
         customers said in the recordings heard through, what lies within 20 ms of its place, and the worst.\n\n\
         | calls | packets | late > 5 ms (bare) | late > 20 ms (bare) | lost (bare) | keys | prompts heard whole | recordings whole | worst | placed |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let ((late, bare_late), (very_late, bare_very_late)) =
            (row.late_5ms_percent(), row.late_20ms_percent());
        let _ = writeln!(
            text,
            "| {} | {} | {:.4} % ({:.4} %) | {:.4} % ({:.4} %) | {} ({}) | {}/{} | {}/{} | {}/{} | {:+.1} ms | {:.2} %, {:.1} ms |",
            row.calls,
            row.packets,
            late,
            bare_late,
            very_late,
            bare_very_late,
            row.lost,
            row.bare_lost,
            row.keys_captured,
            row.keys_sent,
            row.prompts_whole,
            row.calls_over,
            row.recordings_whole,
            row.calls_over,
            row.recording_worst_ms,
            percent(row.blocks_placed, row.blocks),
            row.worst_shift_ms,
        );
    }
    text
}

/// Where the service's CPU goes, by the names of its threads.
fn threads(rows: &[Row], setup: Option<&Setup>) -> String {
    let listed = |threads: &[(String, f64)], unit: &str| {
        let spent = threads.iter().filter(|(_, figure)| *figure >= LEAST);
        spent.map(|(name, figure)| format!("{name} {figure:.4} {unit}")).collect::<Vec<_>>().join(", ")
    };
    let mut text = String::from("\nThe service's CPU by thread:\n\n");
    for row in rows {
        let _ = writeln!(text, "- {} calls: {}", row.calls, listed(&row.threads, "%"));
    }
    if let Some(setup) = setup {
        let postgres = setup.postgres_ms.median;
        let _ = writeln!(
            text,
            "- set up and torn down: {}; Postgres {postgres:.2} ms",
            listed(&setup.threads, "ms")
        );
    }
    text
}
