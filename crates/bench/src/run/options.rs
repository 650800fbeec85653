//! What a run is told by its command line and environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;

use super::BenchError;

/// Measures the built service beside a bare program that carries as many RTP streams and does nothing else
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// Numbers of concurrent calls, parted by commas
    #[arg(long, env = "HUIFANG_BENCH_CALLS", default_value = "50,100,200,400,1000,2000")]
    pub calls: String,
    /// Length of each of the three windows of a level
    #[arg(long, env = "HUIFANG_BENCH_WINDOW", value_name = "SECONDS", default_value_t = 10.0)]
    pub window: f64,
    /// Called parties hang up after this
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub call_time: f64,
    /// Calls set up and torn down a second, to measure what that costs; 0: not measured
    #[arg(long, env = "HUIFANG_BENCH_CPS", value_name = "N", default_value_t = 50)]
    pub short_calls: u32,
    /// The service's program; beside this one where absent
    #[arg(long, value_name = "FILE")]
    pub huifang: Option<PathBuf>,
    /// Where table, rows and plot are left
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub out: PathBuf,
    /// The bare program's way of using sockets; the first it names where absent
    #[arg(long, env = "HUIFANG_BENCH_MODEL", value_name = "NAME")]
    pub model: Option<String>,
}

impl Options {
    /// The levels, as given.
    pub fn levels(&self) -> Result<Vec<usize>, BenchError> {
        let level = |text: &str| text.trim().parse().ok().filter(|calls| (1..=4000).contains(calls));
        let levels: Option<Vec<usize>> = self.calls.split(',').map(level).collect();
        levels.ok_or_else(|| BenchError::Levels(self.calls.clone()))
    }

    /// One window.
    pub fn window(&self) -> Duration {
        Duration::from_secs_f64(self.window)
    }

    /// The service.
    pub fn service(&self) -> Result<PathBuf, BenchError> {
        match &self.huifang {
            Some(given) => present(given),
            None => beside("huifang"),
        }
    }
}

/// A program in the folder of this one.
pub(super) fn beside(name: &str) -> Result<PathBuf, BenchError> {
    let this = std::env::current_exe().map_err(BenchError::file("/proc/self/exe"))?;
    present(&this.with_file_name(name))
}

fn present(program: &Path) -> Result<PathBuf, BenchError> {
    if program.is_file() { Ok(program.to_owned()) } else { Err(BenchError::Program(program.to_owned())) }
}
