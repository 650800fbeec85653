//! The messages of a call in the order of time: who sent what to whom.

use std::collections::HashSet;
use std::fmt::{Display, Write as _};
use std::net::SocketAddr;

use chrono::{TimeDelta, TimeZone};

use crate::message::{Direction, Message, method};
use crate::numbers::Numbers;

/// The ladder of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    rungs: Vec<Rung>,
    peers: Vec<SocketAddr>,
    cut: bool,
}

/// One message of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The message itself.
    pub message: Message,
    /// Since the first message.
    pub since: TimeDelta,
    /// Which of the ladder's peers it went to or came from.
    pub peer: usize,
    /// The same bytes went the same way before: it was sent again.
    pub again: bool,
}

impl Ladder {
    /// Of all messages that were kept. `cut`: later ones were not.
    pub fn of(mut messages: Vec<Message>, cut: bool) -> Self {
        messages.sort_by_key(|message| message.envelope.at);
        let (mut rungs, mut peers, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        let begin = messages.first().map(|message| message.envelope.at);
        for message in messages {
            let envelope = message.envelope;
            let peer = peers.iter().position(|known| *known == envelope.peer).unwrap_or_else(|| {
                peers.push(envelope.peer);
                peers.len() - 1
            });
            let again = !seen.insert((envelope.direction, envelope.peer, message.bytes().to_vec()));
            let since = begin.map_or(TimeDelta::zero(), |begin| envelope.at - begin);
            rungs.push(Rung { message, since, peer, again });
        }
        Self { rungs, peers, cut }
    }

    /// The same with every telephone number masked; `known` are numbers that the call has for sure.
    #[must_use]
    pub fn masked<'n>(mut self, known: impl IntoIterator<Item = &'n str>) -> Self {
        let mut numbers = Numbers::known(known);
        self.rungs.iter().for_each(|rung| numbers.learn(rung.message.bytes()));
        self.rungs.iter_mut().for_each(|rung| numbers.mask(rung.message.bytes_mut()));
        self
    }

    /// Its messages, oldest first.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// Everybody we spoke with, in the order of their first message.
    pub fn peers(&self) -> &[SocketAddr] {
        &self.peers
    }

    /// Whether later messages were not kept.
    pub fn cut(&self) -> bool {
        self.cut
    }

    /// For reading and for mails: `title`, the ladder, then every message; times in `zone`.
    pub fn to_text<Z>(&self, title: &str, zone: &Z) -> String
    where
        Z: TimeZone,
        Z::Offset: Display,
    {
        let mut text = format!("{title}\n\n");
        for rung in &self.rungs {
            let envelope = rung.message.envelope;
            let arrow = if envelope.direction == Direction::Sent { "-->" } else { "<--" };
            let again = if rung.again { " (again)" } else { "" };
            // A String takes everything.
            let _ = writeln!(
                text,
                "{:>10.6}  {} {arrow} {} {}  {}{again}",
                rung.seconds(),
                envelope.local,
                envelope.transport,
                envelope.peer,
                rung.label(),
            );
        }
        if self.cut {
            text.push_str("            later messages were not kept: the limit of one call was reached\n");
        }
        for rung in &self.rungs {
            let envelope = rung.message.envelope;
            let at = envelope.at.with_timezone(zone).format("%Y-%m-%dT%H:%M:%S%.6f%:z");
            let direction = envelope.direction.slug();
            let (local, peer, transport) = (envelope.local, envelope.peer, envelope.transport);
            let to = if envelope.direction == Direction::Sent { "to" } else { "from" };
            let _ = write!(text, "\n=== {at} {direction} by {local} {to} {peer} over {transport}\n");
            text.push_str(&rung.message.text().replace("\r\n", "\n"));
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        text
    }
}

impl Rung {
    /// `INVITE (SDP)`, `180 Ringing`, `200 OK to BYE`.
    pub fn label(&self) -> String {
        let line = self.message.start_line();
        let sdp = if self.message.has_sdp() { " (SDP)" } else { "" };
        match line.strip_prefix("SIP/2.0 ") {
            Some(status) => {
                let method = method(self.message.bytes()).unwrap_or_default();
                let to = if matches!(method.as_str(), "INVITE" | "") {
                    String::new()
                } else {
                    format!(" to {method}")
                };
                format!("{status}{to}{sdp}")
            }
            None => format!("{}{sdp}", line.split(' ').next().unwrap_or_default()),
        }
    }

    /// Seconds since the first message.
    pub fn seconds(&self) -> f64 {
        self.since.num_microseconds().unwrap_or(i64::MAX) as f64 / 1e6
    }
}
