//! The bare program under the same number of calls: the floor that the service is compared with.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::BenchError;
use super::ground::Ground;
use super::options::{Options, beside};
use super::parties::Parties;
use super::ports;
use super::process::{Process, until};
use super::window::{WINDOWS, Watched, Window};
use crate::report::BareReport;

/// Until both sides are in step.
const SETTLE: Duration = Duration::from_secs(2);
/// For the end of its files.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the bare program took.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    pub(super) windows: Vec<Window>,
    pub(super) report: BareReport,
}

/// The way of using sockets to compare with: the one asked for, or the first that the program names.
pub(super) fn model(options: &Options) -> Result<String, BenchError> {
    if let Some(model) = &options.model {
        return Ok(model.clone());
    }
    let start = |error| BenchError::Start { name: "bare", error };
    let done = Command::new(beside("bare")?).args(["--model", "list"]).output().map_err(start)?;
    let names = String::from_utf8_lossy(&done.stdout).into_owned();
    let first = names.lines().next().and_then(|line| line.split_whitespace().next()).map(str::to_owned);
    first.ok_or(BenchError::Words { name: "bare", said: names })
}

/// How long its streams are recorded.
pub(super) fn lasts(options: &Options) -> Duration {
    SETTLE * 2 + options.window() * WINDOWS as u32
}

/// Runs it with `calls` streams.
pub(super) fn measure(
    options: &Options,
    ground: &Ground,
    model: &str,
    calls: usize,
) -> Result<Floor, BenchError> {
    let folder = ground.part(&format!("bare-{calls}"))?;
    let (window, lasts) = (options.window(), lasts(options));
    let port_base = ports::range(2 * calls as u16)?;
    let recordings = folder.join("recordings");
    std::fs::create_dir(&recordings).map_err(BenchError::file(&recordings))?;
    let mut command = Command::new(beside("bare")?);
    command
        .args(["--calls", &calls.to_string(), "--port-base", &port_base.to_string(), "--model", model])
        .args(["--seconds", &lasts.as_secs_f64().ceil().to_string(), "--recordings"])
        .arg(&recordings)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut bare = Process::start("bare", &folder, &mut command)?;
    let mut parties = Parties::stream_only(&folder, calls, port_base)?;
    std::thread::sleep(SETTLE);
    let watched = Watched { subject: bare.pid(), postgres: None };
    let windows = (0..WINDOWS)
        .map(|_| {
            bare.must_run()?;
            Window::watch(window, watched, &mut parties)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Floor { windows, report: last_words(&mut bare)? })
}

/// The line that it prints at its end.
fn last_words(bare: &mut Process) -> Result<BareReport, BenchError> {
    let status =
        until(PATIENCE, "the end of the bare program", || Ok(bare.child().try_wait().ok().flatten()))?;
    if !status.success() {
        return Err(bare.ended());
    }
    let mut said = String::new();
    if let Some(mut out) = bare.child().stdout.take() {
        // What cannot be read is not what was agreed on.
        let _ = std::io::Read::read_to_string(&mut out, &mut said);
    }
    serde_json::from_str(&said).map_err(|_| BenchError::Words { name: "bare", said })
}
