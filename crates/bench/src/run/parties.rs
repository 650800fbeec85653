//! The called parties' process, and what it counts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Stdio};

use super::BenchError;
use super::options::beside;
use super::process::{Process, realtime};
use crate::report::{Ready, Tally};

const NAME: &str = "called";

/// `called`, running.
pub(super) struct Parties {
    process: Process,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Whether it has a real-time priority.
    pub(super) realtime: bool,
}

impl Parties {
    /// Who take calls.
    pub(super) fn take_calls(
        folder: &Path,
        port: u16,
        call_time: f64,
        journal: &Path,
    ) -> Result<Self, BenchError> {
        let (port, call_time) = (port.to_string(), call_time.to_string());
        let journal = journal.to_string_lossy();
        Self::start(folder, &["--sip", &port, "--call-time", &call_time, "--journal", &journal])
    }

    /// RTP alone.
    pub(super) fn stream_only(folder: &Path, calls: usize, port_base: u16) -> Result<Self, BenchError> {
        Self::start(folder, &["--rtp-only", &calls.to_string(), "--port-base", &port_base.to_string()])
    }

    fn start(folder: &Path, arguments: &[&str]) -> Result<Self, BenchError> {
        let mut command = realtime(&beside(NAME)?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(NAME, folder, &mut command)?;
        let (Some(ask), Some(answers)) = (process.child().stdin.take(), process.child().stdout.take()) else {
            return Err(process.ended());
        };
        let mut parties = Self { process, ask, answers: BufReader::new(answers), realtime: false };
        parties.realtime = parties.read::<Ready>()?.realtime;
        Ok(parties)
    }

    /// Its number.
    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What it has counted up to now.
    pub(super) fn tally(&mut self) -> Result<Tally, BenchError> {
        if writeln!(self.ask).and_then(|()| self.ask.flush()).is_err() {
            return Err(self.process.ended());
        }
        self.read()
    }

    fn read<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, BenchError> {
        let mut said = String::new();
        match self.answers.read_line(&mut said) {
            Ok(0) | Err(_) => Err(self.process.ended()),
            Ok(_) => serde_json::from_str(&said).map_err(|_| BenchError::Words { name: NAME, said }),
        }
    }
}
