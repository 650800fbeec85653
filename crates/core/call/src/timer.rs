//! The timers of a call; each is named after why it fires.

use std::time::Duration;

use records::CallPolicy;

/// Why a call stops waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// No sign of ringing came.
    SetupLimit,
    /// It rang long enough and nobody answered.
    RingTime,
    /// The caller's side never acknowledged our answer.
    Unconfirmed,
    /// Answered, but no packet came.
    NoMedia,
    /// No call lasts longer.
    LongestCall,
    /// The customer pressed no key.
    NoKey,
    /// The customer did not hang up after the closing.
    HangUpGrace,
    /// The store did not confirm a fact.
    StoreSilent,
    /// The media side did not report the end of a span.
    SpanUnreported,
    /// The other side never confirmed our BYE or CANCEL.
    TeardownUnconfirmed,
}

impl Timer {
    const ALL: [Self; 10] = [
        Self::SetupLimit,
        Self::RingTime,
        Self::Unconfirmed,
        Self::NoMedia,
        Self::LongestCall,
        Self::NoKey,
        Self::HangUpGrace,
        Self::StoreSilent,
        Self::SpanUnreported,
        Self::TeardownUnconfirmed,
    ];
}

/// How long the call bears with its own side; a plan's figures are in [`CallPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the store to confirm a fact; the customer hears silence meanwhile.
    pub save: Duration,
    /// For our BYE or CANCEL to be confirmed: a little more than 64 × T1 (RFC 3261 timers F and H).
    pub teardown: Duration,
    /// For the media side to report a span, beyond the span's own longest time.
    pub span_report: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            save: Duration::from_secs(5),
            teardown: Duration::from_secs(35),
            span_report: Duration::from_secs(2),
        }
    }
}

/// How long ringing may be waited for: never shorter than the ring time itself.
pub(crate) fn setup_limit(policy: &CallPolicy) -> Duration {
    policy.setup_limit.max(policy.ring_time)
}

/// The longest a call can live, from its start to [`crate::Output::Ended`], whatever happens in it.
pub fn longest_life(policy: &CallPolicy, limits: &Limits) -> Duration {
    let before_answer = setup_limit(policy) + policy.ring_time;
    let after_end = limits.teardown + limits.span_report + limits.save * 2;
    before_answer + policy.longest_call + after_end
}

/// The timers that run, each at most once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers([Option<Duration>; Timer::ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Duration) {
        self.0[timer as usize] = Some(at);
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn runs(&self, timer: Timer) -> bool {
        self.0[timer as usize].is_some()
    }

    pub(crate) fn earliest(&self) -> Option<(Duration, Timer)> {
        Timer::ALL
            .into_iter()
            .filter_map(|timer| Some((self.0[timer as usize]?, timer)))
            .min_by_key(|(at, _)| *at)
    }

    /// Takes the earliest timer that is due.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<Timer> {
        let (_, timer) = self.earliest().filter(|(at, _)| *at <= now)?;
        self.stop(timer);
        Some(timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_timers_fire_in_order_of_time_and_only_once() {
        let mut timers = Timers::default();
        timers.set(Timer::NoKey, Duration::from_secs(2));
        timers.set(Timer::NoMedia, Duration::from_secs(1));
        timers.set(Timer::LongestCall, Duration::from_secs(9));
        let fired: Vec<_> = std::iter::from_fn(|| timers.take_due(Duration::from_secs(2))).collect();
        assert_eq!(fired, [Timer::NoMedia, Timer::NoKey]);
        assert_eq!(timers.earliest(), Some((Duration::from_secs(9), Timer::LongestCall)));
    }
}
