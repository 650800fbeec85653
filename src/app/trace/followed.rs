//! Which messages belong to which attempt, and how many of them are kept.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use ports::Traced;
use records::AttemptId;
use tokio::time::Instant;
use trace::{Direction, Envelope, Message, call_id, method};

/// Messages of one attempt that are kept.
const MOST: u32 = 200;
/// A call that is over may still be repeated to, longer than any transaction lives (64 × T1).
const AFTERLIFE: Duration = Duration::from_secs(45);
/// An inbound call is a stranger until it has its attempt.
const STRANGE_FOR: Duration = Duration::from_secs(10);
/// Messages of strangers that wait at most.
const STRANGERS: usize = 256;

/// The calls that are followed.
#[derive(Default)]
pub(super) struct Followed {
    calls: HashMap<String, Call>,
    /// How many messages each attempt has had.
    counts: HashMap<AttemptId, u32>,
    /// Messages of calls that nobody follows yet, the oldest first.
    strangers: VecDeque<Stranger>,
}

struct Call {
    attempt: AttemptId,
    /// Those who follow it.
    by: u32,
    /// Since when nobody does.
    over: Option<Instant>,
}

struct Stranger {
    since: Instant,
    call_id: String,
    message: sip::Traced,
}

impl Followed {
    /// From here on the messages of this Call-ID are the attempt's. Those that came before are too.
    pub(super) fn follow(&mut self, call_id: &str, attempt: AttemptId) {
        let call = self.calls.entry(call_id.to_owned()).or_insert(Call { attempt, by: 0, over: None });
        call.by += 1;
        call.over = None;
    }

    /// One who followed the call does so no more; what is still repeated is followed for a while.
    pub(super) fn over(&mut self, call_id: &str, now: Instant) {
        if let Some(call) = self.calls.get_mut(call_id) {
            call.by = call.by.saturating_sub(1);
            call.over = (call.by == 0).then_some(now);
        }
    }

    /// The message in its place, if it is to be kept now.
    pub(super) fn place(&mut self, message: sip::Traced, now: Instant) -> Option<Traced> {
        let id = call_id(&message.bytes)?;
        if let Some(call) = self.calls.get(&id) {
            let attempt = call.attempt;
            return self.number(attempt, message);
        }
        // Pings and registrations belong to no call.
        let ours = matches!(method(&message.bytes).as_deref(), Some("OPTIONS" | "REGISTER") | None);
        if !ours {
            if self.strangers.len() == STRANGERS {
                self.strangers.pop_front();
            }
            self.strangers.push_back(Stranger { since: now, call_id: id, message });
        }
        None
    }

    /// Messages that came before their call was followed; forgets calls that are long over.
    pub(super) fn look_again(&mut self, now: Instant) -> Vec<Traced> {
        let mut known = Vec::new();
        for stranger in std::mem::take(&mut self.strangers) {
            match self.calls.get(&stranger.call_id) {
                Some(call) => known.push((call.attempt, stranger.message)),
                None if now - stranger.since < STRANGE_FOR => self.strangers.push_back(stranger),
                None => {}
            }
        }
        let before = self.calls.len();
        self.calls.retain(|_, call| call.over.is_none_or(|over| now - over < AFTERLIFE));
        if self.calls.len() < before {
            let followed: HashSet<AttemptId> = self.calls.values().map(|call| call.attempt).collect();
            self.counts.retain(|attempt, _| followed.contains(attempt));
        }
        known.into_iter().filter_map(|(attempt, message)| self.number(attempt, message)).collect()
    }

    fn number(&mut self, attempt: AttemptId, message: sip::Traced) -> Option<Traced> {
        let count = self.counts.entry(attempt).or_default();
        let seq = *count;
        *count = count.saturating_add(1);
        let cut = seq == MOST;
        let envelope = envelope(&message);
        match seq {
            ..MOST => Some(Message::new(envelope, message.bytes)),
            MOST => Some(Message::first_line(envelope, message.bytes)),
            _ => None,
        }
        .map(|message| Traced { attempt, seq, message, cut })
    }
}

fn envelope(message: &sip::Traced) -> Envelope {
    use chrono::SubsecRound as _;
    Envelope {
        // As exact as the store keeps it.
        at: chrono::DateTime::from(message.at).trunc_subsecs(6),
        direction: match message.direction {
            sip::Direction::Sent => Direction::Sent,
            sip::Direction::Received => Direction::Received,
        },
        transport: message.transport,
        local: message.local,
        peer: message.peer,
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use sip::Transport;

    use super::*;

    fn message(line: &str, call: &str, method: &str) -> sip::Traced {
        let address = "127.0.0.1:5060".parse().unwrap();
        sip::Traced {
            at: SystemTime::now(),
            direction: sip::Direction::Received,
            transport: Transport::Udp,
            local: address,
            peer: address,
            bytes: format!("{line}\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\r\n").into_bytes(),
        }
    }

    fn invite(call: &str) -> sip::Traced {
        message("INVITE sip:x@h SIP/2.0", call, "INVITE")
    }

    fn attempt() -> AttemptId {
        AttemptId(uuid::Uuid::now_v7())
    }

    #[test]
    fn a_message_before_its_attempt_is_kept_once_the_call_is_followed() {
        let (mut followed, now, one) = (Followed::default(), Instant::now(), attempt());
        assert_eq!(followed.place(invite("in"), now), None);
        assert!(followed.look_again(now).is_empty());
        followed.follow("in", one);
        let kept = followed.look_again(now);
        assert_eq!((kept.len(), kept[0].attempt, kept[0].seq), (1, one, 0));
        let trying = followed.place(message("SIP/2.0 100 Trying", "in", "INVITE"), now).unwrap();
        assert_eq!((trying.attempt, trying.seq), (one, 1));
    }

    #[test]
    fn strangers_and_pings_are_not_kept() {
        let (mut followed, now) = (Followed::default(), Instant::now());
        for n in 0..STRANGERS + 5 {
            followed.place(invite(&format!("c{n}")), now);
        }
        assert_eq!(followed.place(message("OPTIONS sip:h SIP/2.0", "ping", "OPTIONS"), now), None);
        assert_eq!((followed.strangers.len(), followed.strangers[0].call_id.as_str()), (STRANGERS, "c5"));
        assert!(followed.look_again(now + STRANGE_FOR).is_empty());
        assert!(followed.strangers.is_empty());
    }

    #[test]
    fn repetitions_are_followed_for_a_while_and_two_legs_of_an_attempt_count_on() {
        let (mut followed, now, one) = (Followed::default(), Instant::now(), attempt());
        followed.follow("a", one);
        followed.follow("a", one);
        followed.place(invite("a"), now);
        followed.over("a", now);
        followed.look_again(now + 2 * AFTERLIFE);
        followed.over("a", now);
        followed.follow("b", one);
        assert_eq!(followed.place(invite("b"), now).unwrap().seq, 1);
        followed.look_again(now + AFTERLIFE / 2);
        assert_eq!(followed.place(invite("a"), now).unwrap().seq, 2);
        followed.over("b", now);
        followed.look_again(now + AFTERLIFE);
        assert!(followed.calls.is_empty() && followed.counts.is_empty());
    }

    #[test]
    fn of_a_call_that_never_ends_its_messages_the_first_are_kept_and_a_mark() {
        let (mut followed, now, one) = (Followed::default(), Instant::now(), attempt());
        followed.follow("a", one);
        let kept: Vec<Traced> = (0..MOST + 9).filter_map(|_| followed.place(invite("a"), now)).collect();
        assert_eq!(kept.len() as u32, MOST + 1);
        let (last, others) = kept.split_last().unwrap();
        assert!(last.cut && others.iter().all(|kept| !kept.cut));
        assert_eq!(last.message.text(), "INVITE sip:x@h SIP/2.0");
    }
}
