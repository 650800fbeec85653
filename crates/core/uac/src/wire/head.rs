//! A message's start line and header lines, before anything is made of them.

use super::{Limits, Malformed};
use crate::message::Headers;

/// A message cut into its parts.
pub(super) struct Head<'a> {
    /// Without its line end.
    pub start: &'a [u8],
    /// Everything between start line and the empty line.
    pub lines: &'a [u8],
    /// Everything after the empty line.
    pub body: &'a [u8],
    /// Whether there was an empty line.
    pub finished: bool,
}

impl<'a> Head<'a> {
    /// Cuts at the first empty line. Blank lines before the start line are to be ignored
    /// (RFC 3261 section 7.5).
    pub(super) fn of(message: &'a [u8]) -> Option<Self> {
        let begin = message.iter().position(|b| !matches!(b, b'\r' | b'\n'))?;
        let message = &message[begin..];
        let (start, mut at) = line_at(message, 0);
        let lines = at;
        while at < message.len() {
            let (line, next) = line_at(message, at);
            if line.is_empty() {
                return Some(Self {
                    start,
                    lines: &message[lines..at],
                    body: &message[next..],
                    finished: true,
                });
            }
            at = next;
        }
        Some(Self { start, lines: &message[lines..], body: &[], finished: false })
    }

    /// The header lines as text. Bytes that are not UTF-8 are replaced, line by line alone.
    pub(super) fn headers(&self, limits: &Limits) -> Result<Headers, Malformed> {
        let text = String::from_utf8_lossy(self.lines);
        let mut headers = Headers::default();
        for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
            if line.contains('\r') {
                return Err(Malformed::Header);
            }
            if line.starts_with([' ', '\t']) {
                if !headers.unfold(line.trim()) {
                    return Err(Malformed::Header);
                }
            } else if !line.is_empty() {
                let (name, value) = name_and_value(line).ok_or(Malformed::Header)?;
                headers.push(name, value);
            }
            if headers.count() > limits.headers || headers.last().map_or(0, str::len) > limits.value {
                return Err(Malformed::TooLarge);
            }
        }
        Ok(headers)
    }
}

/// A header line's name, a token, and its value.
pub(super) fn name_and_value(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    is_token(name).then(|| (name, value.trim()))
}

/// The line that begins at `at`, without its end, and where the next one begins.
pub(super) fn line_at(bytes: &[u8], at: usize) -> (&[u8], usize) {
    let rest = &bytes[at..];
    match rest.iter().position(|b| *b == b'\n') {
        Some(end) => (rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]), at + end + 1),
        None => (rest.strip_suffix(b"\r").unwrap_or(rest), bytes.len()),
    }
}

/// A token of RFC 3261 section 25.1.
pub(super) fn is_token(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}
