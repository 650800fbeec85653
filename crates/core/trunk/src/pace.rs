//! Calls per second: a sliding window over the moments at which INVITEs left.

use std::collections::VecDeque;
use std::time::Duration;

/// A second, and what the jitter of the way to the carrier may squeeze out of it.
pub const WINDOW: Duration = Duration::from_millis(1020);

/// At most so many INVITEs in any [`WINDOW`], spaced evenly.
///
/// A turn is held from its grant until the INVITE has left, or until it is given back; turns held and INVITEs of the
/// last window together never exceed the rate. A token bucket would let twice the rate through at a boundary.
#[derive(Clone, Debug)]
pub struct Pace {
    per_second: u32,
    held: u32,
    /// When the INVITEs of the last window left, the oldest first.
    sent: VecDeque<Duration>,
    /// Not before then, so that calls come evenly.
    next: Duration,
}

/// The answer to who asks for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is granted: send, or give it back.
    Granted,
    /// Ask again then.
    At(Duration),
    /// All turns are held: ask again when one is given back or its INVITE has left.
    OnChange,
}

impl Pace {
    /// At most `per_second` calls a second; at 0 nobody gets a turn.
    pub fn per_second(per_second: u32) -> Self {
        Self { per_second, held: 0, sent: VecDeque::new(), next: Duration::ZERO }
    }

    /// Another rate from now on. INVITEs of the last window count under it as under the old one.
    pub fn change(&mut self, per_second: u32) {
        self.per_second = per_second;
    }

    /// Asks for a turn.
    pub fn ask(&mut self, now: Duration) -> Turn {
        self.forget(now);
        if self.per_second == 0 {
            return Turn::OnChange;
        }
        if now < self.next {
            return Turn::At(self.next);
        }
        if self.used() < self.per_second {
            self.held += 1;
            // Who came a little late does not put off all after it.
            let spacing = Duration::from_secs(1) / self.per_second;
            self.next = self.next.max(now.saturating_sub(spacing)) + spacing;
            return Turn::Granted;
        }
        self.sent.front().map_or(Turn::OnChange, |oldest| Turn::At(*oldest + WINDOW))
    }

    /// The INVITE of a granted turn has left, now at the latest: a later moment keeps the turn longer, an earlier one
    /// would break the promise.
    pub fn sent(&mut self, now: Duration) {
        self.forget(now);
        self.held = self.held.saturating_sub(1);
        self.sent.push_back(now);
    }

    /// A granted turn is not needed.
    pub fn give_back(&mut self) {
        self.held = self.held.saturating_sub(1);
    }

    /// INVITEs of the last second, and turns that are held.
    pub fn used(&self) -> u32 {
        self.held + self.sent.len() as u32
    }

    /// The same as of `now`.
    pub fn used_at(&mut self, now: Duration) -> u32 {
        self.forget(now);
        self.used()
    }

    fn forget(&mut self, now: Duration) {
        while self.sent.front().is_some_and(|oldest| *oldest + WINDOW <= now) {
            self.sent.pop_front();
        }
    }
}
