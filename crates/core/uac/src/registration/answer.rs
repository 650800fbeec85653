//! What the registrar answers: accepted, challenged, too brief, refused.

use std::net::IpAddr;
use std::time::Duration;

use super::request::{contact_uri, granted, is_bound, seen_from};
use super::{Binding, LONGEST_EXPIRES, Open, Purpose, Registration, RegistrationOutput, RegistrationState};
use crate::digest::{Answers, Hash, Refused};
use crate::line::{Hop, Transport};
use crate::message::Response;

impl Registration {
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
}

/// Retry-After: seconds, perhaps with a comment or parameters (RFC 3261 section 20.33).
fn seconds(value: &str) -> Option<Duration> {
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Duration::from_secs)
}
