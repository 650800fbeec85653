//! What the programs tell each other, one JSON object a line.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// What `bare` prints at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BareReport {
    /// The way of using sockets that was asked for.
    pub model: String,
    pub calls: usize,
    /// Its own `utime` + `stime` over `elapsed_seconds`.
    pub cpu_seconds: f64,
    /// From the first tick to the last, binding and the end of the files left out.
    pub elapsed_seconds: f64,
    pub packets_sent: u64,
    pub packets_received: u64,
}

/// What `called` prints once it can be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Whether it runs with a real-time priority.
    pub realtime: bool,
}

/// What `called` has counted since its start; the difference of two is a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls that are up now.
    pub up: u64,
    /// Calls answered.
    pub answered: u64,
    /// Calls over.
    pub ended: u64,
    /// RTP packets received of the calls that are up or were.
    pub received: u64,
    /// Received more than 5 ms later than the stream's own RTP clock says.
    pub late_5ms: u64,
    /// Received more than 20 ms later; these are in `late_5ms` too.
    pub late_20ms: u64,
    /// Packets that the sequence numbers, the timestamps or the end of the stream say were to come and did not.
    pub lost: u64,
    /// Packets out of order, twice, of another length or payload type, or of another source.
    pub odd: u64,
    /// RTP packets sent.
    pub sent: u64,
    /// Sent more than 5 ms after they were due: where these are many, the other figures say nothing.
    pub sent_late: u64,
    /// Keys pressed, each with its end.
    pub keys: u64,
    /// Prompts heard to their end.
    pub prompts: u64,
}

impl Tally {
    fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            up: of(self.up, other.up),
            answered: of(self.answered, other.answered),
            ended: of(self.ended, other.ended),
            received: of(self.received, other.received),
            late_5ms: of(self.late_5ms, other.late_5ms),
            late_20ms: of(self.late_20ms, other.late_20ms),
            lost: of(self.lost, other.lost),
            odd: of(self.odd, other.odd),
            sent: of(self.sent, other.sent),
            sent_late: of(self.sent_late, other.sent_late),
            keys: of(self.keys, other.keys),
            prompts: of(self.prompts, other.prompts),
        }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }
}

impl Sub for Tally {
    type Output = Self;

    /// What was counted since `before`. Fewer calls may be up than then, which says nothing: `up` is 0 at least.
    fn sub(self, before: Self) -> Self {
        self.each(before, u64::saturating_sub)
    }
}
