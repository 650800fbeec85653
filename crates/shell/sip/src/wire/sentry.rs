//! The guard behind its lock, with the clock and the counters beside it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use parking_lot::Mutex;
use uac::Transport;
use uac::guard::{Counts, Guard, Network, Policy, Standing, Strangers, Why};
use uac::wire::Limits;

use crate::clock::Clock;

/// How often the log names a stranger, at most.
const QUIET: Duration = Duration::from_secs(60);

/// Asked by the gate about every message.
#[derive(Debug)]
pub(super) struct Sentry {
    guard: Mutex<Guard>,
    clock: Clock,
    limits: Limits,
    strangers: Strangers,
    /// When the log may name a stranger again.
    quiet_until: Mutex<Duration>,
}

impl Sentry {
    pub(super) fn new(policy: Policy) -> Self {
        let (limits, strangers) = (policy.limits, policy.strangers);
        let guard = Mutex::new(Guard::new(policy, rand::random()));
        Self { guard, clock: Clock::start(), limits, strangers, quiet_until: Mutex::default() }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn strangers(&self) -> Strangers {
        self.strangers
    }

    /// The addresses of a trunk are these from now on.
    pub(super) fn trust(&self, trunk: &str, addresses: &[IpAddr]) {
        self.guard.lock().trust(trunk, addresses.iter().copied().map(Network::single).collect());
    }

    /// Whose message that is, if it is read at all.
    pub(super) fn hear(&self, from: SocketAddr, octets: usize) -> Option<Standing> {
        let heard = self.guard.lock().hear(self.clock.now(), from.ip(), octets);
        heard.inspect_err(|why| count(*why)).ok()
    }

    /// Whether that answer to a message of `asked` octets may go there.
    pub(super) fn may_answer(
        &self,
        (from, over): (SocketAddr, Transport),
        asked: usize,
        octets: usize,
    ) -> bool {
        let proven = over.is_reliable();
        let answer = self.guard.lock().answer(self.clock.now(), from.ip(), proven, asked, octets);
        answer.inspect_err(|why| count(*why)).is_ok()
    }

    /// A message had no effect.
    pub(super) fn dropped(&self, why: Why, from: SocketAddr) {
        self.guard.lock().count(why);
        count(why);
        if why == Why::Stranger {
            self.name(from);
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.guard.lock().counts().clone()
    }

    /// An operator whose carrier speaks from another address wants to know it; scanners are noise.
    fn name(&self, from: SocketAddr) {
        let now = self.clock.now();
        let mut quiet_until = self.quiet_until.lock();
        if *quiet_until <= now {
            *quiet_until = now + QUIET;
            tracing::info!(
                from = %from.ip(),
                "a request from no trunk's address was not answered: if that is your carrier, add it to trusted in [sip.guard]"
            );
        }
    }
}

fn count(why: Why) {
    metrics::counter!("huifang_sip_dropped_total", "why" => why.slug()).increment(1);
}
