//! Runs of digits that may be a telephone number, however they are written: `+86-138 0013 8000`,
//! percent-encoded, full-width in UTF-8 or GBK. Addresses of the Internet are none.

use std::ops::Range;

/// Fewer digits are no number that leads to a person (ports, payload types, dates of a log).
const FEWEST: usize = 7;
/// More digits than any number has (E.164: 15): several runs written together.
const MOST: usize = 15;
/// Digits that are masked.
pub(crate) const HIDDEN: usize = 4;
/// Digits that stay at the end.
const TAIL: usize = 4;

/// Digits that belong together.
pub(crate) struct Run {
    /// The bytes of each digit.
    digits: Vec<Range<usize>>,
    /// The digits themselves.
    pub(crate) number: Vec<u8>,
}

/// All runs in `within`, without those that the value of a tag or branch holds.
pub(crate) fn runs(message: &[u8], within: Range<usize>) -> Vec<Run> {
    let text = &message[..within.end];
    let (mut found, mut run) = (Vec::new(), Run { digits: Vec::new(), number: Vec::new() });
    let mut at = within.start;
    while at < within.end {
        if let Some(length) = opaque(text, at) {
            found.push(std::mem::replace(&mut run, Run { digits: Vec::new(), number: Vec::new() }));
            at += length;
        } else if let Some((digit, length)) = digit(&text[at..]) {
            let joined = run.digits.last().is_none_or(|last| separates(&text[last.end..at]));
            if !joined {
                found.push(std::mem::replace(&mut run, Run { digits: Vec::new(), number: Vec::new() }));
            }
            run.digits.push(at..at + length);
            run.number.push(digit);
            at += length;
        } else {
            at += 1;
        }
    }
    found.push(run);
    found.retain(|run| run.number.len() >= FEWEST);
    found
}

/// Visual separators of RFC 3966, and blanks.
fn separates(between: &[u8]) -> bool {
    between.len() <= 2 && between.iter().all(|b| b"-.() ".contains(b))
}

/// A digit and the bytes it is written with.
fn digit(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [d @ b'0'..=b'9', ..] => Some((*d, 1)),
        [b'%', b'3', d @ b'0'..=b'9', ..] => Some((*d, 3)),
        // U+FF10 to U+FF19.
        [0xef, 0xbc, d @ 0x90..=0x99, ..] => Some((d - 0x90 + b'0', 3)),
        // The same in GBK.
        [0xa3, d @ 0xb0..=0xb9, ..] => Some((d - 0xb0 + b'0', 2)),
        _ => None,
    }
}

/// The length of what is no number though it has digits: an IPv4 address, the value of a tag.
fn opaque(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    for name in [&b";tag="[..], b";branch="] {
        if rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)) {
            let value = &rest[name.len()..];
            let end = value.iter().position(|b| b.is_ascii_whitespace() || b";,>\"".contains(b));
            return Some(name.len() + end.unwrap_or(value.len()));
        }
    }
    let fresh = at == 0 || !(text[at - 1].is_ascii_digit() || text[at - 1] == b'.');
    if fresh { ipv4(rest) } else { None }
}

/// The length of an IPv4 address in its canonical form, which numbers do not have.
fn ipv4(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|b| !(b.is_ascii_digit() || *b == b'.')).unwrap_or(text.len());
    let address = std::str::from_utf8(&text[..end]).ok()?.trim_end_matches('.');
    address.parse::<std::net::Ipv4Addr>().is_ok().then_some(address.len())
}

impl Run {
    /// Masks the middle, as numbers are masked everywhere: `138****8000`.
    pub(crate) fn mask(&self, message: &mut [u8]) {
        let count = self.digits.len();
        let head = if count > MOST { 0 } else { count.saturating_sub(HIDDEN + TAIL) };
        let tail = TAIL.min(count - HIDDEN);
        for place in &self.digits[head..count - tail] {
            let star: &[u8] = match place.len() {
                3 if message[place.start] == b'%' => b"%2A",
                3 => "＊".as_bytes(),
                // U+FF0A in GBK.
                2 => &[0xa3, 0xaa],
                _ => b"*",
            };
            message[place.clone()].copy_from_slice(star);
        }
    }
}
