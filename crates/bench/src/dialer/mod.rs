//! `make bench-dialer`: what claiming due tasks costs as the backlog grows, by several processes at once, on a private
//! Postgres with the service's own settings.
//!
//! Claims are taken in rounds. Within a round processes claim batches as the dialer does: a look, the lines shared out
//! among the plans, the claim; the clock runs for that alone. After a round all tasks are put back by one statement,
//! which nobody is charged for, so that each round meets the same backlog.

mod cycle;
mod error;
mod level;
mod options;
mod server;
mod table;
mod worker;
mod workers;

pub use error::DialerBenchError;
pub use options::{Command, Measure, Options, Work};
pub use worker::work;

use level::Row;

use crate::run::cpu::cores_and_load;
use crate::run::interrupt;

/// Runs everything; answers what was printed and left in `options.out`.
pub fn measure(options: &Measure) -> Result<String, DialerBenchError> {
    interrupt::listen()?;
    let machine = cores_and_load();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = runtime.block_on(server::Server::start())?;
    let measured = all_levels(options, machine, &runtime, &server);
    runtime.block_on(server.stop())?;
    measured
}

fn all_levels(
    options: &Measure,
    machine: (usize, f64),
    runtime: &tokio::runtime::Runtime,
    server: &server::Server,
) -> Result<String, DialerBenchError> {
    let mut rows: Vec<Row> = Vec::new();
    let mut text = String::new();
    for tasks in options.levels()? {
        eprintln!("{tasks} due tasks: made in");
        let took = runtime.block_on(server.fill(tasks, options.plans))?;
        eprintln!("  {:.1} s; {} processes claim", took.as_secs_f64(), options.processes);
        rows.push(level::measure(options, runtime, server, tasks)?);
        // A run that is broken off has something to show.
        text = table::table(options, machine, &rows);
        leave(options, &rows, &text)?;
    }
    Ok(text)
}

fn leave(options: &Measure, rows: &[Row], text: &str) -> Result<(), DialerBenchError> {
    std::fs::create_dir_all(&options.out)?;
    let json = serde_json::to_string_pretty(rows).expect("rows of plain figures are JSON") + "\n";
    std::fs::write(options.out.join("dialer.md"), text)?;
    Ok(std::fs::write(options.out.join("dialer.json"), json)?)
}
