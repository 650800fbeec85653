//! The bare program: as many RTP streams as the service carries, both legs recorded, and nothing else.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;

use bench::bare::{Model, Work, carry};
use clap::{Parser, ValueEnum as _};

/// Carries calls in the cheapest way and says what they cost.
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
    /// The way of using sockets, or `list`.
    #[arg(long, default_value = "list")]
    model: String,
    /// Our address.
    #[arg(long, default_value = "127.0.0.1")]
    bind: Ipv4Addr,
    /// The peer's address.
    #[arg(long, default_value = "127.0.0.2")]
    peer: Ipv4Addr,
}

fn main() -> ExitCode {
    let Arguments { calls, port_base, seconds, recordings, model, bind, peer } = Arguments::parse();
    if model == "list" {
        for model in Model::value_variants() {
            println!("{model}");
        }
        return ExitCode::SUCCESS;
    }
    let Ok(model) = Model::from_str(&model, true) else {
        eprintln!("no model is called {model}: --model list prints the names");
        return ExitCode::FAILURE;
    };
    let work = Work { calls, port_base, seconds, recordings, bind, peer };
    match carry(model, &work).and_then(|report| Ok(serde_json::to_string(&report)?)) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "the calls cannot be carried: {error}; are the ports free and is there room on the disk?"
            );
            ExitCode::FAILURE
        }
    }
}
