//! Whether a trunk can be used: it is pinged by OPTIONS, and calls tell how they fared.

use std::collections::VecDeque;
use std::time::Duration;

use crate::digest::{Answers, Refused};
use crate::line::{Hop, Line};
use crate::machine::Sent;
use crate::message::{Headers, Method, Request, Response};
use crate::seed::Seed;

/// What is known of a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TrunkState {
    /// Not asked yet, or never asked by configuration.
    #[default]
    Unknown,
    /// It answers.
    Reachable,
    /// It does not answer, or says that it is out of service.
    Unreachable {
        /// Why, with a remedy.
        reason: String,
    },
    /// It answers but does not accept our user and password.
    AuthFailed {
        /// Why, with a remedy.
        reason: String,
    },
}

/// What the shell has to do for the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutput {
    /// Open a client transaction with this request.
    Request(Request, Hop),
    /// End this one.
    Abandon(Sent),
    /// The state has changed.
    State(TrunkState),
}

/// How long one ping may stay unanswered: long enough for one lost datagram and its repetitions
/// at 0.5, 1.5 and 3.5 s, short enough for a quick failover.
const PATIENCE: Duration = Duration::from_secs(5);
/// How soon a silent trunk is asked again, at most.
const IMPATIENCE: Duration = Duration::from_secs(5);

/// The pinging of one trunk.
#[derive(Debug)]
pub struct Probe {
    line: Line,
    interval: Duration,
    seed: Seed,
    call_id: String,
    tag: String,
    seq: u32,
    answers: Answers,
    open: Option<Sent>,
    next: Option<Duration>,
    ping: TrunkState,
    /// Why credentials were last refused; until some are accepted.
    refused: Option<String>,
    told: TrunkState,
    out: VecDeque<ProbeOutput>,
}

impl Probe {
    /// Starts pinging at once, then every `interval`; zero never pings.
    pub fn start(now: Duration, line: Line, interval: Duration, mut seed: Seed) -> Self {
        let (call_id, tag) = (format!("ping-{}{}", seed.token(), seed.token()), seed.token());
        let mut probe = Self {
            line,
            interval,
            seed,
            call_id,
            tag,
            seq: 0,
            answers: Answers::default(),
            open: None,
            next: None,
            ping: TrunkState::Unknown,
            refused: None,
            told: TrunkState::Unknown,
            out: VecDeque::new(),
        };
        if !interval.is_zero() {
            probe.send(now);
        }
        probe
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<ProbeOutput> {
        self.out.pop_front()
    }

    /// When [`Probe::on_tick`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        self.next
    }

    /// The Call-ID of the pings.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// A response to a ping.
    pub fn on_response(&mut self, now: Duration, response: &Response) {
        let ours =
            self.open.as_ref().is_some_and(|sent| response.headers.branch() == Some(sent.branch.as_str()));
        if !ours || response.is_provisional() {
            return;
        }
        let answered = !self.answers.is_empty();
        match response.status {
            401 | 407 => return self.on_challenge(now, response),
            408 | 503 => {
                let reason = format!(
                    "{} answers {} {}: ask the carrier",
                    self.line.first_hop(),
                    response.status,
                    response.phrase
                );
                self.ping = TrunkState::Unreachable { reason };
            }
            // Any other answer, even a refusal of OPTIONS, comes from a living peer.
            _ => {
                self.ping = TrunkState::Reachable;
                if answered {
                    self.refused = None;
                }
            }
        }
        self.rest(now);
    }

    fn on_challenge(&mut self, now: Duration, response: &Response) {
        match self.answers.challenged(self.line.credentials.as_ref(), response) {
            Ok(()) => self.transmit(now),
            Err(refused) => {
                self.ping = TrunkState::Reachable;
                // A trunk without credentials may challenge strangers' OPTIONS and yet take calls.
                if refused != Refused::NoCredentials {
                    self.refused = Some(refused.to_string());
                }
                self.rest(now);
            }
        }
    }

    /// The ping could not reach the peer: `why` names the transport's error.
    pub fn on_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        if self.open.as_ref() == Some(sent) {
            self.unreachable(now, why);
        }
    }

    /// [`Probe::deadline`] has passed.
    pub fn on_tick(&mut self, now: Duration) {
        if self.next.is_none_or(|at| at > now) {
            return;
        }
        match self.open.take() {
            Some(sent) => {
                self.out.push_back(ProbeOutput::Abandon(sent));
                self.unreachable(now, "no answer to OPTIONS");
            }
            None => self.send(now),
        }
    }

    /// A call on this trunk was refused for its credentials.
    pub fn on_call_refused(&mut self, reason: &str) {
        self.refused = Some(reason.to_owned());
        self.tell();
    }

    /// A call on this trunk was not refused for its credentials, and the peer answered it.
    pub fn on_call_accepted(&mut self) {
        self.refused = None;
        self.ping = TrunkState::Reachable;
        self.tell();
    }

    fn unreachable(&mut self, now: Duration, why: &str) {
        let reason = format!(
            "{}: {why}; check the trunk's peer address, the network and the carrier",
            self.line.first_hop()
        );
        self.ping = TrunkState::Unreachable { reason };
        self.rest(now);
    }

    fn send(&mut self, now: Duration) {
        self.answers = Answers::default();
        self.transmit(now);
    }

    fn transmit(&mut self, now: Duration) {
        let branch = self.seed.branch();
        let cnonce = self.seed.token();
        self.seq += 1;
        let mut request = self.ping_request(&branch);
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in self.answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        self.open = Some(Sent::by(&request));
        self.next = Some(now + PATIENCE);
        self.out.push_back(ProbeOutput::Request(request, self.line.first_hop().clone()));
    }

    fn ping_request(&self, branch: &str) -> Request {
        let uri = self.line.peer_uri("");
        let mut headers = Headers::default();
        headers.push("Via", self.line.via(branch, self.line.first_hop()));
        headers.push("Max-Forwards", "70");
        if let Some(proxy) = &self.line.proxy {
            headers.push("Route", format!("<sip:{proxy};lr>"));
        }
        headers.push("From", format!("{};tag={}", self.line.identity.address(), self.tag));
        headers.push("To", format!("<{uri}>"));
        headers.push("Call-ID", &self.call_id);
        headers.push("CSeq", format!("{} OPTIONS", self.seq));
        headers.push("Contact", self.line.contact());
        headers.push("Accept", "application/sdp");
        headers.push("User-Agent", &self.line.user_agent);
        Request { method: Method::Options, uri, headers, body: Vec::new() }
    }

    fn rest(&mut self, now: Duration) {
        self.open = None;
        let wait = match self.ping {
            TrunkState::Unreachable { .. } => self.interval.min(IMPATIENCE),
            _ => self.interval,
        };
        self.next = Some(now + wait);
        self.tell();
    }

    fn tell(&mut self) {
        let state = match (&self.ping, &self.refused) {
            (TrunkState::Unreachable { .. }, _) | (_, None) => self.ping.clone(),
            (_, Some(reason)) => TrunkState::AuthFailed { reason: reason.clone() },
        };
        if state != self.told {
            self.told = state.clone();
            self.out.push_back(ProbeOutput::State(state));
        }
    }
}
