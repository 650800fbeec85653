//! One level: so many due tasks.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Runtime;

use super::DialerBenchError;
use super::options::Measure;
use super::server::Server;
use super::worker::{Done, Order};
use super::workers::Workers;
use crate::run::cpu::{Machine, of_family, of_process};
use crate::run::interrupt;

/// What was measured at one level.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) due: u32,
    pub(super) plans: u32,
    pub(super) processes: usize,
    pub(super) batch: u32,
    pub(super) batches: usize,
    /// Tasks a second, all processes together, while they claimed.
    pub(super) tasks_per_second: f64,
    /// Of a batch: look and claim.
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) worst_ms: f64,
    /// Of the look alone.
    pub(super) look_p50_ms: f64,
    /// CPU of a claimed task in microseconds: Postgres, and the processes that claim.
    pub(super) postgres_us: f64,
    pub(super) processes_us: f64,
    /// Tasks a second through claim, attempt and end, one in ten given back.
    pub(super) cycles_per_second: f64,
    /// CPU of such a task in microseconds, Postgres's and the processes'.
    pub(super) cycle_postgres_us: f64,
    pub(super) cycle_processes_us: f64,
    /// All other programs of the machine in percent of one core, and what the host took.
    pub(super) foreign_percent: f64,
    pub(super) stolen_percent: f64,
}

/// CPU spent up to a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    postgres: Duration,
    processes: Duration,
    bench: Duration,
    machine: Machine,
}

impl Spent {
    fn now(postmaster: u32, workers: &Workers) -> Result<Self, DialerBenchError> {
        let mut processes = Duration::ZERO;
        for pid in workers.pids() {
            processes += of_process(pid)?;
        }
        let bench = of_process(std::process::id())?;
        Ok(Self { postgres: of_family(postmaster), processes, bench, machine: Machine::now() })
    }

    /// What was spent since `before`.
    fn since(self, before: Self) -> Self {
        Self {
            postgres: self.postgres.saturating_sub(before.postgres),
            processes: self.processes.saturating_sub(before.processes),
            bench: self.bench.saturating_sub(before.bench),
            machine: Machine {
                busy: self.machine.busy.saturating_sub(before.machine.busy),
                interrupts: self.machine.interrupts.saturating_sub(before.machine.interrupts),
                stolen: self.machine.stolen.saturating_sub(before.machine.stolen),
            },
        }
    }

    fn add(&mut self, other: Self) {
        self.postgres += other.postgres;
        self.processes += other.processes;
        self.bench += other.bench;
        self.machine.busy += other.machine.busy;
        self.machine.stolen += other.machine.stolen;
    }
}

/// Claims in rounds, then takes tasks the whole way.
pub(super) fn measure(
    options: &Measure,
    runtime: &Runtime,
    server: &Server,
    due: u32,
) -> Result<Row, DialerBenchError> {
    let mut workers = Workers::start(options, server)?;
    let postmaster = server.postmaster()?;
    // A round that is not counted: statements are prepared, pages are read.
    workers.all(Order::Claim(2))?;
    runtime.block_on(server.put_back())?;
    let (mut done, mut spent, mut lasted) = (Vec::new(), Spent::default(), Duration::ZERO);
    for _ in 0..options.rounds {
        interrupt::check()?;
        let (begun, before) = (Instant::now(), Spent::now(postmaster, &workers)?);
        done.extend(workers.all(Order::Claim(options.batches))?);
        lasted += begun.elapsed();
        spent.add(Spent::now(postmaster, &workers)?.since(before));
        runtime.block_on(server.put_back())?;
    }
    let claimed: u64 = done.iter().map(|done| done.claimed).sum();
    let wanted = (options.rounds * options.processes * options.batches) as u64 * u64::from(options.batch);
    if claimed != wanted {
        return Err(DialerBenchError::Short { got: claimed, wanted });
    }
    let (begun, before) = (Instant::now(), Spent::now(postmaster, &workers)?);
    let ended = workers.all(Order::Cycle(options.cycles))?;
    let cycling = begun.elapsed();
    let cycle = Spent::now(postmaster, &workers)?.since(before);
    let cycles: u64 = ended.iter().map(|done| done.claimed).sum();
    let sorted = |of: fn(&Done) -> &Vec<u64>| {
        let mut all: Vec<u64> = done.iter().flat_map(of).copied().collect();
        all.sort_unstable();
        all
    };
    let (batches, looks) = (sorted(|done| &done.batches), sorted(|done| &done.looks));
    let ours = spent.postgres + spent.processes + spent.bench;
    let percent = |time: Duration| time.as_secs_f64() / lasted.as_secs_f64() * 100.0;
    let each = |time: Duration, tasks: u64| time.as_secs_f64() * 1e6 / tasks.max(1) as f64;
    Ok(Row {
        due,
        plans: options.plans,
        processes: options.processes,
        batch: options.batch,
        batches: batches.len(),
        tasks_per_second: claimed as f64 / lasted.as_secs_f64(),
        p50_ms: at(&batches, 0.5),
        p99_ms: at(&batches, 0.99),
        worst_ms: at(&batches, 1.0),
        look_p50_ms: at(&looks, 0.5),
        postgres_us: each(spent.postgres, claimed),
        processes_us: each(spent.processes, claimed),
        cycles_per_second: cycles as f64 / cycling.as_secs_f64(),
        cycle_postgres_us: each(cycle.postgres, cycles),
        cycle_processes_us: each(cycle.processes, cycles),
        foreign_percent: percent(spent.machine.busy.saturating_sub(ours)),
        stolen_percent: percent(spent.machine.stolen),
    })
}

/// The figure that so great a part of the sorted ones does not exceed, in milliseconds.
fn at(sorted: &[u64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.clamp(1, sorted.len().max(1)) - 1).map_or(0.0, |micros| *micros as f64 / 1000.0)
}
