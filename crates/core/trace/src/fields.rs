//! Where things lie in the bytes of a message: start line, header fields with their folds, body.
//! Reads anything; what is malformed is a field without a name.

use std::ops::Range;

/// Byte ranges of a message.
pub(crate) struct Fields {
    pub(crate) start_line: Range<usize>,
    pub(crate) headers: Vec<Field>,
    /// Lines of the body; a line that begins with a blank belongs to the one before it.
    pub(crate) body: Vec<Field>,
    /// The whole body.
    pub(crate) body_range: Range<usize>,
}

/// A header, or a line of the body.
pub(crate) struct Field {
    /// Before the colon, where what stands there can be the name of a header.
    name: Range<usize>,
    /// Behind the colon; the whole line where there is no name.
    pub(crate) value: Range<usize>,
    /// Name, colon and value.
    pub(crate) whole: Range<usize>,
}

impl Fields {
    pub(crate) fn of(message: &[u8]) -> Self {
        let begin = message.iter().position(|b| !is_break(*b)).unwrap_or(message.len());
        let head_end = blank_line(message, begin);
        let mut head = lines(message, begin..head_end).into_iter();
        let start_line = head.next().unwrap_or(begin..begin);
        let headers = head.map(|line| Field::of(message, line)).collect();
        let body_range = head_end..message.len();
        let body = lines(message, body_range.clone()).into_iter().map(|line| Field::of(message, line));
        Self { start_line, headers, body: body.collect(), body_range }
    }

    /// The first header of this long name, or of its compact form.
    pub(crate) fn header<'m>(&self, message: &'m [u8], name: &str) -> Option<&'m [u8]> {
        let found = self.headers.iter().find(|field| field.is(message, name))?;
        Some(message[found.value.clone()].trim_ascii())
    }
}

impl Field {
    fn of(message: &[u8], line: Range<usize>) -> Self {
        let text = &message[line.clone()];
        let colon = text.iter().position(|b| *b == b':');
        let name = colon.map(|at| text[..at].trim_ascii_end()).filter(|name| is_token(name));
        match (name, colon) {
            (Some(name), Some(colon)) => Self {
                name: line.start..line.start + name.len(),
                value: line.start + colon + 1..line.end,
                whole: line,
            },
            _ => Self { name: line.start..line.start, value: line.clone(), whole: line },
        }
    }

    /// The name in its long form and lower case; empty where there is none.
    pub(crate) fn name(&self, message: &[u8]) -> String {
        let name = String::from_utf8_lossy(&message[self.name.clone()]);
        uac::message::long_name(&name).to_ascii_lowercase()
    }

    pub(crate) fn is(&self, message: &[u8], name: &str) -> bool {
        // A name is a token, and those are ASCII.
        let own = std::str::from_utf8(&message[self.name.clone()]).unwrap_or_default();
        uac::message::long_name(own).eq_ignore_ascii_case(name)
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(b))
}

/// Where the body begins: behind the first empty line.
fn blank_line(message: &[u8], begin: usize) -> usize {
    let mut line_start = begin;
    for (at, byte) in message.iter().enumerate().skip(begin) {
        if *byte == b'\n' {
            if message[line_start..at].iter().all(|b| *b == b'\r') {
                return at + 1;
            }
            line_start = at + 1;
        }
    }
    message.len()
}

/// Lines without their ends; folds are joined to the line they continue. A bare CR ends a line as
/// well, lest something hide behind it.
fn lines(message: &[u8], within: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let end = message[at..within.end].iter().position(|b| is_break(*b)).map_or(within.end, |n| at + n);
        if end > at {
            match found.last_mut() {
                Some(last) if matches!(message[at], b' ' | b'\t') => last.end = end,
                _ => found.push(at..end),
            }
        }
        at = end + 1;
    }
    found
}
