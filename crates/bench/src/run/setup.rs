//! What it costs to set a call up and tear it down: called parties that hang up as soon as they are connected.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::BenchError;
use super::ground::Ground;
use super::level::filed;
use super::options::Options;
use super::process::until;
use super::site::Site;
use super::window::{Spread, WINDOWS, Watched, Window, by_thread};
use crate::called::HANGS_UP_AT_ONCE;

/// Until the calls come evenly.
const SETTLE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);
/// Lines for calls that overlap: two seconds of calls.
const OVERLAP: usize = 2;

/// What the windows say.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Setup {
    /// Calls a second that were asked for, and that ended.
    pub(super) asked_per_second: u32,
    pub(super) per_second: f64,
    /// Of the service for each call, in milliseconds: everything it did, divided by the calls that ended.
    pub(super) cpu_ms: Spread,
    /// The same by the names of its threads, in milliseconds.
    pub(super) threads: Vec<(String, f64)>,
    /// Of Postgres for each call.
    pub(super) postgres_ms: Spread,
    /// All other CPU, percent of one core.
    pub(super) cpu_foreign: f64,
}

/// Calls so many a second.
pub(super) fn measure(options: &Options, ground: &Ground, cps: u32) -> Result<Setup, BenchError> {
    let mut site = Site::start(options, ground.part("short")?, cps as usize * OVERLAP, cps)?;
    let lasts = SETTLE + options.window() * (WINDOWS as u32 + 1);
    site.api.import(customers(cps, lasts))?;
    let plan = site.api.start_plan("short")?;
    until(PATIENCE, "the first short calls are over", || {
        site.service.must_run()?;
        Ok((site.parties.tally()?.ended >= u64::from(cps) * SETTLE.as_secs()).then_some(()))
    })?;
    let watched = Watched { subject: site.service.pid(), postgres: Some(site.books.server()) };
    let windows = (0..WINDOWS)
        .map(|_| Window::watch(options.window(), watched, &mut site.parties))
        .collect::<Result<Vec<_>, _>>()?;
    site.api.stop_plan(&plan)?;
    until(PATIENCE, "the last short call is over", || Ok((site.parties.tally()?.up == 0).then_some(())))?;
    filed(&mut site)?;
    Ok(Setup {
        asked_per_second: cps,
        per_second: Spread::of(&windows, |window| window.tally.ended as f64 / window.seconds).median,
        cpu_ms: Spread::of(&windows, |window| per_call(window, window.cpu)),
        threads: by_thread(&windows, per_call),
        postgres_ms: Spread::of(&windows, |window| per_call(window, window.cpu_postgres)),
        cpu_foreign: Spread::of(&windows, |window| window.cpu_foreign).median,
    })
}

/// Milliseconds for each call of what took so many percent of a core.
fn per_call(window: &Window, percent: f64) -> f64 {
    percent / 100.0 * window.seconds * 1e3 / window.tally.ended.max(1) as f64
}

fn customers(cps: u32, lasts: Duration) -> String {
    let mut rows = String::from("external_id,name,number,class\n");
    for n in 0..u64::from(cps) * lasts.as_secs() {
        // Writing to a String does not fail.
        let _ = writeln!(rows, "s{n},客户{n},{HANGS_UP_AT_ONCE}{n:08},short");
    }
    rows
}
