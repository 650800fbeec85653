//! Windows: what the processes spent and the called parties heard between two moments.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::cpu::{Machine, of_family, of_process, of_threads, resident};
use super::parties::Parties;
use super::{BenchError, interrupt};
use crate::report::Tally;

/// Windows of a level.
pub(super) const WINDOWS: usize = 3;
/// Between two looks at memory and the number of calls within a window.
const LOOK: Duration = Duration::from_millis(500);

/// The processes of a measurement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    /// What is measured: the service, or the bare program.
    pub(super) subject: u32,
    /// Postgres's server, where there is one.
    pub(super) postgres: Option<u32>,
}

/// One moment.
#[derive(Clone, Debug)]
struct Moment {
    at: Instant,
    subject: Duration,
    threads: BTreeMap<String, Duration>,
    postgres: Duration,
    called: Duration,
    bench: Duration,
    machine: Machine,
    tally: Tally,
}

impl Moment {
    fn now(watched: Watched, parties: &mut Parties) -> Result<Self, BenchError> {
        Ok(Self {
            tally: parties.tally()?,
            at: Instant::now(),
            subject: of_process(watched.subject)?,
            threads: of_threads(watched.subject),
            postgres: watched.postgres.map_or(Duration::ZERO, of_family),
            called: of_process(parties.pid())?,
            bench: of_process(std::process::id())?,
            machine: Machine::now(),
        })
    }
}

/// What happened in one window. CPU is in percent of one core.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Calls up on average.
    pub(super) up: f64,
    /// Resident memory of the subject on average, KiB.
    pub(super) resident: f64,
    /// The subject's CPU.
    pub(super) cpu: f64,
    /// The same by the names of its threads.
    pub(super) threads: Vec<(String, f64)>,
    pub(super) cpu_postgres: f64,
    pub(super) cpu_called: f64,
    /// All other processes of the machine, all cores together.
    pub(super) cpu_foreign: f64,
    /// Interrupts, all cores together.
    pub(super) cpu_interrupts: f64,
    /// Taken by the host, all cores together.
    pub(super) cpu_stolen: f64,
    pub(super) tally: Tally,
    pub(super) seconds: f64,
}

impl Window {
    /// The subject's CPU for each call that was up.
    pub(super) fn cpu_per_call(&self) -> f64 {
        self.cpu / self.up.max(1.0)
    }

    /// Looks on for so long.
    pub(super) fn watch(
        length: Duration,
        watched: Watched,
        parties: &mut Parties,
    ) -> Result<Self, BenchError> {
        let before = Moment::now(watched, parties)?;
        let (mut up, mut kib, mut looks) = (0, 0, 0_u64);
        while before.at.elapsed() < length {
            interrupt::check()?;
            std::thread::sleep(LOOK.min(length.saturating_sub(before.at.elapsed())));
            up += parties.tally()?.up;
            kib += resident(watched.subject);
            looks += 1;
        }
        let after = Moment::now(watched, parties)?;
        let seconds = (after.at - before.at).as_secs_f64();
        let percent = |spent: Duration| spent.as_secs_f64() / seconds * 100.0;
        let of_thread = |(name, spent): (&String, &Duration)| {
            let before = before.threads.get(name).copied().unwrap_or_default();
            (name.clone(), percent(spent.saturating_sub(before)))
        };
        let ours = |moment: &Moment| moment.subject + moment.postgres + moment.called + moment.bench;
        let busy = after.machine.busy.saturating_sub(before.machine.busy);
        Ok(Self {
            up: up as f64 / looks.max(1) as f64,
            resident: kib as f64 / looks.max(1) as f64,
            cpu: percent(after.subject.saturating_sub(before.subject)),
            threads: after.threads.iter().map(of_thread).collect(),
            cpu_postgres: percent(after.postgres.saturating_sub(before.postgres)),
            cpu_called: percent(after.called.saturating_sub(before.called)),
            cpu_foreign: percent(busy.saturating_sub(ours(&after).saturating_sub(ours(&before)))),
            cpu_interrupts: percent(after.machine.interrupts.saturating_sub(before.machine.interrupts)),
            cpu_stolen: percent(after.machine.stolen.saturating_sub(before.machine.stolen)),
            tally: after.tally - before.tally,
            seconds,
        })
    }
}

/// By thread, a figure of the middle of the windows.
pub(super) fn by_thread(windows: &[Window], figure: impl Fn(&Window, f64) -> f64) -> Vec<(String, f64)> {
    let names = windows
        .last()
        .map(|window| window.threads.iter().map(|(name, _)| name.clone()))
        .into_iter()
        .flatten();
    let of = |window: &Window, name: &str| {
        window
            .threads
            .iter()
            .find(|(found, _)| found == name)
            .map_or(0.0, |(_, percent)| figure(window, *percent))
    };
    names.map(|name| (name.clone(), Spread::of(windows, |window| of(window, &name)).median)).collect()
}

/// The least, the middle and the greatest of a figure over windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

impl Spread {
    /// Of a figure of each window; all 0 of none.
    pub(super) fn of(windows: &[Window], figure: impl Fn(&Window) -> f64) -> Self {
        Self::of_figures(windows.iter().map(figure).collect())
    }

    /// Of figures; all 0 of none.
    pub(super) fn of_figures(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |n: usize| figures.get(n).copied().unwrap_or_default();
        Self { min: at(0), median: at(figures.len() / 2), max: at(figures.len().saturating_sub(1)) }
    }
}
