//! `dialer`: see [`bench::dialer`].

use std::process::ExitCode;

use bench::dialer::{Command, DialerBenchError, Options, measure, work};
use clap::Parser;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        Some(Command::Work(worker)) => work(worker),
        None => measured(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dialer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measured(options: &Options) -> Result<(), DialerBenchError> {
    let text = measure(&options.measure)?;
    println!("{text}\nLeft in {}: dialer.md, dialer.json", options.measure.out.display());
    Ok(())
}
