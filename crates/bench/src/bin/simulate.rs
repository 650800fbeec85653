//! `simulate`: see [`bench::simulate`].

use std::process::ExitCode;

use bench::simulate::{Options, SimulateError, leave, simulate};
use clap::Parser;
use mimalloc::MiMalloc;

/// A year makes and drops some ten million small things.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), SimulateError> {
    let figures = simulate(options)?;
    let text = leave(options, &figures)?;
    println!("{text}\nLeft in {}: simulate.md, simulate.svg, simulate.json", options.out.display());
    Ok(())
}
