//! `bench`: see the crate's documentation.

use std::process::ExitCode;

use bench::run::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(table) => {
            println!(
                "{table}\nLeft in {}: media.md, media.json, media.svg, setup.json",
                options.out.display()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
