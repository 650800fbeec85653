//! `called`: the called parties. Their counts go to standard output, a line for each line of standard input.

use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bench::called::{Counts, HERE, Party, stream_only, take_calls};
use bench::report::Ready;
use clap::Parser;

/// Plays the called parties of `bench`
#[derive(Parser)]
struct Arguments {
    /// Only RTP, so many streams
    #[arg(long, value_name = "N", requires = "port_base")]
    rtp_only: Option<u16>,
    /// The first stream's port, even
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Where calls are taken
    #[arg(long, value_name = "PORT", conflicts_with = "rtp_only", requires = "journal")]
    sip: Option<u16>,
    /// Called parties hang up after this
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    call_time: f64,
    /// Where each call's report goes
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("called: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> io::Result<()> {
    let counts = Counts::default();
    match (arguments.rtp_only, arguments.port_base, arguments.sip, arguments.journal) {
        (Some(calls), Some(base), ..) => stream_only(calls, base, &counts)?,
        (None, _, Some(port), Some(journal)) => {
            let call_time = Duration::from_secs_f64(arguments.call_time);
            take_calls(&Party { sip: SocketAddr::from((HERE, port)), call_time, journal }, &counts)?;
        }
        _ => return Err(io::Error::other("give --sip with --journal, or --rtp-only with --port-base")),
    }
    say(&Ready { realtime: is_realtime() })?;
    for line in io::stdin().lock().lines() {
        line?;
        say(&counts.tally())?;
    }
    Ok(())
}

fn say(what: &impl serde::Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    writeln!(out)?;
    out.flush()
}

/// Whether the scheduling policy is SCHED_FIFO or SCHED_RR: field 41 of proc_pid_stat(5).
fn is_realtime() -> bool {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    matches!(behind_name.split(' ').nth(38), Some("1" | "2"))
}
