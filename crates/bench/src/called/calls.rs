//! The thread that takes calls: one socket, all dialogs, all timers.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::dialog::{Dialog, Phase, Repeat};
use super::media::{Carried, Media};
use super::message::{Message, answer, bye};
use super::script::Script;
use super::timers::{Timers, What};
use super::{Counts, HANGS_UP_AT_ONCE, HERE};

/// A dialog that is over answers repetitions for so long.
const LINGER: Duration = Duration::from_secs(5);
/// Longest wait for a message when no timer is set.
const LOOK: Duration = Duration::from_millis(500);
/// Longer than any datagram.
const LONGEST: usize = 65_535;
/// A burst of calls must not be lost to a small queue: twice the system's default.
const QUEUE: usize = 425_984;

pub(super) struct Calls {
    socket: UdpSocket,
    here: SocketAddr,
    call_time: Duration,
    media: Media,
    counts: Counts,
    dialogs: HashMap<String, Dialog>,
    timers: Timers,
    /// Calls so far: tags, branches and seeds.
    taken: u64,
}

impl Calls {
    pub(super) fn new(
        socket: UdpSocket,
        call_time: Duration,
        media: Media,
        counts: Counts,
    ) -> io::Result<Self> {
        // As much as the system allows; less only means that something is repeated.
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(QUEUE);
        let here = socket.local_addr()?;
        Ok(Self {
            socket,
            here,
            call_time,
            media,
            counts,
            dialogs: HashMap::new(),
            timers: Timers::default(),
            taken: 0,
        })
    }

    pub(super) fn run(mut self) {
        let mut room = vec![0; LONGEST];
        loop {
            let now = Instant::now();
            while let Some((what, call_id)) = self.timers.due(now) {
                self.fire(what, &call_id, now);
            }
            let wait = self.timers.next().map_or(LOOK, |at| at.saturating_duration_since(Instant::now()));
            // No wait at all would be for ever.
            let _ = self.socket.set_read_timeout(Some(wait.clamp(Duration::from_micros(100), LOOK)));
            // Nothing came in time, or what we sent was refused: the timers see to both.
            let Ok((length, from)) = self.socket.recv_from(&mut room) else { continue };
            if let Some(message) = Message::read(&room[..length]) {
                self.take(&message, from, Instant::now());
            }
        }
    }

    fn take(&mut self, message: &Message<'_>, from: SocketAddr, now: Instant) {
        let Some(call_id) = message.header("Call-ID") else { return };
        match message.method() {
            Some("INVITE") => self.invited(message, call_id, from),
            Some("ACK") => self.acknowledged(call_id, now),
            Some("BYE") => self.hung_up(message, call_id, from, now),
            Some(_) => self.respond(message, from, "200 OK", ""),
            None => self.responded(message, call_id, now),
        }
    }

    fn invited(&mut self, invite: &Message<'_>, call_id: &str, from: SocketAddr) {
        if let Some(dialog) = self.dialogs.get(call_id) {
            let known = dialog.answer.clone();
            return self.send(&known, from);
        }
        let Some(media) = invite.media() else {
            return self.respond(invite, from, "488 Not Acceptable Here", "");
        };
        self.taken += 1;
        let (number, tag) = (invite.number(), format!("called{}", self.taken));
        let Ok(port) = self.connect(call_id, number, media) else {
            return self.respond(invite, from, "503 Service Unavailable", "");
        };
        self.send(&invite.respond(from, "180 Ringing", &tag, self.here, ""), from);
        let ok = invite.respond(from, "200 OK", &tag, self.here, &answer(port));
        self.send(&ok, from);
        let answered = Instant::now();
        let repeat = Repeat::of(ok.clone(), answered);
        self.timers.set(repeat.first(), What::Repeat, call_id);
        self.counts.change(|tally| {
            tally.answered += 1;
            tally.up += 1;
        });
        let dialog = Dialog {
            call_id: call_id.to_owned(),
            us: format!("{};tag={tag}", invite.header("To").unwrap_or_default()),
            them: invite.header("From").unwrap_or_default().to_owned(),
            target: invite.contact().unwrap_or_default().to_owned(),
            peer: from,
            phase: Phase::Answered,
            answered,
            at_once: number.starts_with(HANGS_UP_AT_ONCE),
            answer: ok,
            repeat,
        };
        if !dialog.at_once {
            self.timers.set(answered + self.call_time, What::HangUp, call_id);
        }
        self.dialogs.insert(call_id.to_owned(), dialog);
    }

    /// The RTP stream of a call; answers its port.
    fn connect(&mut self, call_id: &str, number: &str, media: SocketAddr) -> io::Result<u16> {
        let socket = UdpSocket::bind((HERE, 0))?;
        socket.connect(media)?;
        let port = socket.local_addr()?.port();
        let seed = self.taken.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (call_id, script) = (call_id.to_owned(), Script::of(number));
        self.media.carry(Carried::new(call_id, number.to_owned(), socket, script, seed)?);
        Ok(port)
    }

    fn acknowledged(&mut self, call_id: &str, now: Instant) {
        let Some(dialog) = self.dialogs.get_mut(call_id) else { return };
        if dialog.phase == Phase::Answered {
            dialog.phase = Phase::Up;
            if dialog.at_once {
                self.hang_up(call_id, now);
            }
        }
    }

    fn hung_up(&mut self, request: &Message<'_>, call_id: &str, from: SocketAddr, now: Instant) {
        let status = if self.dialogs.contains_key(call_id) { "200 OK" } else { "481 Call Does Not Exist" };
        self.respond(request, from, status, "");
        self.over(call_id, now, false);
    }

    fn hang_up(&mut self, call_id: &str, now: Instant) {
        let Some(dialog) = self.dialogs.get_mut(call_id) else { return };
        let branch = format!("z9hG4bKcalled{call_id}");
        let message = bye(dialog, self.here, &branch);
        dialog.repeat = Repeat::of(message.clone(), now);
        let (peer, first) = (dialog.peer, dialog.repeat.first());
        self.send(&message, peer);
        self.over(call_id, now, true);
        self.timers.set(first, What::Repeat, call_id);
    }

    /// The sound ends, and the dialog stays for what is repeated.
    fn over(&mut self, call_id: &str, now: Instant, by_us: bool) {
        let Some(dialog) = self.dialogs.get_mut(call_id) else { return };
        let before = dialog.phase;
        dialog.phase = if by_us { Phase::HangingUp } else { Phase::Over };
        if matches!(before, Phase::Answered | Phase::Up) {
            self.media.end(call_id, now.saturating_duration_since(dialog.answered), by_us);
        }
        if !by_us && before != Phase::Over {
            self.timers.set(now + LINGER, What::Forget, call_id);
        }
    }

    fn responded(&mut self, response: &Message<'_>, call_id: &str, now: Instant) {
        let final_one = response.status().is_some_and(|status| status >= 200);
        let to_bye = response.header("CSeq").is_some_and(|number| number.ends_with("BYE"));
        if let Some(dialog) = self.dialogs.get_mut(call_id).filter(|_| final_one && to_bye) {
            dialog.phase = Phase::Over;
            self.timers.set(now + LINGER, What::Forget, call_id);
        }
    }

    fn fire(&mut self, what: What, call_id: &str, now: Instant) {
        let Some(dialog) = self.dialogs.get_mut(call_id) else { return };
        match (what, dialog.phase) {
            (What::HangUp, Phase::Answered | Phase::Up) => self.hang_up(call_id, now),
            (What::Repeat, Phase::Answered | Phase::HangingUp) => self.repeat(call_id, now),
            (What::Forget, Phase::Over) => drop(self.dialogs.remove(call_id)),
            _ => {}
        }
    }

    fn repeat(&mut self, call_id: &str, now: Instant) {
        let Some(dialog) = self.dialogs.get_mut(call_id) else { return };
        let (message, peer, next) = (dialog.repeat.message.clone(), dialog.peer, dialog.repeat.next(now));
        if let Some(at) = next {
            self.send(&message, peer);
            self.timers.set(at, What::Repeat, call_id);
        } else {
            self.over(call_id, now, false);
            self.dialogs.remove(call_id);
        }
    }

    fn respond(&self, request: &Message<'_>, to: SocketAddr, status: &str, answer: &str) {
        self.send(&request.respond(to, status, "called", self.here, answer), to);
    }

    fn send(&self, message: &str, to: SocketAddr) {
        // What is lost is repeated, as in any network.
        let _ = self.socket.send_to(message.as_bytes(), to);
    }
}
