//! Why a run of the bench could not be made.

use std::io;
use std::path::PathBuf;

/// Each with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Recordings would fill the disk.
    #[error(
        "{folder} has {free_mib} MiB free, and {calls} recorded calls need {needed_mib} MiB: make room, set TMPDIR to a \
         larger disk, or measure fewer calls with HUIFANG_BENCH_CALLS"
    )]
    Room { folder: PathBuf, free_mib: u64, needed_mib: u64, calls: usize },
    /// Too few files may be open.
    #[error(
        "{calls} calls need {needed} open files, and a process may have {limit}: raise it with `ulimit -n {needed}`"
    )]
    Files { calls: usize, needed: u64, limit: u64 },
    /// A program is not there.
    #[error(
        "{0} is missing: run `make bench`, which builds it, or `cargo build --release --bins --workspace`"
    )]
    Program(PathBuf),
    /// A program cannot be started.
    #[error("{name} cannot be started: {error}")]
    Start { name: &'static str, error: io::Error },
    /// A program ended.
    #[error("{name} ended before its time; its last words:\n{words}")]
    Ended { name: &'static str, words: String },
    /// A program said something else than agreed.
    #[error("{name} said {said:?}, which is not what the crate's documentation agrees on")]
    Words { name: &'static str, said: String },
    /// The service does not answer.
    #[error("the service does not answer: {0}")]
    Silent(#[from] reqwest::Error),
    /// The service refused something.
    #[error("{path} answers {status}: {body}")]
    Refused { path: String, status: u16, body: String },
    /// Something took too long.
    #[error("within {seconds} s this did not come: {what}. The machine may be too small or too busy for it")]
    Late { what: String, seconds: u64 },
    /// The database could not be asked.
    #[error("psql: {0}")]
    Database(String),
    /// A file of the bench's own.
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    /// Other programs are in the way.
    #[error("no {wanted} UDP ports in a row are free on loopback: end programs that hold many")]
    Ports { wanted: u16 },
    /// A signal.
    #[error("interrupted: everything that was started has been ended")]
    Interrupted,
    /// A setting that says nothing.
    #[error(
        "HUIFANG_BENCH_CALLS=\"{0}\" is no list of numbers of calls: write it as 50,400, each from 1 to 4000"
    )]
    Levels(String),
    /// A process's CPU time is unknown.
    #[error("the CPU time of process {pid} cannot be read: {error}")]
    Cpu { pid: i32, error: io::Error },
}

impl BenchError {
    /// For `map_err` at a file.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}
