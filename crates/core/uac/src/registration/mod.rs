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

mod request;
mod state;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::digest::{Answers, Hash, Refused};
use crate::line::{Hop, Line, Transport};
use crate::machine::Sent;
use crate::message::{Request, Response};
use crate::seed::Seed;
use request::{Asked, contact_uri, granted, is_bound, seen_from};
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

    /// The response to a REGISTER, from that address.
    pub fn on_response(&mut self, now: Duration, response: &Response, from: IpAddr) {
        let branch = response.headers.branch();
        let ours = |open: &mut Open| branch == Some(open.sent.branch.as_str());
        if response.is_provisional() {
            return;
        }
        let Some(open) = self.open.take_if(ours) else { return };
        match response.status {
            200..=299 => self.on_accepted(now, open, response),
            401 | 407 => self.on_challenge(now, open, response, from),
            _ if open.purpose != Purpose::Bind => self.on_given_back(&open.purpose),
            // Perhaps only the nonce of an earlier request displeases.
            _ if self.answers.is_carried() => {
                self.answers = Answers::default();
                self.again(now, open);
            }
            423 => self.on_too_brief(now, open, response),
            status => self.on_refused(now, &open, response, status),
        }
    }

    fn on_accepted(&mut self, now: Duration, open: Open, response: &Response) {
        self.note_strength();
        self.answers.carry_over(response);
        if open.purpose != Purpose::Bind {
            return self.on_given_back(&open.purpose);
        }
        let contact = contact_uri(&self.registrar, &self.line);
        let lifetime = granted(response, &contact, self.expires);
        if lifetime.is_zero() {
            let why = "the registrar keeps no binding of ours (expires=0): ask the carrier";
            return self.failed(now, &open.hop, why);
        }
        self.failures = 0;
        self.next = Some(now + self.refresh_after(lifetime));
        let service_route = response.headers.list("Service-Route").into_iter().map(str::to_owned).collect();
        let local = self.line.local.clone();
        self.become_state(RegistrationState::Registered(Binding {
            local,
            until: now + lifetime,
            service_route,
        }));
        let old = self.old.take().filter(|(old, until)| *until > now && is_bound(response, old));
        if let Some((old, _)) = old.filter(|(old, _)| *old != contact) {
            self.requests = 0;
            self.send(now, open.hop, Purpose::Remove(old));
        } else {
            self.look_at_ourselves(now, response);
        }
    }

    /// Notes under which address the registrar sees us.
    fn look_at_ourselves(&mut self, now: Duration, response: &Response) {
        let Some(seen) = seen_from(response) else { return };
        let ours = (self.line.local.host.parse::<IpAddr>().ok(), self.line.local.port);
        let port = seen.1.filter(|_| self.line.transport == Transport::Udp).or(ours.1);
        if (Some(seen.0), port) == ours || self.seen == Some(seen) {
            return;
        }
        self.seen = Some(seen);
        let seen_at = Hop { host: seen.0.to_string(), port, transport: None };
        if self.registrar.contact_from_rport {
            self.move_to(now, seen_at);
        } else {
            self.out.push_back(RegistrationOutput::Warn(format!(
                "the registrar sees us as {seen_at}, but we are registered as {}: behind NAT set advertise in [sip], \
                 or contact_from_rport of this trunk",
                self.line.local
            )));
        }
    }

    fn on_challenge(&mut self, now: Duration, open: Open, response: &Response, from: IpAddr) {
        match self.answers.challenged(&self.line, response, (from, &open.hop)) {
            Ok(()) => self.again(now, open),
            Err(_) if open.purpose != Purpose::Bind => self.on_given_back(&open.purpose),
            // Whoever it is, it is not the registrar: the registrar may yet be reached.
            Err(refused @ Refused::UnexpectedSource(_)) => self.failed(now, &open.hop, &refused.to_string()),
            // What it took before is hardly wrong: a registrar that restarts between its challenge and our
            // answer knows the nonce no more, and cannot say that it is stale.
            Err(refused @ Refused::WrongPassword(_)) if self.was_just_bound() => {
                self.failed(now, &open.hop, &refused.to_string());
            }
            Err(refused) => self.refused(now, refused.to_string()),
        }
    }

    /// The binding stands, and nothing has failed since it was made.
    fn was_just_bound(&self) -> bool {
        self.failures == 0 && matches!(self.state, RegistrationState::Registered(_))
    }

    /// 423: the registrar wants fewer refreshes (RFC 3261 section 10.2.8).
    fn on_too_brief(&mut self, now: Duration, open: Open, response: &Response) {
        let least = response.headers.first("Min-Expires").and_then(|value| value.trim().parse().ok());
        match least.map(Duration::from_secs) {
            Some(least) if least > self.expires && least <= LONGEST_EXPIRES => {
                self.expires = least;
                self.again(now, open);
            }
            _ => {
                let why = format!(
                    "the registrar finds {} s too brief and names no lifetime that we may take: set register_expires",
                    self.expires.as_secs()
                );
                self.failed(now, &open.hop, &why);
            }
        }
    }

    fn on_refused(&mut self, now: Duration, open: &Open, response: &Response, status: u16) {
        let phrase = &response.phrase;
        match status {
            300..=399 => {
                let to = response.headers.contact().unwrap_or_default();
                let why =
                    format!("the registrar sends us elsewhere ({to}): if that is right, set registrar to it");
                self.failed(now, &open.hop, &why);
            }
            403 => self.refused(
                now,
                format!(
                    "the registrar forbids it (403 {phrase}): check user, password and domain, and ask the carrier whether the \
                     account is active"
                ),
            ),
            408 | 500..=599 => {
                let pause = response.headers.first("Retry-After").and_then(seconds);
                self.silent(now, open, &format!("answers {status} {phrase}"));
                if let (Some(pause), None) = (pause, &self.open) {
                    self.next = Some(now + pause.min(LONGEST_EXPIRES));
                }
            }
            _ => self.failed(
                now,
                &open.hop,
                &format!("the registrar answers {status} {phrase}: check registrar, user and domain"),
            ),
        }
    }

    /// Nothing is to be had from that place for now: the next way, or a pause.
    fn silent(&mut self, now: Duration, open: &Open, why: &str) {
        match open.purpose {
            Purpose::Bind if !self.untried.is_empty() => {
                let next = self.untried.remove(0);
                self.requests = 0;
                self.send(now, next, Purpose::Bind);
            }
            Purpose::Bind => {
                let why = format!("{why}: check the trunk's registrar, the network and the carrier");
                self.failed(now, &open.hop, &why);
            }
            _ => self.on_given_back(&open.purpose),
        }
    }

    /// A binding that could not be given back ends by itself.
    fn on_given_back(&mut self, purpose: &Purpose) {
        if *purpose == Purpose::End {
            self.become_state(RegistrationState::Ended);
        }
    }

    fn failed(&mut self, now: Duration, hop: &Hop, why: &str) {
        self.answers = Answers::default();
        self.failures += 1;
        let pause = self.pause();
        self.next = Some(now + pause);
        let reason = format!("{hop}: {why}");
        match self.state {
            // It counts until it expires.
            RegistrationState::Registered(_) => self
                .out
                .push_back(RegistrationOutput::Warn(format!("the registration was not refreshed: {reason}"))),
            _ => self.become_state(RegistrationState::Failed { reason }),
        }
    }

    fn refused(&mut self, now: Duration, reason: String) {
        self.answers = Answers::default();
        self.failures += 1;
        self.next = Some(now + REFUSED_PAUSE);
        self.become_state(RegistrationState::AuthFailed { reason });
    }

    /// RFC 5626 section 4.5: between half and all of the doubled base.
    fn pause(&mut self) -> Duration {
        let doubled = self.registrar.retry * (1 << self.failures.min(16));
        doubled.min(LONGEST_PAUSE).mul_f64(0.5 + 0.5 * self.seed.fraction())
    }

    fn refresh_after(&mut self, lifetime: Duration) -> Duration {
        lifetime.mul_f64(0.85 + 0.05 * self.seed.fraction())
    }

    /// A peer that spoke SHA-256 and no longer does may have been talked down.
    fn note_strength(&mut self) {
        match self.answers.weakest() {
            Some(Hash::Sha256) => self.strong = true,
            Some(Hash::Md5) if std::mem::take(&mut self.strong) => {
                let warning = "the registrar asked for SHA-256 before and takes MD5 now: if that is not the carrier's \
                               doing, set allow_md5 = false";
                self.out.push_back(RegistrationOutput::Warn(warning.to_owned()));
            }
            _ => {}
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

/// Retry-After: seconds, perhaps with a comment or parameters (RFC 3261 section 20.33).
fn seconds(value: &str) -> Option<Duration> {
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Duration::from_secs)
}

/// The name of an installation over restarts, made from what does not change about it: a UUID of
/// version 8 (RFC 9562 section 5.8) as a URN.
pub fn instance(of: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(of)[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
