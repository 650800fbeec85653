//! The `huifang` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    huifang::cli::run()
}
