//! One message as it is kept. Whatever made it has passed [`Message::new`]: no credential, no key
//! of media and no pressed digit is in it.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use uac::Transport;

use crate::fields::Fields;
use crate::secrets;

/// Bytes of a message that are kept; what is longer is cut off.
pub const LONGEST: usize = 64 * 1024;

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// By us.
    Sent,
    /// By the peer.
    Received,
}

impl Direction {
    /// `sent` or `received`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }

    /// The direction of that slug.
    pub fn parse(slug: &str) -> Option<Self> {
        [Self::Sent, Self::Received].into_iter().find(|known| known.slug() == slug)
    }
}

/// When and between whom a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Wall clock of the machine that saw it, in microseconds.
    pub at: DateTime<Utc>,
    /// Which way.
    pub direction: Direction,
    /// How it travelled.
    pub transport: Transport,
    /// Our end, as the peer knows it.
    pub local: SocketAddr,
    /// The other end.
    pub peer: SocketAddr,
}

/// A message without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When and between whom.
    pub envelope: Envelope,
    bytes: Vec<u8>,
}

impl Message {
    /// Takes the secrets out of what was on the wire.
    pub fn new(envelope: Envelope, mut bytes: Vec<u8>) -> Self {
        secrets::remove(&mut bytes);
        bytes.truncate(LONGEST);
        Self { envelope, bytes }
    }

    /// Of a message that is not to be kept whole: its first line.
    pub fn first_line(envelope: Envelope, mut bytes: Vec<u8>) -> Self {
        let line = Fields::of(&bytes).start_line;
        bytes.truncate(line.end);
        Self::new(envelope, bytes.split_off(line.start))
    }

    /// What is left of it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Its first line.
    pub fn start_line(&self) -> String {
        let line = Fields::of(&self.bytes).start_line;
        String::from_utf8_lossy(&self.bytes[line]).trim_end().to_owned()
    }

    /// The whole of it as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether it describes a session.
    pub fn has_sdp(&self) -> bool {
        let fields = Fields::of(&self.bytes);
        self.bytes[fields.body_range].starts_with(b"v=0")
    }
}

/// The Call-ID of a message on the wire.
pub fn call_id(message: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(Fields::of(message).header(message, "Call-ID")?).into_owned();
    (!value.is_empty()).then_some(value)
}

/// The method that a message on the wire belongs to, as its CSeq names it.
pub fn method(message: &[u8]) -> Option<String> {
    let cseq = String::from_utf8_lossy(Fields::of(message).header(message, "CSeq")?).into_owned();
    cseq.split_ascii_whitespace().nth(1).map(str::to_owned)
}
