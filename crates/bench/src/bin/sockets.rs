//! `make bench-sockets`: what each way of using sockets costs, and what the media engine adds to it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use bench::report::BareReport;
use clap::Parser;

/// Compares the bare program's models and the media engine, one after the other, in turns.
#[derive(Parser)]
struct Arguments {
    /// Calls.
    #[arg(long, default_value_t = 400)]
    calls: u16,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Turns; the table has the least, the middle and the most of them.
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Tick threads of the engine.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Only these, such as `connected,engine`.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// One line of the table.
struct Measured {
    name: String,
    /// % of a core a call, ascending.
    costs: Vec<f64>,
    /// The part of the packets due that were sent, the least of all turns.
    sent: f64,
}

impl Measured {
    fn middle(&self) -> f64 {
        self.costs[self.costs.len() / 2]
    }
}

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "the comparison failed: {error}; build the programs first: cargo build --release -p bench"
            );
            ExitCode::FAILURE
        }
    }
}

fn compare(arguments: &Arguments) -> io::Result<()> {
    let own = std::env::current_exe()?;
    let programs = own.parent().unwrap_or(Path::new("."));
    let mut measured: Vec<Measured> = names(programs)?
        .into_iter()
        .filter(|name| arguments.only.is_empty() || arguments.only.contains(name))
        .map(|name| Measured { name, costs: Vec::new(), sent: 1.0 })
        .collect();
    for turn in 1..=arguments.turns {
        for one in &mut measured {
            let report = measure(programs, arguments, &one.name)?;
            // By packets, since a program that gets too little of the machine leaves some out.
            let per_call = report.cpu_seconds / report.packets_sent.max(1) as f64 * 50.0 * 100.0;
            eprintln!("turn {turn}: {} {per_call:.4} %", one.name);
            one.costs.push(per_call);
            let due = report.elapsed_seconds * 50.0 * report.calls as f64;
            one.sent = one.sent.min(report.packets_sent as f64 / due);
        }
    }
    table(arguments, &mut measured);
    Ok(())
}

fn table(arguments: &Arguments, measured: &mut [Measured]) {
    for one in measured.iter_mut() {
        one.costs.sort_by(f64::total_cmp);
    }
    let best = measured
        .iter()
        .filter(|one| one.name != "engine" && one.name != "shared-send")
        .map(Measured::middle)
        .fold(f64::INFINITY, f64::min);
    println!(
        "{} calls, {} turns of {} s; % of a core a call",
        arguments.calls, arguments.turns, arguments.seconds
    );
    println!("{:<20} {:>8} {:>8} {:>8} {:>8} {:>7}", "", "least", "middle", "most", "ratio", "sent");
    for one in measured {
        let (least, most) = (one.costs[0], one.costs[one.costs.len() - 1]);
        let ratio = one.middle() / best;
        println!(
            "{:<20} {least:>8.4} {:>8.4} {most:>8.4} {ratio:>8.2} {:>6.1}%",
            one.name,
            one.middle(),
            one.sent * 100.0
        );
    }
}

/// All models, and the engine.
fn names(programs: &Path) -> io::Result<Vec<String>> {
    let listed = Command::new(programs.join("bare")).args(["--model", "list"]).output()?;
    let models = String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    Ok(models.into_iter().chain(["engine".to_owned()]).collect())
}

fn measure(programs: &Path, arguments: &Arguments, name: &str) -> io::Result<BareReport> {
    let recordings = tempfile::tempdir()?;
    let [ours, theirs] = ["ours", "theirs"].map(|side| recordings.path().join(side));
    let mut peer = Ended(
        program(programs, "bare", arguments, theirs, arguments.seconds + 60)
            .args(["--model", "unconnected", "--bind", "127.0.0.2", "--peer", "127.0.0.1"])
            .stdout(Stdio::null())
            .spawn()?,
    );
    let measured = if name == "engine" {
        let threads = arguments.threads.to_string();
        program(programs, "engine", arguments, ours, arguments.seconds).args(["--threads", &threads]).output()
    } else {
        program(programs, "bare", arguments, ours, arguments.seconds).args(["--model", name]).output()
    }?;
    if let Some(status) = peer.0.try_wait()? {
        return Err(io::Error::other(format!("the peer ended early: {status}")));
    }
    if !measured.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&measured.stderr).into_owned()));
    }
    Ok(serde_json::from_slice(&measured.stdout)?)
}

fn program(programs: &Path, name: &str, arguments: &Arguments, recordings: PathBuf, seconds: u64) -> Command {
    let mut command = Command::new(programs.join(name));
    command
        .args(["--calls", &arguments.calls.to_string(), "--seconds", &seconds.to_string()])
        .arg("--recordings")
        .arg(recordings);
    command
}

/// Ends with the measurement.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
