//! What a run is told by its command line and environment.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ports::BATCH;

use super::DialerBenchError;

/// Measures the claiming of due tasks
#[derive(Clone, Debug, Parser)]
pub struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub measure: Measure,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// One claiming process; started by the bench
    #[command(hide = true)]
    Work(Work),
}

/// The whole run.
#[derive(Clone, Debug, Args)]
pub struct Measure {
    /// Numbers of due tasks, parted by commas
    #[arg(long, env = "HUIFANG_BENCH_TASKS", default_value = "10000,100000,1000000")]
    pub tasks: String,
    /// Plans that the tasks are of
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub plans: u32,
    /// Processes that claim at the same time
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub processes: usize,
    /// Tasks wanted at once
    #[arg(long, value_name = "N", default_value_t = BATCH, value_parser = clap::value_parser!(u32).range(1..=i64::from(BATCH)))]
    pub batch: u32,
    /// Rounds of each level
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub rounds: usize,
    /// Batches of each process in a round
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub batches: usize,
    /// Tasks that each process takes through claim, attempt and end
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub cycles: usize,
    /// Where table and rows are left
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub out: PathBuf,
}

/// One claiming process.
#[derive(Clone, Debug, Args)]
pub struct Work {
    /// How it is named in leases
    #[arg(long)]
    pub node: String,
    /// Tasks wanted at once
    #[arg(long)]
    pub batch: u32,
}

impl Measure {
    /// The levels, as given.
    pub fn levels(&self) -> Result<Vec<u32>, DialerBenchError> {
        let level = |text: &str| text.trim().parse().ok().filter(|tasks| (1000..=10_000_000).contains(tasks));
        let levels: Option<Vec<u32>> = self.tasks.split(',').map(level).collect();
        levels.ok_or_else(|| DialerBenchError::Levels(self.tasks.clone()))
    }
}
