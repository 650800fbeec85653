//! Ordered headers, and the few that every part of the machine reads.

use serde::{Deserialize, Serialize};

use super::{Method, Via};
use crate::address::{NameAddr, split_outside};

/// One header line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Long form of the name.
    pub name: String,
    /// Value, unfolded and trimmed.
    pub value: String,
}

impl Header {
    /// Whether this is the header `name` (long form); names compare without case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Headers in the order of the message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// Adds a line at the end; a compact name is stored in its long form.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(Header { name: long_name(name).to_owned(), value: value.into() });
    }

    /// Replaces every line of that name by one at the end.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Gives the first line of that name another value, where it stands.
    pub fn rewrite(&mut self, name: &str, value: impl Into<String>) {
        if let Some(header) = self.0.iter_mut().find(|header| header.is(name)) {
            header.value = value.into();
        }
    }

    /// Removes every line of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|header| !header.is(name));
    }

    /// Removes every line of another name, and the room for it.
    pub(crate) fn keep(&mut self, names: &[&str]) {
        self.0.retain(|header| names.iter().any(|name| header.is(name)));
        self.0.shrink_to_fit();
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Continues the value of the last line by a folded one; `false` when there is none.
    pub(crate) fn unfold(&mut self, more: &str) -> bool {
        let Some(last) = self.0.last_mut() else { return false };
        if !last.value.is_empty() && !more.is_empty() {
            last.value.push(' ');
        }
        last.value.push_str(more);
        true
    }

    /// The value of the last line.
    pub(crate) fn last(&self) -> Option<&str> {
        self.0.last().map(|header| header.value.as_str())
    }

    /// Takes over the credentials of a request, as its ACK must (RFC 3261 section 22.1).
    pub fn copy_credentials(&mut self, of: &Headers) {
        for header in
            of.iter().filter(|header| header.is("Authorization") || header.is("Proxy-Authorization"))
        {
            self.push(&header.name, &header.value);
        }
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.0.iter()
    }

    /// The value of the first line of that name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|header| header.is(name)).map(|header| header.value.as_str())
    }

    /// The values of all lines of that name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |header| header.is(name)).map(|header| header.value.as_str())
    }

    /// The values of a comma-separated header, over all its lines. Not for challenges, whose
    /// parameters are themselves separated by commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let lines = self.0.iter().filter(|header| header.is(name)).map(|header| header.value.as_str());
        lines.flat_map(entries_of).collect()
    }

    /// [`Headers::list`], one at a time.
    pub fn entries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(entries_of)
    }

    /// Whether a comma-separated header of option tags names `tag`.
    pub fn lists(&self, name: &str, tag: &str) -> bool {
        self.entries(name).any(|value| value.eq_ignore_ascii_case(tag))
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.first("Call-ID")
    }

    /// CSeq as number and method.
    pub fn cseq(&self) -> Option<(u32, Method)> {
        let (number, method) = self.first("CSeq")?.split_once(char::is_whitespace)?;
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        Some((number.parse().ok().filter(|_| digits)?, method.trim().into()))
    }

    /// The tag of From.
    pub fn from_tag(&self) -> Option<String> {
        self.address("From")?.tag().map(str::to_owned)
    }

    /// The tag of To.
    pub fn to_tag(&self) -> Option<String> {
        self.address("To")?.tag().map(str::to_owned)
    }

    /// The URI of the first Contact.
    pub fn contact(&self) -> Option<String> {
        NameAddr::parse(self.entries("Contact").next()?).map(|contact| contact.uri)
    }

    /// The branch of the topmost Via.
    pub fn branch(&self) -> Option<&str> {
        self.top_via()?.branch()
    }

    /// The topmost Via.
    pub fn top_via(&self) -> Option<Via<'_>> {
        Via::parse(self.entries("Via").next()?)
    }

    fn address(&self, name: &str) -> Option<NameAddr> {
        NameAddr::parse(self.first(name)?)
    }
}

fn entries_of(line: &str) -> impl Iterator<Item = &str> {
    split_outside(line, ',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// The long form of a compact header name (RFC 3261 section 7.3.3 and its extensions).
pub fn long_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else { return name };
    match letter.to_ascii_lowercase() {
        b'i' => "Call-ID",
        b'm' => "Contact",
        b'e' => "Content-Encoding",
        b'l' => "Content-Length",
        b'c' => "Content-Type",
        b'f' => "From",
        b's' => "Subject",
        b'k' => "Supported",
        b't' => "To",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'o' => "Event",
        b'r' => "Refer-To",
        b'b' => "Referred-By",
        b'u' => "Allow-Events",
        _ => name,
    }
}
