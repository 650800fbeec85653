//! The media engine by itself, for comparison with the bare program.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use bench::bare::Work;
use bench::engine::{Setting, carry};
use clap::Parser;

/// Carries calls by the media engine alone and says what they cost.
#[derive(Parser)]
struct Arguments {
    /// Calls.
    #[arg(long, default_value_t = 400)]
    calls: u16,
    /// The first of the even ports, on both sides.
    #[arg(long, default_value_t = 30_000)]
    port_base: u16,
    /// How long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where the recordings are written.
    #[arg(long, default_value = "recordings")]
    recordings: PathBuf,
    /// Our address.
    #[arg(long, default_value = "127.0.0.1")]
    bind: Ipv4Addr,
    /// The peer's address.
    #[arg(long, default_value = "127.0.0.2")]
    peer: Ipv4Addr,
    /// Tick threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Leaves the recordings out.
    #[arg(long)]
    unrecorded: bool,
}

fn main() -> ExitCode {
    let Arguments { calls, port_base, seconds, recordings, bind, peer, threads, unrecorded } =
        Arguments::parse();
    let work = Work { calls, port_base, seconds, recordings, bind, peer };
    match carry(&work, Setting { threads, record: !unrecorded }) {
        Ok(report) => {
            println!("{}", serde_json::json!(report));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
