//! A program of the run: its output in a file, ended with the run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{BenchError, interrupt};

/// A program that was asked to end is killed after this.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks for something that another program does.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// A running program.
pub(super) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with what it complains of in `folder`; its standard input and output are as given.
    pub(super) fn start(
        name: &'static str,
        folder: &Path,
        command: &mut Command,
    ) -> Result<Self, BenchError> {
        let log = folder.join(format!("{name}.log"));
        let complaints = File::create(&log).map_err(BenchError::file(&log))?;
        let child = command.stderr(complaints).spawn().map_err(|error| BenchError::Start { name, error })?;
        Ok(Self { name, child, log })
    }

    /// Its number.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The child, for its pipes.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// An error once it has ended.
    pub(super) fn must_run(&mut self) -> Result<(), BenchError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(self.ended()),
        }
    }

    /// The error that tells its last words.
    pub(super) fn ended(&self) -> BenchError {
        let words = std::fs::read(&self.log).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let last: Vec<&str> = words.lines().rev().take(8).collect();
        BenchError::Ended { name: self.name, words: last.into_iter().rev().collect::<Vec<_>>().join("\n") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // It may end by itself meanwhile.
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM);
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program whose scheduling may be real-time: by chrt(1) where it is allowed, else as it is.
pub(super) fn realtime(program: &Path) -> Command {
    let chrt = |program: &Path| {
        let mut command = Command::new("chrt");
        command.args(["--fifo", "50"]).arg(program);
        command
    };
    let mut probe = chrt(Path::new("true"));
    let allowed = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if allowed.is_ok_and(|status| status.success()) { chrt(program) } else { Command::new(program) }
}

/// Looks until there is something.
pub(super) fn until<T>(
    within: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>, BenchError>,
) -> Result<T, BenchError> {
    let deadline = Instant::now() + within;
    loop {
        interrupt::check()?;
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if Instant::now() > deadline {
            return Err(BenchError::Late { what: what.to_owned(), seconds: within.as_secs() });
        }
        std::thread::sleep(LOOK);
    }
}
