//! A breaker per trunk: after failures it is left alone for a while, then one call tries it.

use std::collections::VecDeque;
use std::time::Duration;

use records::Reason;

/// Calls remembered of one window; more change the share little.
const MOST: usize = 1000;

/// When a breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Opens after so many failed calls in a row.
    pub in_a_row: u32,
    /// Opens when `share` of at least `least` calls within `window` failed.
    pub window: Duration,
    pub least: u32,
    /// 0 to 1.
    pub share: f64,
    /// How long it stays open at first; each time that the try fails twice as long, up to `longest_rest`.
    pub rest: Duration,
    pub longest_rest: Duration,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            in_a_row: 5,
            window: Duration::from_secs(60),
            least: 10,
            share: 0.5,
            rest: Duration::from_secs(10),
            longest_rest: Duration::from_secs(300),
        }
    }
}

/// What a call's end says about its trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The trunk did its part.
    Sound,
    /// It failed: counts in a row and in the share.
    Failed,
    /// Codec or media failed, which may be one customer's telephone: counts in the share alone.
    MediaFailed,
    /// Nothing.
    Nothing,
}

impl From<Reason> for Ending {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::TrunkUnreachable | Reason::TrunkCongested | Reason::TrunkAuthFailed => Self::Failed,
            Reason::NoCommonCodec | Reason::NoMedia => Self::MediaFailed,
            Reason::RecorderUnavailable | Reason::Cancelled | Reason::Unknown => Self::Nothing,
            _ => Self::Sound,
        }
    }
}

/// A change worth telling.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// No calls for so long.
    Opened { rest: Duration, why: Why },
    /// Calls go as usual again.
    Closed,
}

/// Why it opened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    InARow(u32),
    Share {
        failed: u32,
        of: u32,
    },
    /// The call that tried it failed.
    ProbeFailed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    /// Until then no call; from then on one that tries.
    Open {
        until: Duration,
    },
    /// A call tries it.
    Probing,
}

/// The breaker of one trunk.
#[derive(Clone, Debug)]
pub struct Breaker {
    figures: Figures,
    state: State,
    in_a_row: u32,
    /// When calls ended, and whether they failed.
    ends: VecDeque<(Duration, bool)>,
    /// Openings without a sound spell between them.
    openings: u32,
    changed_at: Duration,
}

impl Breaker {
    /// Closed.
    pub fn new(figures: Figures) -> Self {
        Self {
            figures,
            state: State::Closed,
            in_a_row: 0,
            ends: VecDeque::new(),
            openings: 0,
            changed_at: Duration::ZERO,
        }
    }

    /// Whether a call may be placed now.
    pub fn admits(&self, now: Duration) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until } => now >= until,
            State::Probing => false,
        }
    }

    /// Whether it is open, trying included.
    pub fn is_open(&self) -> bool {
        self.state != State::Closed
    }

    /// How long until a call may try; `None` when closed.
    pub fn rests(&self, now: Duration) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { until } => Some(until.saturating_sub(now)),
            State::Probing => Some(Duration::ZERO),
        }
    }

    /// A call is placed, which [`Breaker::admits`] allowed; answers whether it is the one that tries.
    pub fn placed(&mut self) -> bool {
        let probe = self.is_open();
        if probe {
            self.state = State::Probing;
        }
        probe
    }

    /// The carrier took the call: it rings or is answered. The call itself may last long.
    pub fn taken(&mut self, now: Duration, probe: bool) -> Option<Change> {
        self.in_a_row = 0;
        (probe && self.state == State::Probing).then(|| self.close(now))
    }

    /// The call is over, whoever saw it as a probe first.
    pub fn ended(&mut self, now: Duration, ending: Ending, probe: bool) -> Option<Change> {
        match self.state {
            State::Probing if probe => self.probed(now, ending),
            // Calls from before it opened say nothing new.
            State::Probing | State::Open { .. } => None,
            State::Closed => self.counted(now, ending),
        }
    }

    fn probed(&mut self, now: Duration, ending: Ending) -> Option<Change> {
        match ending {
            Ending::Sound => Some(self.close(now)),
            Ending::Failed | Ending::MediaFailed => Some(self.open(now, Why::ProbeFailed)),
            // Another call may try at once.
            Ending::Nothing => {
                self.state = State::Open { until: now };
                None
            }
        }
    }

    fn counted(&mut self, now: Duration, ending: Ending) -> Option<Change> {
        let failed = match ending {
            Ending::Nothing => return None,
            Ending::Sound => false,
            Ending::Failed | Ending::MediaFailed => true,
        };
        match ending {
            Ending::Failed => self.in_a_row += 1,
            Ending::Sound => self.in_a_row = 0,
            _ => {}
        }
        self.ends.push_back((now, failed));
        let from = now.saturating_sub(self.figures.window);
        while self.ends.len() > MOST || self.ends.front().is_some_and(|(at, _)| *at < from) {
            self.ends.pop_front();
        }
        // Having held for a whole window, the next rest begins short again.
        if now.saturating_sub(self.changed_at) >= self.figures.window {
            self.openings = 0;
        }
        if self.in_a_row >= self.figures.in_a_row {
            return Some(self.open(now, Why::InARow(self.in_a_row)));
        }
        let of = self.ends.len() as u32;
        let bad = self.ends.iter().filter(|(_, failed)| *failed).count() as u32;
        let high = failed && of >= self.figures.least && f64::from(bad) >= f64::from(of) * self.figures.share;
        high.then(|| self.open(now, Why::Share { failed: bad, of }))
    }

    fn open(&mut self, now: Duration, why: Why) -> Change {
        let doubled = self.figures.rest.saturating_mul(1 << self.openings.min(16));
        let rest = doubled.min(self.figures.longest_rest).max(self.figures.rest);
        self.openings += 1;
        self.state = State::Open { until: now + rest };
        self.begin(now);
        Change::Opened { rest, why }
    }

    fn close(&mut self, now: Duration) -> Change {
        self.state = State::Closed;
        self.begin(now);
        Change::Closed
    }

    fn begin(&mut self, now: Duration) {
        self.changed_at = now;
        self.in_a_row = 0;
        self.ends.clear();
    }
}
