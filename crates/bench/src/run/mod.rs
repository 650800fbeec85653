//! A run of the bench: for each level the bare program and then the service, three windows each, and what it costs to
//! set a call up and tear it down.

mod api;
mod books;
pub(crate) mod cpu;
mod error;
mod floor;
mod goals;
mod ground;
mod heard;
pub(crate) mod interrupt;
mod level;
mod options;
mod parties;
mod plot;
mod ports;
mod process;
mod questionnaire;
mod recording;
mod room;
mod row;
mod setup;
mod site;
mod table;
mod window;

use std::path::Path;

pub use error::BenchError;
pub use options::Options;
pub use recording::{Placed, in_place};

use row::Row;
use table::Machine;

/// Runs everything; answers what was printed and left in `options.out`.
pub fn run(options: &Options) -> Result<String, BenchError> {
    interrupt::listen()?;
    let levels = options.levels()?;
    let ground = ground::Ground::new()?;
    room::check(ground.path(), &levels, level::lasts(options) + floor::lasts(options))?;
    let (machine, model) = (Machine::now(), floor::model(options)?);
    let mut rows = Vec::new();
    for calls in levels {
        eprintln!("{calls} calls: the bare program ({model})");
        let floor = floor::measure(options, &ground, &model, calls)?;
        eprintln!("{calls} calls: the service");
        let level = level::measure(options, &ground, calls)?;
        rows.push(Row::of(level, floor));
        // A run of a quarter of an hour that is broken off has something to show.
        leave(options, &machine, &rows, None)?;
    }
    let setup = match options.short_calls {
        0 => None,
        cps => {
            eprintln!("{cps} short calls a second");
            Some(setup::measure(options, &ground, cps)?)
        }
    };
    leave(options, &machine, &rows, setup.as_ref())
}

/// Writes table, rows and plot.
fn leave(
    options: &Options,
    machine: &Machine,
    rows: &[Row],
    setup: Option<&setup::Setup>,
) -> Result<String, BenchError> {
    let command = format!("HUIFANG_BENCH_CALLS={} make bench", options.calls);
    let text = table::table(machine, rows, setup, &command);
    std::fs::create_dir_all(&options.out).map_err(BenchError::file(&options.out))?;
    write(&options.out.join("media.md"), &text)?;
    write(&options.out.join("media.json"), &json(rows))?;
    write(&options.out.join("setup.json"), &json(&setup))?;
    write(&options.out.join("media.svg"), &plot::plot(rows))?;
    Ok(text)
}

fn json(what: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string_pretty(what).expect("rows of plain figures are JSON") + "\n"
}

fn write(path: &Path, text: &str) -> Result<(), BenchError> {
    std::fs::write(path, text).map_err(BenchError::file(path))
}
