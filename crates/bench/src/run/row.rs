//! A level as a row of `media.json`.

use serde::Serialize;

use super::floor::Floor;
use super::level::Level;
use super::window::{Spread, Window, by_thread};

/// The first eleven fields are what others read; those behind them explain.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Row {
    /// Calls that were to be up.
    pub(super) calls: usize,
    /// The service's CPU in percent of one core for each call that was up: the middle one of the windows.
    pub(super) cpu_percent_per_call: f64,
    /// That, divided by the bare program's.
    pub(super) floor_ratio: f64,
    /// Resident memory over that with none up.
    pub(super) rss_kib_per_call: f64,
    /// Packets of the windows that came more than 5 ms, and 20 ms, after the stream's own RTP clock.
    pub(super) late_5ms: u64,
    pub(super) late_20ms: u64,
    pub(super) lost: u64,
    /// Of all calls of the level, also those before and behind the windows.
    pub(super) keys_sent: u64,
    pub(super) keys_captured: u64,
    pub(super) recordings: u64,
    pub(super) recordings_whole: u64,

    /// Calls up on average, and whether the level was reached before the windows.
    pub(super) up: f64,
    pub(super) reached: bool,
    pub(super) packets: u64,
    /// `cpu_percent_per_call` over the windows.
    pub(super) cpu_windows: Spread,
    pub(super) cpu_percent: f64,
    /// The service's CPU by the names of its threads, in percent of one core for each call that was up.
    pub(super) threads: Vec<(String, f64)>,
    pub(super) bare_windows: Spread,
    pub(super) bare_packets: u64,
    pub(super) bare_late_5ms: u64,
    pub(super) bare_late_20ms: u64,
    pub(super) bare_lost: u64,
    pub(super) bare_foreign_percent: f64,
    pub(super) model: String,
    pub(super) idle_rss_kib: u64,
    pub(super) idle_cpu_percent: f64,
    pub(super) postgres_percent: f64,
    pub(super) called_percent: f64,
    pub(super) foreign_percent: f64,
    pub(super) interrupts_percent: f64,
    pub(super) stolen_percent: f64,
    /// Packets that the called parties sent more than 5 ms late.
    pub(super) called_late: u64,
    pub(super) realtime: bool,
    pub(super) calls_over: u64,
    pub(super) reasons: Vec<(String, u64)>,
    pub(super) odd_packets: u64,
    pub(super) keys_phantom: u64,
    pub(super) prompts_whole: u64,
    pub(super) recording_worst_ms: f64,
    /// Blocks of 20 ms that the customers said in the recordings heard through, how many of them lie within 20 ms of
    /// their place, and how far the worst lies from it.
    pub(super) blocks: u64,
    pub(super) blocks_placed: u64,
    pub(super) worst_shift_ms: f64,
}

impl Row {
    pub(super) fn of(level: Level, floor: Floor) -> Self {
        let (windows, bare) = (&level.windows, &floor.windows);
        let total = |windows: &[Window], figure: fn(&Window) -> u64| windows.iter().map(figure).sum::<u64>();
        let median = |figure: fn(&Window) -> f64| Spread::of(windows, figure).median;
        let cpu = Spread::of(windows, Window::cpu_per_call);
        let bare_cpu = Spread::of(bare, Window::cpu_per_call);
        let idle = level.idle_resident as f64;
        Self {
            calls: level.calls,
            cpu_percent_per_call: cpu.median,
            floor_ratio: cpu.median / bare_cpu.median,
            rss_kib_per_call: Spread::of(windows, |window| (window.resident - idle) / window.up.max(1.0))
                .median,
            late_5ms: total(windows, |window| window.tally.late_5ms),
            late_20ms: total(windows, |window| window.tally.late_20ms),
            lost: total(windows, |window| window.tally.lost),
            keys_sent: level.heard.keys_sent,
            keys_captured: level.heard.keys_captured,
            recordings: level.heard.recordings,
            recordings_whole: level.heard.recordings_whole,
            up: median(|window| window.up),
            reached: level.reached,
            packets: total(windows, |window| window.tally.received),
            cpu_windows: cpu,
            cpu_percent: median(|window| window.cpu),
            threads: by_thread(windows, |window, percent| percent / window.up.max(1.0)),
            bare_windows: bare_cpu,
            bare_packets: total(bare, |window| window.tally.received),
            bare_late_5ms: total(bare, |window| window.tally.late_5ms),
            bare_late_20ms: total(bare, |window| window.tally.late_20ms),
            bare_lost: total(bare, |window| window.tally.lost),
            bare_foreign_percent: Spread::of(bare, |window| window.cpu_foreign).median,
            model: floor.report.model,
            idle_rss_kib: level.idle_resident,
            idle_cpu_percent: level.idle_cpu,
            postgres_percent: median(|window| window.cpu_postgres),
            called_percent: median(|window| window.cpu_called),
            foreign_percent: median(|window| window.cpu_foreign),
            interrupts_percent: median(|window| window.cpu_interrupts),
            stolen_percent: median(|window| window.cpu_stolen),
            called_late: total(windows, |window| window.tally.sent_late),
            realtime: level.realtime,
            calls_over: level.heard.calls,
            reasons: level.heard.reasons,
            odd_packets: total(windows, |window| window.tally.odd),
            keys_phantom: level.heard.keys_phantom,
            prompts_whole: level.heard.prompts_whole,
            recording_worst_ms: level.heard.worst_ms,
            blocks: level.heard.placed.said,
            blocks_placed: level.heard.placed.placed,
            worst_shift_ms: level.heard.placed.worst as f64 / 8.0,
        }
    }

    /// Packets late by more than 5 ms in percent of all, the service's and the bare program's.
    pub(super) fn late_5ms_percent(&self) -> (f64, f64) {
        (percent(self.late_5ms, self.packets), percent(self.bare_late_5ms, self.bare_packets))
    }

    /// By more than 20 ms.
    pub(super) fn late_20ms_percent(&self) -> (f64, f64) {
        (percent(self.late_20ms, self.packets), percent(self.bare_late_20ms, self.bare_packets))
    }
}

/// A part of a whole; 0 of nothing.
pub(super) fn percent(part: u64, all: u64) -> f64 {
    part as f64 / all.max(1) as f64 * 100.0
}
