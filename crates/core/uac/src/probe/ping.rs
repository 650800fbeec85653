//! The pinging of one way.

use std::time::Duration;

use crate::digest::Answers;
use crate::line::{Hop, Line};
use crate::machine::Sent;
use crate::message::{Headers, Method, Request};
use crate::seed::Seed;

/// How long a ping may stay unanswered: on UDP it is sent at 0, 0.5 and 1.5 s, so two lost
/// datagrams in a row are survived, and a dead peer is known within 4 s of the first doubt.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// How soon a way that went down is asked again; doubled each time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A way that is back is noticed within this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// However many calls doubt a way, it is asked no more often than this.
const AGAIN_AT_SOONEST: Duration = Duration::from_secs(1);

/// A ping on its way.
#[derive(Debug)]
pub(super) struct Open {
    pub sent: Sent,
    /// When it is given up.
    pub until: Duration,
}

/// The pinging of one way.
#[derive(Debug)]
pub(super) struct Ping {
    call_id: String,
    tag: String,
    seq: u32,
    pub answers: Answers,
    pub open: Option<Open>,
    /// When the next one is due, if none is open.
    pub next: Option<Duration>,
    /// Unanswered pings in a row.
    failures: u32,
    last_sent: Option<Duration>,
}

impl Ping {
    pub(super) fn new(seed: &mut Seed, next: Option<Duration>) -> Self {
        Self {
            call_id: String::new(),
            tag: seed.token(),
            seq: 0,
            answers: Answers::default(),
            open: None,
            next,
            failures: 0,
            last_sent: None,
        }
    }

    /// The OPTIONS to send now, with credentials for what was challenged.
    pub(super) fn request(&mut self, now: Duration, line: &Line, hop: &Hop, seed: &mut Seed) -> Request {
        let (branch, cnonce) = (seed.branch(), seed.token());
        // Each ping is a call of its own; only its repetition with credentials is not (RFC 3261
        // section 22.2).
        if self.answers.is_empty() {
            self.call_id = format!("ping-{}{}", seed.token(), seed.token());
            self.seq = 0;
        }
        self.seq += 1;
        let mut request = self.unsigned(line, hop, &branch);
        let signed = (&request.method, request.uri.as_str(), request.body.as_slice());
        for (name, value) in self.answers.authorize(line.credentials.as_ref(), signed, &cnonce) {
            request.headers.push(name, value);
        }
        self.open = Some(Open { sent: Sent::by(&request), until: now + PATIENCE });
        self.next = None;
        self.last_sent = Some(now);
        request
    }

    fn unsigned(&self, line: &Line, hop: &Hop, branch: &str) -> Request {
        let uri = line.peer_uri("");
        let mut headers = Headers::default();
        headers.push("Via", line.via(branch, hop));
        headers.push("Max-Forwards", "70");
        line.write_proxy(&mut headers);
        headers.push("From", format!("{};tag={}", line.identity.address(), self.tag));
        headers.push("To", format!("<{uri}>"));
        headers.push("Call-ID", &self.call_id);
        headers.push("CSeq", format!("{} OPTIONS", self.seq));
        headers.push("Contact", line.contact());
        headers.push("Accept", "application/sdp");
        headers.push("User-Agent", &line.user_agent);
        Request { method: Method::Options, uri, headers, body: Vec::new() }
    }

    /// The ping was answered: the next is due after `interval`.
    pub(super) fn rest(&mut self, now: Duration, interval: Duration) {
        self.open = None;
        self.failures = 0;
        self.next = Some(now + interval);
    }

    /// The ping was not answered, or told that the way is out of service: asked again soon, then
    /// ever later.
    pub(super) fn back_off(&mut self, now: Duration, interval: Duration) {
        self.open = None;
        let pause = FIRST_PAUSE * (1 << self.failures.min(4));
        self.failures += 1;
        self.next = Some(now + pause.min(LONGEST_PAUSE).min(interval));
    }

    /// The way is doubted: the next ping is due at once.
    pub(super) fn hurry(&mut self, now: Duration) {
        let soonest = self.last_sent.map_or(now, |sent| now.max(sent + AGAIN_AT_SOONEST));
        if self.open.is_none() && self.next.is_none_or(|next| next > soonest) {
            self.next = Some(soonest);
        }
    }
}
