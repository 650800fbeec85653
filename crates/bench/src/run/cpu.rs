//! CPU time of processes and of the machine.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::{Pid, SysconfVar, sysconf};

use super::BenchError;

/// `utime` + `stime` of a process by its CPU clock, which counts the same in nanoseconds where proc_pid_stat(5) rounds
/// to 10 ms. Its children are not in it.
pub(crate) fn of_process(pid: u32) -> Result<Duration, BenchError> {
    let pid = Pid::from_raw(pid.cast_signed());
    let spent = clock_getcpuclockid(pid).and_then(clock_gettime);
    spent.map(Duration::from).map_err(|error| BenchError::Cpu { pid: pid.as_raw(), error: error.into() })
}

/// A process and all that it started, those that have ended included: for Postgres, whose server forks for each
/// connection. By proc_pid_stat(5), in steps of 10 ms.
pub(crate) fn of_family(parent: u32) -> Duration {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let is_parent = entry.file_name().to_string_lossy() == parent.to_string();
        // Behind the name in parentheses: state, parent, …; utime is field 14 and its three sisters follow.
        let fields: Vec<u64> = stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .split(' ')
            .map(|field| field.parse().unwrap_or(0))
            .collect();
        let field = |n: usize| fields.get(n - 3).copied().unwrap_or(0);
        if is_parent {
            ticks += field(14) + field(15) + field(16) + field(17);
        } else if field(4) == u64::from(parent) {
            ticks += field(14) + field(15);
        }
    }
    in_time(ticks)
}

/// CPU time of each thread of a process by its name, threads of one name together (`tokio-rt-0`, `tokio-rt-1`: `tokio-rt`).
/// Threads that have ended are not in it.
pub(crate) fn of_threads(pid: u32) -> BTreeMap<String, Duration> {
    let mut spent = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let read = |name: &str| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let name = read("comm")
            .trim_end()
            .trim_end_matches(|last: char| last.is_ascii_digit() || last == '-')
            .to_owned();
        // Nanoseconds on a core come first.
        let nanoseconds =
            read("schedstat").split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
        *spent.entry(name).or_default() += Duration::from_nanos(nanoseconds);
    }
    spent
}

/// What the machine has spent since its start, all cores together, by proc_stat(5).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Machine {
    /// Of processes.
    pub(crate) busy: Duration,
    /// Ticks that met an interrupt or what it left to be done; a process's own clock may run on through them.
    pub(crate) interrupts: Duration,
    /// Wanted, and given to other machines by the host.
    pub(crate) stolen: Duration,
}

impl Machine {
    /// As of now.
    pub(crate) fn now() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let first = stat.lines().next().unwrap_or_default();
        let fields: Vec<u64> =
            first.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        let field = |n: usize| fields.get(n).copied().unwrap_or(0);
        // user nice system idle iowait irq softirq steal; guest time is in user already.
        Self {
            busy: in_time(field(0) + field(1) + field(2)),
            interrupts: in_time(field(5) + field(6)),
            stolen: in_time(field(7)),
        }
    }
}

/// Resident memory of a process in KiB.
pub(crate) fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// How many cores there are, and the load of the last minute.
pub(crate) fn cores_and_load() -> (usize, f64) {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    (std::thread::available_parallelism().map_or(1, usize::from), load)
}

fn in_time(ticks: u64) -> Duration {
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100).max(1);
    Duration::from_secs_f64(ticks as f64 / per_second as f64)
}
