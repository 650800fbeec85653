//! Whether a trunk can be used: each of its ways is pinged by OPTIONS, calls tell how they fared,
//! and a registered trunk must be registered.
//!
//! A living way is asked once an interval. A call that hears nothing lets its way be doubted
//! ([`Probe::suspect`]): it is asked at once, and is down when that ping stays unanswered for 3 s.
//! A way that is down is asked again after 1, 2, 4 … 10 s and is up with its first answer.

mod ping;
mod state;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::digest::Refused;
use crate::line::{Hop, Line};
use crate::machine::Sent;
use crate::message::{Request, Response};
use crate::registration::RegistrationState;
use crate::seed::Seed;
use crate::ways::{WayState, Ways};
use ping::Ping;
pub use state::TrunkState;

/// What the shell has to do for the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutput {
    /// Open a client transaction with this request.
    Request(Request, Hop),
    /// End this one.
    Abandon(Sent),
    /// What is known of the ways has changed.
    Ways(Ways),
    /// The state of the trunk has changed.
    State(TrunkState),
}

/// Two pings of one trunk are at least this far apart, however many ways it has.
const PACE: Duration = Duration::from_millis(50);
/// Where nothing is ever asked, a way that a call heard nothing from is avoided this long.
const AVOIDED: Duration = Duration::from_secs(30);
/// A call refused for its credentials closes the trunk this long; then the next call tries again.
/// Without it a carrier's passing fault would close the trunk for ever.
const REFUSAL: Duration = Duration::from_secs(300);

/// The pinging of one trunk.
#[derive(Debug)]
pub struct Probe {
    line: Line,
    /// Zero never pings.
    interval: Duration,
    seed: Seed,
    ways: Ways,
    /// One for each way, in the same order.
    pings: Vec<Ping>,
    /// No ping leaves before.
    free_at: Duration,
    refusal: Option<Refusal>,
    /// How the trunk's registration stands, where it has one.
    registration: Option<RegistrationState>,
    told: (Ways, TrunkState),
    out: VecDeque<ProbeOutput>,
}

/// Credentials were refused, and not accepted since.
#[derive(Debug)]
struct Refusal {
    why: String,
    until: Duration,
}

impl Probe {
    /// Starts pinging the ways of `line` at once, then every `interval`; zero never pings. A line
    /// that is not resolved yet is pinged by its name.
    pub fn start(now: Duration, line: Line, interval: Duration, seed: Seed) -> Self {
        let ways = if line.ways.is_empty() { vec![line.configured_hop().clone()] } else { line.ways.clone() };
        let mut probe = Self {
            line,
            interval,
            seed,
            ways: Ways::default(),
            pings: Vec::new(),
            free_at: now,
            refusal: None,
            registration: None,
            told: (Ways::default(), TrunkState::Unknown),
            out: VecDeque::new(),
        };
        probe.replace(now, ways);
        probe
    }

    /// The ways as they are resolved now. What is known of those that stay is kept.
    pub fn replace(&mut self, now: Duration, hops: Vec<Hop>) {
        let mut ways = Ways::unknown(now, hops);
        let mut old: Vec<Option<Ping>> = std::mem::take(&mut self.pings).into_iter().map(Some).collect();
        for index in 0..ways.iter().count() {
            let kept = self.ways.position(ways.hop(index));
            let ping = kept.and_then(|kept| old[kept].take());
            if let Some(way) = kept.and_then(|kept| self.ways.iter().nth(kept)) {
                ways.learn(way.since, index, way.state.clone());
            }
            let first = (!self.interval.is_zero()).then_some(now);
            self.pings.push(ping.unwrap_or_else(|| Ping::new(&mut self.seed, first)));
        }
        for open in old.into_iter().flatten().filter_map(|ping| ping.open) {
            self.out.push_back(ProbeOutput::Abandon(open.sent));
        }
        self.ways = ways;
        self.on_tick(now);
    }

    /// What is known of the ways.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<ProbeOutput> {
        self.out.pop_front()
    }

    /// When [`Probe::on_tick`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        let due = self.pings.iter().filter_map(|ping| match &ping.open {
            Some(open) => Some(open.until),
            None => ping.next.map(|next| next.max(self.free_at)),
        });
        due.chain(self.refusal.as_ref().map(|refusal| refusal.until)).min()
    }

    /// The response to a ping, from that address.
    pub fn on_response(&mut self, now: Duration, response: &Response, from: IpAddr) {
        let branch = response.headers.branch();
        let ours = |ping: &Ping| ping.open.as_ref().is_some_and(|open| branch == Some(&open.sent.branch));
        let Some(index) = self.pings.iter().position(ours).filter(|_| !response.is_provisional()) else {
            return;
        };
        match response.status {
            401 | 407 => return self.on_challenge(now, index, response, from),
            408 | 503 => {
                let why = format!("answers {} {}: ask the carrier", response.status, response.phrase);
                self.down(now, index, why);
            }
            // Any other answer, even a refusal of OPTIONS, comes from a living peer.
            _ => {
                if !self.pings[index].answers.is_empty() {
                    self.refusal = None;
                }
                self.up(now, index);
            }
        }
        self.tell();
    }

    fn on_challenge(&mut self, now: Duration, index: usize, response: &Response, from: IpAddr) {
        let hop = self.ways.hop(index).clone();
        match self.pings[index].answers.challenged(&self.line, response, (from, &hop)) {
            Ok(()) => self.transmit(now, index),
            Err(refused) => {
                // A trunk without credentials may challenge strangers' OPTIONS and yet take calls.
                if !matches!(refused, Refused::NoCredentials) {
                    self.refused(now, refused.to_string());
                }
                self.up(now, index);
                self.tell();
            }
        }
    }

    /// A ping could not reach its way: `why` names the transport's error.
    pub fn on_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        let is_open = |ping: &Ping| ping.open.as_ref().is_some_and(|open| open.sent == *sent);
        if let Some(index) = self.pings.iter().position(is_open) {
            self.down(now, index, why.to_owned());
            self.tell();
        }
    }

    /// [`Probe::deadline`] has passed.
    pub fn on_tick(&mut self, now: Duration) {
        for index in 0..self.pings.len() {
            if let Some(open) = self.pings[index].open.take_if(|open| open.until <= now) {
                self.out.push_back(ProbeOutput::Abandon(open.sent));
                self.down(now, index, "no answer to OPTIONS".to_owned());
            }
        }
        self.send_due(now);
        self.refusal.take_if(|refusal| refusal.until <= now);
        self.tell();
    }

    /// The ping that has waited longest; the others wait for their turn.
    fn send_due(&mut self, now: Duration) {
        let due = |ping: &&(usize, Duration)| ping.1 <= now;
        let waiting = self.pings.iter().enumerate().filter(|(_, ping)| ping.open.is_none());
        let waiting: Vec<_> = waiting.filter_map(|(index, ping)| Some((index, ping.next?))).collect();
        let Some(&(index, _)) = waiting.iter().filter(due).min_by_key(|(_, next)| *next) else { return };
        if self.interval.is_zero() {
            // Nothing is asked: the time for which the way was avoided is over.
            self.pings[index].next = None;
            return self.ways.learn(now, index, WayState::Unknown);
        }
        if now >= self.free_at {
            self.free_at = now + PACE;
            self.pings[index].answers = crate::digest::Answers::default();
            self.transmit(now, index);
        }
    }

    /// A call heard nothing from that way: is it alive?
    pub fn suspect(&mut self, now: Duration, hop: &Hop) {
        let Some(index) = self.ways.position(hop) else { return };
        if self.interval.is_zero() {
            self.ways.learn(now, index, WayState::Down { why: "no answer to a call".to_owned() });
            self.pings[index].next = Some(now + AVOIDED);
        } else {
            self.pings[index].hurry(now);
            self.send_due(now);
        }
        self.tell();
    }

    /// A call heard from that way: it is alive.
    pub fn on_call_heard(&mut self, now: Duration, hop: &Hop) {
        if let Some(index) = self.ways.position(hop) {
            self.ways.learn(now, index, WayState::Up);
            self.tell();
        }
    }

    /// A call on this trunk was refused for its credentials.
    pub fn on_call_refused(&mut self, now: Duration, reason: &str) {
        self.refused(now, reason.to_owned());
        self.tell();
    }

    /// A call on this trunk was not refused for its credentials.
    pub fn on_call_accepted(&mut self) {
        self.refusal = None;
        self.tell();
    }

    /// How the trunk's registration stands.
    pub fn on_registration(&mut self, state: RegistrationState) {
        if matches!(state, RegistrationState::Registered(_)) {
            self.refusal = None;
        }
        self.registration = Some(state);
        self.tell();
    }

    fn refused(&mut self, now: Duration, why: String) {
        self.refusal = Some(Refusal { why, until: now + REFUSAL });
    }

    fn up(&mut self, now: Duration, index: usize) {
        self.ways.learn(now, index, WayState::Up);
        self.pings[index].rest(now, self.interval);
    }

    fn down(&mut self, now: Duration, index: usize, why: String) {
        self.ways.learn(now, index, WayState::Down { why });
        self.pings[index].back_off(now, self.interval);
    }

    fn transmit(&mut self, now: Duration, index: usize) {
        let hop = self.ways.hop(index).clone();
        let request = self.pings[index].request(now, &self.line, &hop, &mut self.seed);
        self.out.push_back(ProbeOutput::Request(request, hop));
    }

    /// What is known of the trunk.
    pub fn state(&self) -> TrunkState {
        let reached = match () {
            () if self.ways.any_up() => TrunkState::Reachable,
            // Silence on a call is not enough to close a trunk that is never asked.
            () if self.interval.is_zero() => TrunkState::Unasked,
            () if self.ways.all_down() => TrunkState::Unreachable {
                reason: format!(
                    "{}; check the trunk's peer address, the network and the carrier",
                    self.ways.troubles()
                ),
            },
            () => TrunkState::Unknown,
        };
        match (reached, &self.registration, &self.refusal) {
            (down @ TrunkState::Unreachable { .. }, _, _) => down,
            (_, Some(RegistrationState::AuthFailed { reason }), _) => {
                TrunkState::AuthFailed { reason: reason.clone() }
            }
            (_, _, Some(refusal)) => TrunkState::AuthFailed { reason: refusal.why.clone() },
            (_, Some(RegistrationState::Failed { reason }), _) => {
                TrunkState::Unregistered { reason: reason.clone() }
            }
            (_, Some(RegistrationState::Ended), _) => {
                TrunkState::Unregistered { reason: "the registration was given back: start again".to_owned() }
            }
            (_, Some(RegistrationState::Registering), _) => TrunkState::Unknown,
            (reached, _, None) => reached,
        }
    }

    fn tell(&mut self) {
        if self.ways != self.told.0 {
            self.told.0 = self.ways.clone();
            self.out.push_back(ProbeOutput::Ways(self.ways.clone()));
        }
        let state = self.state();
        if state != self.told.1 {
            self.told.1 = state.clone();
            self.out.push_back(ProbeOutput::State(state));
        }
    }
}
