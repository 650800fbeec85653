//! The registration of a trunk (RFC 3261 section 10): asked for, refreshed, followed when our
//! address changes, given back at the end.
//!
//! Feed responses, losses and ticks with `now`, drain [`Registration::poll`], then sleep until
//! [`Registration::deadline`].
//!
//! A refresh goes out at 85 to 90 % of the lifetime. A registrar that does not answer within 10 s,
//! or has trouble, is tried over the trunk's next way; when all are tried, after a pause that
//! doubles up to five minutes, half of it random (RFC 5626 section 4.5). A binding that could not
//! be refreshed counts until it expires.

mod answer;
mod instance;
mod request;
mod state;
mod trouble;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::digest::Answers;
use crate::line::{Hop, Line};
use crate::machine::Sent;
use crate::message::Request;
use crate::seed::Seed;
pub use instance::instance;
use request::{Asked, contact_uri};
pub use state::{Binding, Registrar, RegistrationState};

/// What the shell has to do for the registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationOutput {
    /// Open a client transaction with this request.
    Request(Request, Hop),
    /// End this one.
    Abandon(Sent),
    /// How it stands has changed.
    State(RegistrationState),
    /// Tell the operator, with a remedy.
    Warn(String),
}

/// How long one REGISTER may stay unanswered: on UDP it is sent at 0, 0.5, 1.5, 3.5 and 7.5 s.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of the service waits for the binding to be given back.
const FAREWELL: Duration = Duration::from_secs(2);
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A registrar that refused the password is asked no sooner: some lock an account that insists.
const REFUSED_PAUSE: Duration = Duration::from_secs(300);
/// Calls that were refused let the binding be checked no more often than this.
const CHECK_PAUSE: Duration = Duration::from_secs(30);
/// No registrar is followed to a longer lifetime than a day.
const LONGEST_EXPIRES: Duration = Duration::from_secs(86_400);
/// Requests for one binding before it counts as failed: challenges, 423, a nonce that was too old.
const MOST_REQUESTS: u8 = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    /// Bind our Contact.
    Bind,
    /// Give back the Contact of before our address changed.
    Remove(String),
    /// Give back ours, at the end.
    End,
}

#[derive(Debug)]
struct Open {
    sent: Sent,
    hop: Hop,
    purpose: Purpose,
    until: Duration,
}

/// The registration of one trunk.
#[derive(Debug)]
pub struct Registration {
    registrar: Registrar,
    line: Line,
    seed: Seed,
    call_id: String,
    tag: String,
    seq: u32,
    answers: Answers,
    /// Lifetime asked for, as a 423 may have raised it.
    expires: Duration,
    open: Option<Open>,
    /// Requests sent for the binding that is being asked for.
    requests: u8,
    /// Ways that are still to be tried for it.
    untried: Vec<Hop>,
    /// When to ask again.
    next: Option<Duration>,
    failures: u32,
    checked_at: Option<Duration>,
    /// The Contact of before our address changed, bound until `.1`.
    old: Option<(String, Duration)>,
    /// SHA-256 was asked of us once.
    strong: bool,
    /// Our address as the shell last told it.
    told: Hop,
    /// The address we were last seen under, as warned of or followed.
    seen: Option<(IpAddr, Option<u16>)>,
    state: RegistrationState,
    out: VecDeque<RegistrationOutput>,
}

impl Registration {
    /// Asks at once. The Call-ID is new with each start (RFC 3261 section 10.2); the same Contact
    /// replaces the binding of an earlier one.
    pub fn start(now: Duration, registrar: Registrar, line: Line, mut seed: Seed) -> Self {
        let (call_id, tag) = (format!("register-{}{}", seed.token(), seed.token()), seed.token());
        let mut registration = Self {
            expires: registrar.expires,
            registrar,
            told: line.local.clone(),
            line,
            seed,
            call_id,
            tag,
            seq: 0,
            answers: Answers::default(),
            open: None,
            requests: 0,
            untried: Vec::new(),
            next: None,
            failures: 0,
            checked_at: None,
            old: None,
            strong: false,
            seen: None,
            state: RegistrationState::Registering,
            out: VecDeque::new(),
        };
        registration.bind(now);
        registration
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<RegistrationOutput> {
        self.out.pop_front()
    }

    /// When [`Registration::on_tick`] is wanted.
    pub fn deadline(&self) -> Option<Duration> {
        let expiry = match &self.state {
            RegistrationState::Registered(binding) => Some(binding.until),
            _ => None,
        };
        [self.open.as_ref().map(|open| open.until), self.next, expiry].into_iter().flatten().min()
    }

    /// How it stands.
    pub fn state(&self) -> &RegistrationState {
        &self.state
    }

    /// The trunk's ways, best first, for the next time it is asked.
    pub fn ways(&mut self, ways: Vec<Hop>) {
        self.line.ways = ways;
    }

    /// Our address towards the peer is this now. Another than before is registered at once, and the
    /// old one given back.
    pub fn on_local(&mut self, now: Duration, local: Hop) {
        if local == self.told || self.is_ending() {
            return;
        }
        self.told = local.clone();
        self.seen = None;
        self.failures = 0;
        self.move_to(now, local);
    }

    fn move_to(&mut self, now: Duration, local: Hop) {
        if let RegistrationState::Registered(binding) = &self.state {
            self.old = Some((contact_uri(&self.registrar, &self.line), binding.until));
        }
        self.line.local = local;
        self.abandon();
        self.bind(now);
    }

    /// A call was refused as if we were not registered: are we?
    pub fn check(&mut self, now: Duration) {
        let soon = self.checked_at.is_some_and(|at| now < at + CHECK_PAUSE);
        let bound = matches!(self.state, RegistrationState::Registered(_));
        if bound && !soon && self.open.is_none() {
            self.checked_at = Some(now);
            self.bind(now);
        }
    }

    /// Gives the binding back; [`RegistrationState::Ended`] follows within two seconds.
    pub fn end(&mut self, now: Duration) {
        if self.is_ending() {
            return;
        }
        self.abandon();
        self.next = None;
        match &self.state {
            RegistrationState::Registered(_) => {
                self.requests = 0;
                let hop = self.line.first_hop().clone();
                self.send(now, hop, Purpose::End);
            }
            _ => self.become_state(RegistrationState::Ended),
        }
    }

    /// [`Registration::deadline`] has passed.
    pub fn on_tick(&mut self, now: Duration) {
        if let Some(open) = self.open.take_if(|open| open.until <= now) {
            self.out.push_back(RegistrationOutput::Abandon(open.sent.clone()));
            self.silent(now, &open, "no answer to REGISTER");
        }
        if self.next.is_some_and(|at| at <= now) && self.open.is_none() {
            self.bind(now);
        }
        let expired = |binding: &Binding| binding.until <= now;
        if matches!(&self.state, RegistrationState::Registered(binding) if expired(binding)) {
            let reason =
                "the registration expired and could not be refreshed: check the registrar and the network";
            self.become_state(RegistrationState::Failed { reason: reason.to_owned() });
        }
    }

    /// A REGISTER could not reach its hop: `why` names the transport's error.
    pub fn on_lost(&mut self, now: Duration, sent: &Sent, why: &str) {
        if let Some(open) = self.open.take_if(|open| open.sent == *sent) {
            self.silent(now, &open, why);
        }
    }

    fn bind(&mut self, now: Duration) {
        self.next = None;
        self.requests = 0;
        let mut places = self.line.ways.clone();
        if places.is_empty() {
            places.push(self.line.configured_hop().clone());
        }
        let first = places.remove(0);
        self.untried = places;
        self.send(now, first, Purpose::Bind);
    }

    /// The same once more, with what was learnt.
    fn again(&mut self, now: Duration, open: Open) {
        if self.requests >= MOST_REQUESTS {
            return match open.purpose {
                Purpose::Bind => self.failed(now, &open.hop, "the registrar keeps asking: ask the carrier"),
                _ => self.on_given_back(&open.purpose),
            };
        }
        self.send(now, open.hop, open.purpose);
    }

    fn send(&mut self, now: Duration, hop: Hop, purpose: Purpose) {
        self.seq += 1;
        self.requests += 1;
        let (branch, cnonce) = (self.seed.branch(), self.seed.token());
        let (contact, expires, patience) = match &purpose {
            Purpose::Bind => (contact_uri(&self.registrar, &self.line), self.expires, PATIENCE),
            Purpose::Remove(old) => (old.clone(), Duration::ZERO, PATIENCE),
            Purpose::End => (contact_uri(&self.registrar, &self.line), Duration::ZERO, FAREWELL),
        };
        let asked = Asked {
            registrar: &self.registrar,
            line: &self.line,
            hop: &hop,
            branch: &branch,
            tag: &self.tag,
            call_id: &self.call_id,
            seq: self.seq,
            contact: &contact,
            expires,
        };
        let mut request = asked.request();
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in self.answers.authorize(self.line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        let sent = Sent::by(&request);
        self.open = Some(Open { sent, hop: hop.clone(), purpose, until: now + patience });
        self.out.push_back(RegistrationOutput::Request(request, hop));
    }

    fn abandon(&mut self) {
        if let Some(open) = self.open.take() {
            self.out.push_back(RegistrationOutput::Abandon(open.sent));
        }
    }

    fn is_ending(&self) -> bool {
        let giving_back = self.open.as_ref().is_some_and(|open| open.purpose == Purpose::End);
        giving_back || self.state == RegistrationState::Ended
    }

    fn become_state(&mut self, state: RegistrationState) {
        if self.state != state {
            self.state = state.clone();
            self.out.push_back(RegistrationOutput::State(state));
        }
    }
}
