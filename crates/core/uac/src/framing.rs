//! Messages out of a stream (RFC 3261 section 18.3): each ends where its Content-Length says, with
//! the keep-alives of RFC 5626 section 3.5.1 between them.

use std::borrow::Cow;

/// Largest message taken from a stream, head and body.
pub const LARGEST: usize = 65_535;
/// Largest start line with headers.
pub const LARGEST_HEAD: usize = 16_384;

/// What a stream carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The bytes of one message.
    Message(Vec<u8>),
    /// A double CRLF: the other side wants a [`PONG`].
    Ping,
    /// A single CRLF: the other side is alive.
    Pong,
}

/// What is sent to ask whether the other side is alive.
pub const PING: &[u8] = b"\r\n\r\n";
/// What answers it.
pub const PONG: &[u8] = b"\r\n";

/// Where the next message begins can no longer be told: the stream has to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unframed {
    /// No empty line in [`LARGEST_HEAD`] bytes.
    #[error("a head of more than {LARGEST_HEAD} bytes")]
    Head,
    /// Content-Length leads beyond [`LARGEST`].
    #[error("a message of more than {LARGEST} bytes")]
    TooLarge,
    /// No Content-Length, which a stream cannot do without.
    #[error("a message without Content-Length")]
    NoLength,
    /// Content-Length is unreadable, or there are several.
    #[error("an unreadable Content-Length")]
    Length,
}

/// Cuts a stream into frames: bytes go in as they come, frames are cut off when they are whole.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// How much of the buffer holds no end of the head.
    scanned: usize,
    /// Length of the message at the head of the buffer, once known.
    length: Option<usize>,
    /// The last frame was a single CRLF, which may be the first half of a ping.
    half_ping: bool,
}

impl Framer {
    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether a message has begun and is not whole yet.
    pub fn is_within_message(&self) -> bool {
        self.buffer.iter().any(|byte| !matches!(byte, b'\r' | b'\n'))
    }

    /// Cuts off the next frame, if it is whole.
    pub fn cut(&mut self) -> Result<Option<Frame>, Unframed> {
        if self.length.is_none() {
            if let Some(blank) = self.blank() {
                return Ok(Some(blank));
            }
            self.measure()?;
        }
        let whole = self.length.filter(|length| self.buffer.len() >= *length);
        Ok(whole.map(|length| {
            self.length = None;
            self.scanned = 0;
            Frame::Message(self.take(length))
        }))
    }

    /// Line ends between messages.
    fn blank(&mut self) -> Option<Frame> {
        loop {
            if self.buffer.starts_with(PING) {
                self.take(PING.len());
                self.half_ping = false;
                return Some(Frame::Ping);
            }
            if self.buffer.starts_with(PONG) {
                self.take(PONG.len());
                let second_half = self.half_ping;
                self.half_ping = !second_half;
                return Some(if second_half { Frame::Ping } else { Frame::Pong });
            }
            match self.buffer.first() {
                // Bare line ends before a start line are to be ignored (RFC 3261 section 7.5).
                Some(b'\n') => drop(self.take(1)),
                Some(b'\r') if self.buffer.len() > 1 => drop(self.take(1)),
                Some(b'\r') | None => return None,
                Some(_) => {
                    self.half_ping = false;
                    return None;
                }
            }
        }
    }

    /// Finds the length of the message that begins the buffer, if its head is whole.
    fn measure(&mut self) -> Result<(), Unframed> {
        // An end may have begun in the last bytes looked at.
        let from = self.scanned.saturating_sub(3);
        let Some(body) = end_of_head(&self.buffer[from..]).map(|end| from + end) else {
            self.scanned = self.buffer.len();
            return if self.buffer.len() > LARGEST_HEAD { Err(Unframed::Head) } else { Ok(()) };
        };
        if body > LARGEST_HEAD {
            return Err(Unframed::Head);
        }
        let length = content_length(&self.buffer[..body])?;
        let whole = body.checked_add(length).filter(|whole| *whole <= LARGEST).ok_or(Unframed::TooLarge)?;
        self.length = Some(whole);
        Ok(())
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }
}

/// Where the body begins: behind the first empty line.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let find =
        |end: &[u8]| bytes.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    find(b"\r\n\r\n").into_iter().chain(find(b"\n\n")).min()
}

fn content_length(head: &[u8]) -> Result<usize, Unframed> {
    let head = String::from_utf8_lossy(head);
    let mut lengths = unfolded(&head).into_iter().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = name.trim();
        let named = name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("l");
        named.then(|| value.trim().to_owned())
    });
    let length = lengths.next().ok_or(Unframed::NoLength)?;
    let readable =
        lengths.next().is_none() && !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    if !readable {
        return Err(Unframed::Length);
    }
    length.parse().map_err(|_| Unframed::TooLarge)
}

/// The header lines, continuation lines joined to theirs; the start line left out.
fn unfolded(head: &str) -> Vec<Cow<'_, str>> {
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    for line in head.lines().skip(1) {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.to_mut().push_str(line),
            _ => lines.push(line.into()),
        }
    }
    lines
}
