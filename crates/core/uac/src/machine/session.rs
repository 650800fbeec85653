//! The session timer (RFC 4028): asked for in the INVITE, kept by whichever side refreshes.

use std::time::Duration;

use super::ALLOW;
use super::Uac;
use super::event::{Failure, FailureKind};
use super::state::{Farewell, Phase, Purpose, Session};
use super::timer::Timer;
use super::ways::retry_after;
use crate::line::Policy;
use crate::message::{Headers, Method, Request, Response};
use crate::session_timer::{Refresher, SessionExpires, SessionTimer, min_se};

/// Most 422 responses in a row that we answer with a longer interval.
const MOST_ENLARGED: u8 = 3;
/// How long a refresh waits while the peer's own offer is open.
const AFTER_THE_PEER: Duration = Duration::from_secs(1);
/// The least that the owner of the Call-ID waits after a 491, and how much more it may be, in
/// units of 10 ms (RFC 3261 section 14.1).
const GLARE: (u64, u64) = (210, 190);

impl Session {
    pub(super) fn wanted(policy: &Policy) -> Self {
        let seconds = |interval: Duration| u32::try_from(interval.as_secs()).unwrap_or(u32::MAX);
        let asked = policy.session_expires.map(seconds);
        let min_se = asked.unwrap_or(u32::MAX).min(seconds(policy.min_se));
        Self { asked, min_se, ..Self::default() }
    }

    /// Writes the wish into an INVITE.
    pub(super) fn ask(&self, headers: &mut Headers) {
        headers.remove("Session-Expires");
        headers.remove("Min-SE");
        if let Some(seconds) = self.asked {
            headers.set("Supported", "100rel, timer");
            SessionExpires { seconds, refresher: None }.write(headers);
            headers.push("Min-SE", self.min_se.to_string());
        }
    }

    /// The larger interval that a 422 asks for instead of `refused` seconds; `None` when it asks for
    /// none, or too often in a row.
    fn enlarged(&mut self, refused: u32, response: &Response) -> Option<u32> {
        self.too_small += 1;
        let least = min_se(&response.headers).filter(|least| *least > refused)?;
        self.min_se = self.min_se.max(least);
        (self.too_small <= MOST_ENLARGED).then_some(least)
    }

    /// Learns whether the peer takes UPDATE.
    pub(super) fn note_allow(&mut self, headers: &Headers) {
        if headers.first("Allow").is_some() {
            self.updates = headers.lists("Allow", "UPDATE");
        }
    }
}

impl Uac {
    /// The INVITE was met by 422: whether it goes out again with a longer interval.
    pub(super) fn asks_longer_session(&mut self, now: Duration, response: &Response) -> bool {
        let session = &mut self.core.session;
        let Some(longer) = session.asked.and_then(|asked| session.enlarged(asked, response)) else {
            return false;
        };
        session.asked = Some(longer);
        self.repeat_invite(now);
        true
    }

    /// The session counts from `now` on, under that timer.
    pub(super) fn start_session(&mut self, now: Duration, timer: Option<SessionTimer>) {
        self.core.session.timer = timer;
        self.core.session.too_small = 0;
        let timers = &mut self.core.timers;
        timers.stop(Timer::RefreshDue);
        timers.stop(Timer::SessionExpired);
        let Some(timer) = timer else { return };
        timers.set(Timer::SessionExpired, now + timer.give_up_after());
        if timer.ours {
            timers.set(Timer::RefreshDue, now + timer.refresh_after());
        }
    }

    /// Refreshes the session: by UPDATE where the peer takes it, else by a re-INVITE.
    pub(super) fn refresh(&mut self, now: Duration) {
        let Some(timer) = self.core.session.timer.filter(|_| self.core.phase == Phase::Talking) else {
            return;
        };
        if self.is_refreshing() {
            return;
        }
        let seconds = timer.seconds();
        if self.core.session.updates {
            self.send_update(seconds);
        } else if self.core.offer.is_some() {
            return self.core.timers.set(Timer::RefreshDue, now + AFTER_THE_PEER);
        } else {
            self.send_reinvite(seconds);
        }
        self.core.timers.set(Timer::RefreshUnanswered, now + self.timing.transaction_life());
    }

    fn is_refreshing(&self) -> bool {
        let updating = self.core.outgoing.iter().any(|outgoing| outgoing.purpose == Purpose::Refresh);
        updating || self.is_reinviting()
    }

    fn send_update(&mut self, seconds: u32) {
        let branch = self.core.seed.branch();
        let Some(kept) = self.core.dialog.as_mut() else { return };
        let mut update = kept.dialog.request(Method::Update, &self.line, &branch);
        let hop = kept.dialog.hop();
        self.write_refresh(&mut update.headers, seconds);
        self.send_request(update, hop, Purpose::Refresh);
    }

    /// The headers of a refresh that we send and will send again.
    pub(super) fn write_refresh(&self, headers: &mut Headers, seconds: u32) {
        headers.push("Contact", self.line.contact());
        headers.push("Allow", ALLOW);
        headers.push("Supported", "timer");
        SessionExpires { seconds, refresher: Some(Refresher::Uac) }.write(headers);
        headers.push("Min-SE", self.core.session.min_se.min(seconds).to_string());
    }

    /// The final response to our refresh, a challenge excepted.
    pub(super) fn on_refresh_answered(&mut self, now: Duration, response: &Response, by: &Method) {
        self.core.timers.stop(Timer::RefreshUnanswered);
        if self.core.phase != Phase::Talking {
            return;
        }
        match response.status {
            200..=299 => {
                if let Some(kept) = self.core.dialog.as_mut() {
                    kept.dialog.refresh_target(&response.headers);
                    let hop = kept.dialog.hop();
                    self.learn_target(&hop);
                }
                self.core.session.note_allow(&response.headers);
                self.start_session(now, SessionTimer::answered(response));
            }
            408 | 481 => {
                let detail = "the peer no longer knows the call that we refreshed".to_owned();
                let failure = Failure { detail: Some(detail), ..Failure::rejected(response) };
                self.end_lost(now, Failure { kind: FailureKind::Timeout, ..failure });
            }
            422 if self.lengthen_session(response) => self.refresh(now),
            405 | 501 if *by == Method::Update => {
                self.core.session.updates = false;
                self.refresh(now);
            }
            491 => {
                let wait = Duration::from_millis((GLARE.0 + self.core.seed.number(GLARE.1)) * 10);
                self.core.timers.set(Timer::RefreshDue, now + wait);
            }
            _ => self.put_off_refresh(now, retry_after(&response.headers)),
        }
    }

    /// Our refresh was met by 422: whether the session is to be longer. What it asks for is measured
    /// against what was agreed, which may be less than the trunk asked for.
    fn lengthen_session(&mut self, response: &Response) -> bool {
        let session = &mut self.core.session;
        let Some(held) = session.timer else { return false };
        let Some(longer) = session.enlarged(held.seconds(), response) else { return false };
        session.timer = Some(SessionTimer::new(longer, held.ours));
        true
    }

    /// A refresh that failed in passing is tried again; the end of the session bounds how often.
    pub(super) fn put_off_refresh(&mut self, now: Duration, seconds: Option<u32>) {
        self.core.timers.stop(Timer::RefreshUnanswered);
        let Some(timer) = self.core.session.timer.filter(|_| self.core.phase == Phase::Talking) else {
            return;
        };
        let shortest = (timer.interval / 8).max(Duration::from_secs(1));
        let wanted = seconds.map_or(shortest, |seconds| Duration::from_secs(seconds.into()));
        self.core.timers.set(Timer::RefreshDue, now + wanted.max(shortest));
    }

    pub(super) fn on_refresh_unanswered(&mut self, now: Duration) {
        let detail = "the peer did not answer the refresh of the session: it is taken for dead";
        self.end_lost(now, Failure::silent(FailureKind::Timeout, detail));
    }

    pub(super) fn on_session_expired(&mut self, now: Duration) {
        let detail = "nobody refreshed the session in time: the peer is taken for dead";
        self.end_lost(now, Failure::silent(FailureKind::Timeout, detail));
    }

    fn end_lost(&mut self, now: Duration, failure: Failure) {
        if self.core.phase == Phase::Talking {
            let reason = "SIP;cause=408;text=\"session expired\"".to_owned();
            self.say_bye(now, Farewell::Failed(failure), Some(reason));
        }
    }

    pub(super) fn on_call_limit(&mut self, now: Duration) {
        if self.core.phase == Phase::Talking {
            let reason = "SIP;cause=487;text=\"call limit\"".to_owned();
            self.say_bye(now, Farewell::Ended, Some(reason));
        }
    }

    /// Gives up a refresh on its way: the call ends.
    pub(super) fn abandon_refresh(&mut self) {
        self.abandon_all(Purpose::Refresh);
        self.abandon_reinvite();
    }

    /// After a restart nothing of a refresh is under way: where it is ours, it is made anew.
    pub(super) fn forget_refresh(&mut self, now: Duration) {
        self.core.outgoing.retain(|outgoing| outgoing.purpose != Purpose::Refresh);
        if let Some(reinvite) = self.core.reinvite.as_mut() {
            reinvite.open = false;
        }
        if self.core.timers.is_set(Timer::RefreshUnanswered) {
            self.core.timers.stop(Timer::RefreshUnanswered);
            self.core.timers.set(Timer::RefreshDue, now);
        }
    }

    /// Whether the peer's refresh asks for less than we take (RFC 4028 section 9).
    pub(super) fn is_session_too_short(&self, request: &Request) -> bool {
        let asked = SessionExpires::of(&request.headers);
        request.headers.lists("Supported", "timer")
            && asked.is_some_and(|asked| asked.seconds < self.core.session.min_se)
    }

    /// Agrees on the session timer in our 2xx to the peer's re-INVITE or UPDATE (RFC 4028 section
    /// 9). A peer that says nothing of it goes on under the timer that stands, refreshed by us.
    pub(super) fn agree_session(&mut self, now: Duration, request: &Request, response: &mut Response) {
        if self.core.phase != Phase::Talking {
            return;
        }
        let held = self.core.session.timer;
        let timer = match SessionExpires::of(&request.headers) {
            None => held.map(|held| SessionTimer { ours: true, ..held }),
            Some(asked) => {
                let able = request.headers.lists("Supported", "timer");
                let ours = match asked.refresher {
                    Some(refresher) => refresher == Refresher::Uas,
                    None => !able || held.is_some_and(|held| held.ours),
                };
                Some(SessionTimer::new(asked.seconds, ours))
            }
        };
        if let Some(timer) = timer {
            if !timer.ours {
                response.headers.push("Require", "timer");
            }
            let refresher = Some(if timer.ours { Refresher::Uas } else { Refresher::Uac });
            SessionExpires { seconds: timer.seconds(), refresher }.write(&mut response.headers);
        }
        self.start_session(now, timer);
    }
}
