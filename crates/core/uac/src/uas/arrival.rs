//! The INVITE that opens a call: what it must have (RFC 3261 section 8.2), and 100.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use super::session::{LEAST, Session};
use super::{Phase, Timer, Uas};
use crate::address::hop_of;
use crate::dialog::Dialog;
use crate::line::{Line, Timing};
use crate::machine::{Output, ServerKey};
use crate::message::{Request, Response};
use crate::seed::Seed;
use crate::timers::Timers;

/// Extensions that an INVITE may require of us. Provisional responses asked to be reliable are not
/// sent at all (RFC 3262 section 3 asks for nothing else).
const KNOWN: [&str; 2] = ["100rel", "timer"];

impl Uas {
    /// Takes up the call that `invite` opens, `from` that address; 100 is the first output. An
    /// INVITE nobody could answer is refused with the response given.
    pub fn arrive(
        now: Duration,
        line: Line,
        timing: Timing,
        mut seed: Seed,
        (key, invite, from): (ServerKey, Request, IpAddr),
    ) -> Result<Self, Box<Response>> {
        let local_tag = seed.token();
        if let Some(refusal) = objection(&invite, &local_tag) {
            return Err(Box::new(refusal));
        }
        let dialog = Dialog::answering(&invite, &local_tag, line.first_hop());
        // The peer speaks in the dialog from where it wants to be spoken to.
        let told = dialog.hop().host.parse().ok();
        let mut timers = Timers::default();
        timers.set(Timer::Undecided, now + timing.ring_limit);
        let trying = Response::to(&invite, 100, "Trying", &local_tag);
        Ok(Self {
            session: Session::asked(&invite.headers),
            line,
            timing,
            seed,
            local_tag,
            phase: Phase::Arrived,
            key,
            rung: false,
            dialog,
            offer: None,
            outgoing: None,
            farewell: None,
            sources: [from].into_iter().chain(told).collect(),
            timers,
            out: VecDeque::from([Output::Respond(key, trying)]),
            invite,
        })
    }
}

/// Why an INVITE cannot become a call.
fn objection(invite: &Request, local_tag: &str) -> Option<Response> {
    let refuse = |status, phrase| Response::to(invite, status, phrase, local_tag);
    let headers = &invite.headers;
    let scheme = invite.uri.split(':').next().unwrap_or_default();
    if !["sip", "sips", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Some(refuse(416, "Unsupported URI Scheme"));
    }
    if headers.cseq().is_none() || headers.from_tag().is_none() {
        return Some(refuse(400, "Bad CSeq Or From Tag"));
    }
    if headers.contact().is_none_or(|contact| hop_of(&contact).is_none()) {
        return Some(refuse(400, "Missing Contact"));
    }
    let required = headers.list("Require");
    let unknown: Vec<&str> = required
        .into_iter()
        .filter(|tag| !KNOWN.iter().any(|known| tag.eq_ignore_ascii_case(known)))
        .collect();
    if !unknown.is_empty() {
        let mut response = refuse(420, "Bad Extension");
        response.headers.push("Unsupported", unknown.join(", "));
        return Some(response);
    }
    if !invite.body.is_empty() && invite.sdp().is_none() {
        let mut response = refuse(415, "Unsupported Media Type");
        response.headers.push("Accept", "application/sdp");
        return Some(response);
    }
    if Session::is_too_short(headers) {
        let mut response = refuse(422, "Session Interval Too Small");
        response.headers.push("Min-SE", LEAST.as_secs().to_string());
        return Some(response);
    }
    None
}
