//! One level: so many calls up, arriving and leaving, over three windows.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::BenchError;
use super::cpu::{of_process, resident};
use super::ground::Ground;
use super::heard::{Heard, compare};
use super::options::Options;
use super::process::until;
use super::site::Site;
use super::window::{WINDOWS, Watched, Window};

/// Calls before the measurement, so that "none up" is the memory of a service that has called before.
const WARM_UP: usize = 10;
/// Calls per second above what keeps the level up, so that a line that falls free is taken soon.
const HASTE: f64 = 1.15;
/// Lines above the level: one that falls free is taken at the dialer's next look, so that as many are always empty.
const EMPTY: f64 = 1.04;
/// The level counts as up from this share of its lines on.
const UP: f64 = 0.95;
/// Looking at a service that has nothing to do.
const IDLE: Duration = Duration::from_secs(3);
/// Beyond the calls' own time, for the last of them to be closed and filed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a level was like.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) calls: usize,
    pub(super) windows: Vec<Window>,
    /// Memory with none up, KiB.
    pub(super) idle_resident: u64,
    /// CPU with none up, percent of one core.
    pub(super) idle_cpu: f64,
    pub(super) heard: Heard,
    /// Whether the lines were in use before the windows began.
    pub(super) reached: bool,
    pub(super) realtime: bool,
}

/// How long the calls of a level are recorded at most: they come up, are watched, and go.
pub(super) fn lasts(options: &Options) -> Duration {
    Duration::from_secs_f64(options.call_time * 3.5) + options.window() * WINDOWS as u32
}

/// Brings the service to `calls`, watches it, and compares its books with what was done.
pub(super) fn measure(options: &Options, ground: &Ground, calls: usize) -> Result<Level, BenchError> {
    let cps = (calls as f64 / options.call_time * HASTE).ceil() as u32;
    let mut site = Site::start(
        options,
        ground.part(&format!("service-{calls}"))?,
        (calls as f64 * EMPTY).round() as usize,
        cps,
    )?;
    site.api.import(customers(options, calls))?;
    warm_up(&mut site)?;
    let (idle_resident, idle_cpu) = idle(&site)?;

    let plan = site.api.start_plan("load")?;
    let reached = come_up(options, &mut site, calls)?;
    let watched = Watched { subject: site.service.pid(), postgres: Some(site.books.server()) };
    let windows = (0..WINDOWS)
        .map(|_| Window::watch(options.window(), watched, &mut site.parties))
        .collect::<Result<Vec<_>, _>>()?;
    site.api.stop_plan(&plan)?;
    finish(options, &mut site)?;

    let heard = compare(&site.reports()?, &site.books.attempts(&plan)?, &site.vault());
    let realtime = site.parties.realtime;
    Ok(Level { calls, windows, idle_resident, idle_cpu, heard, reached, realtime })
}

/// Enough for the level to be kept up throughout, and those who warm it up.
fn customers(options: &Options, calls: usize) -> String {
    let rounds = lasts(options).as_secs_f64() / options.call_time + 1.0;
    let mut rows = String::from("external_id,name,number,class\n");
    for n in 0..WARM_UP {
        // Writing to a String does not fail, here and below.
        let _ = writeln!(rows, "w{n},客户{n},{}{n:08},warm", crate::called::HANGS_UP_AT_ONCE);
    }
    for n in 0..(calls as f64 * rounds).ceil() as usize {
        let _ = writeln!(rows, "c{n},客户{n},138{n:08},load");
    }
    rows
}

fn warm_up(site: &mut Site) -> Result<(), BenchError> {
    let plan = site.api.start_plan("warm")?;
    until(PATIENCE, "the end of the calls that warm the service up", || {
        site.service.must_run()?;
        Ok((site.parties.tally()?.ended >= WARM_UP as u64).then_some(()))
    })?;
    site.api.stop_plan(&plan)?;
    filed(site)
}

/// Memory in KiB, and CPU in percent.
fn idle(site: &Site) -> Result<(u64, f64), BenchError> {
    let (pid, began) = (site.service.pid(), Instant::now());
    let before = of_process(pid)?;
    std::thread::sleep(IDLE);
    let spent = of_process(pid)?.saturating_sub(before);
    Ok((resident(pid), spent.as_secs_f64() / began.elapsed().as_secs_f64() * 100.0))
}

/// Waits until the lines are in use and calls have begun to leave. A machine that is too small never gets there: then
/// the windows show what it carries.
fn come_up(options: &Options, site: &mut Site, calls: usize) -> Result<bool, BenchError> {
    let patience = Duration::from_secs_f64(options.call_time * 2.0);
    let enough = (calls as f64 * UP) as u64;
    let warm = site.parties.tally()?.ended;
    let came = until(patience, "the level", || {
        site.service.must_run()?;
        let tally = site.parties.tally()?;
        Ok((tally.up >= enough && tally.ended > warm).then_some(()))
    });
    match came {
        Ok(()) => Ok(true),
        Err(BenchError::Late { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Waits until the last call is over, closed and filed.
fn finish(options: &Options, site: &mut Site) -> Result<(), BenchError> {
    let patience = Duration::from_secs_f64(options.call_time) + PATIENCE;
    until(patience, "the end of the last call", || Ok((site.parties.tally()?.up == 0).then_some(())))?;
    filed(site)
}

/// Waits until every attempt is closed and every recording entered.
pub(super) fn filed(site: &mut Site) -> Result<(), BenchError> {
    until(PATIENCE, "the last recording is filed", || {
        site.service.must_run()?;
        Ok((site.books.unfinished()? == 0).then_some(()))
    })
}
