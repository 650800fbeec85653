//! Masks telephone numbers in a message for those who may not see them whole. What looks like a
//! number goes wherever a number may stand; a number seen once goes everywhere else too.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::fields::Fields;
use crate::runs::{HIDDEN, Run, runs};
use crate::secrets::{blot, find};

/// Digits by which a number is known again, however its beginning is written.
const KNOWN_BY: usize = 8;

/// Headers whose digits are the protocol's own.
const PROTOCOL: [&str; 32] = [
    "via",
    "call-id",
    "cseq",
    "content-length",
    "content-type",
    "content-encoding",
    "content-disposition",
    "max-forwards",
    "expires",
    "min-expires",
    "session-expires",
    "min-se",
    "rseq",
    "rack",
    "date",
    "timestamp",
    "allow",
    "allow-events",
    "supported",
    "require",
    "proxy-require",
    "unsupported",
    "accept",
    "accept-encoding",
    "accept-language",
    "user-agent",
    "server",
    "retry-after",
    "mime-version",
    "session-id",
    "event",
    "subscription-state",
];

/// Lines of a session description whose digits are ports, clocks and identifiers.
const SESSION: [&str; 15] = [
    "v=",
    "c=",
    "m=",
    "t=",
    "b=",
    "r=",
    "z=",
    "a=rtpmap:",
    "a=fmtp:",
    "a=rtcp:",
    "a=ptime:",
    "a=maxptime:",
    "a=candidate:",
    "a=ssrc:",
    "a=crypto:",
];

/// Numbers that were seen in the messages of one call.
#[derive(Clone, Debug, Default)]
pub struct Numbers(BTreeSet<Vec<u8>>);

impl Numbers {
    /// Those that the call is known to have, such as the customer's.
    pub fn known<'n>(numbers: impl IntoIterator<Item = &'n str>) -> Self {
        let mut known = Self::default();
        for number in numbers {
            known.add(&number.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>());
        }
        known
    }

    /// Takes up the numbers of a message; all messages are learned before the first is masked.
    pub fn learn(&mut self, message: &[u8]) {
        for run in numbers_of(message) {
            self.add(&run.number);
        }
    }

    /// Masks every number; the length of the message stays.
    pub fn mask(&self, message: &mut [u8]) {
        for run in numbers_of(message) {
            run.mask(message);
        }
        blot_binary(message);
        for number in &self.0 {
            let mut from = 0;
            while let Some(at) = find(&message[from..], number) {
                let begin = from + at;
                // The last ones stay, as they do elsewhere.
                message[begin..begin + HIDDEN].fill(b'*');
                from = begin + number.len();
            }
        }
    }

    fn add(&mut self, digits: &[u8]) {
        let begin = digits.len().saturating_sub(KNOWN_BY);
        if digits.len() + 1 >= KNOWN_BY {
            self.0.insert(digits[begin..].to_vec());
        }
    }
}

fn numbers_of(message: &[u8]) -> Vec<Run> {
    let fields = Fields::of(message);
    let mut found = runs(message, said(message, fields.start_line.clone()));
    for field in &fields.headers {
        if !PROTOCOL.contains(&field.name(message).as_str()) {
            found.extend(runs(message, field.value.clone()));
        }
    }
    for line in &fields.body {
        found.extend(runs(message, spoken_of(message, line.whole.clone())));
    }
    found
}

/// The start line without what the protocol writes into it.
fn said(message: &[u8], line: Range<usize>) -> Range<usize> {
    let text = &message[line.clone()];
    let space = |from: usize| text.iter().skip(from).position(|b| *b == b' ').map(|at| from + at + 1);
    if text.starts_with(b"SIP/") {
        let phrase = space(0).and_then(space).unwrap_or(text.len());
        return line.start + phrase..line.end;
    }
    let end = find(text, b" sip/").unwrap_or(text.len());
    line.start + space(0).unwrap_or(0).min(end)..line.start + end
}

/// What of a line of the body may be a number.
fn spoken_of(message: &[u8], line: Range<usize>) -> Range<usize> {
    let text = message[line.clone()].to_ascii_lowercase();
    if SESSION.iter().any(|begin| text.starts_with(begin.as_bytes())) {
        return line.end..line.end;
    }
    if text.starts_with(b"o=") {
        // Its user name only: session id and version, two of the five words behind it, are long numbers.
        let spaces = text.iter().enumerate().rev().filter(|(_, b)| **b == b' ').map(|(at, _)| at);
        return line.start..line.start + spaces.take(5).last().unwrap_or(text.len());
    }
    line
}

/// ISUP and the like carry numbers in a form of their own: only lines of text stay.
fn blot_binary(message: &mut [u8]) {
    let fields = Fields::of(message);
    let body = &message[fields.body_range.clone()];
    let control = |b: &u8| *b < b' ' && !matches!(b, b'\r' | b'\n' | b'\t');
    if !body.iter().any(control) {
        return;
    }
    for line in fields.body {
        let text = &message[line.whole.clone()];
        let described = matches!(text, [b'a'..=b'z', b'=', ..]) || text.starts_with(b"--");
        let plain = text.iter().all(|b| (b' '..=b'~').contains(b));
        let header = !line.name(message).is_empty();
        if !(plain && (described || header)) {
            blot(message, line.whole.clone());
        }
    }
}
