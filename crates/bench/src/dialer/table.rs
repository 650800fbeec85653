//! The figures as Markdown, for the terminal and for `dialer.md`.

use std::fmt::Write as _;

use super::level::Row;
use super::options::Measure;

/// Foreign CPU above this, in percent of one core, makes a run a trial.
const QUIET: f64 = 10.0;
const TASKS_PER_SECOND: f64 = 1000.0;
const P99_MS: f64 = 50.0;
const MORE: f64 = 1.5;

pub(super) fn table(options: &Measure, (cores, load): (usize, f64), rows: &[Row]) -> String {
    let foreign = rows.iter().map(|row| row.foreign_percent).fold(0.0, f64::max);
    let stolen = rows.iter().map(|row| row.stolen_percent).fold(0.0, f64::max);
    let verdict =
        if foreign > QUIET { "**a trial: the machine was not quiet**" } else { "the machine was quiet" };
    let build = if cfg!(debug_assertions) { "**unoptimised build**" } else { "release build" };
    let mut text = format!(
        "# Claiming due tasks\n\n`HUIFANG_BENCH_TASKS={} make bench-dialer`\n\n{cores} cores, load {load:.1} before the \
         start; other programs took up to {foreign:.0} % of a core, the host {stolen:.0} %: {verdict}. {build}. A private \
         Postgres as the service runs it (fsync, synchronous commit); {} processes claim batches of {} of {} plans. \
         Batch: the look and the claim.\n\n",
        options.tasks, options.processes, options.batch, options.plans,
    );
    text.push_str(
        "| due tasks | tasks/s | batch p50 ms | p99 ms | worst ms | look p50 ms | CPU a task, Postgres µs | processes µs | \
         whole way, tasks/s | Postgres µs | processes µs |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        // Writing to a String does not fail, here and below.
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.due,
            row.tasks_per_second,
            row.p50_ms,
            row.p99_ms,
            row.worst_ms,
            row.look_p50_ms,
            row.postgres_us,
            row.processes_us,
            row.cycles_per_second,
            row.cycle_postgres_us,
            row.cycle_processes_us,
        );
    }
    text.push_str("\n| goal | measured | |\n|---|---|---|\n");
    for (goal, measured, met) in goals(rows) {
        let _ = writeln!(text, "| {goal} | {measured} | {} |", if met { "met" } else { "**not met**" });
    }
    text
}

fn goals(rows: &[Row]) -> Vec<(String, String, bool)> {
    let slowest = rows.iter().map(|row| row.tasks_per_second).fold(f64::INFINITY, f64::min);
    let p99 = rows.iter().map(|row| row.p99_ms).fold(0.0, f64::max);
    let mut goals = vec![
        (
            format!("at least {TASKS_PER_SECOND} tasks a second"),
            format!("{slowest:.0}"),
            slowest >= TASKS_PER_SECOND,
        ),
        (format!("p99 of a batch at most {P99_MS} ms"), format!("{p99:.1} ms"), p99 <= P99_MS),
    ];
    if let (Some(first), Some(last)) = (rows.first(), rows.last())
        && first.due < last.due
    {
        let ratio = |of: fn(&Row) -> f64| of(last) / of(first);
        let (cpu, time) = (ratio(|row| row.postgres_us + row.processes_us), ratio(|row| row.p50_ms));
        goals.push((
            format!("cost at {} at most {MORE} × that at {}", last.due, first.due),
            format!("CPU × {cpu:.2}, time of a batch × {time:.2}"),
            cpu.max(time) <= MORE,
        ));
    }
    goals
}
