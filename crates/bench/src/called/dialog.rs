//! One call's dialog (RFC 3261 section 12), as far as a called party needs it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// T1 and T2 of RFC 3261.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// 64·T1: after this nobody answers any more.
const GIVE_UP: Duration = Duration::from_secs(32);

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Our 200 is repeated until the ACK.
    Answered,
    Up,
    /// Our BYE is repeated until its 200.
    HangingUp,
    /// Kept for what is repeated to us.
    Over,
}

#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) call_id: String,
    /// Our From in requests of our own: the INVITE's To with our tag.
    pub(super) us: String,
    /// The INVITE's From.
    pub(super) them: String,
    /// The INVITE's Contact.
    pub(super) target: String,
    pub(super) peer: SocketAddr,
    pub(super) phase: Phase,
    /// When our 200 left first.
    pub(super) answered: Instant,
    /// Hangs up with the ACK.
    pub(super) at_once: bool,
    /// Our 200 to the INVITE, while it may be asked for again.
    pub(super) answer: String,
    /// What is repeated, and how.
    pub(super) repeat: Repeat,
}

/// Repetition of our last message: doubled intervals up to T2, given up after 64·T1.
#[derive(Clone, Debug)]
pub(super) struct Repeat {
    pub(super) message: String,
    interval: Duration,
    since: Instant,
}

impl Repeat {
    pub(super) fn of(message: String, now: Instant) -> Self {
        Self { message, interval: T1, since: now }
    }

    /// When it is sent the first time again.
    pub(super) fn first(&self) -> Instant {
        self.since + self.interval
    }

    /// It was repeated just now: when next, or never again.
    pub(super) fn next(&mut self, now: Instant) -> Option<Instant> {
        self.interval = (self.interval * 2).min(T2);
        (now < self.since + GIVE_UP).then(|| now + self.interval)
    }
}
