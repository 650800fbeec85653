//! Who is shown to the customer, and in which headers this carrier wants it.

use crate::message::Headers;

/// The shown identity of a trunk (W6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number shown to the customer: the company's 400 number.
    pub caller: String,
    /// Host part of the identity's URI, an IPv6 address in brackets.
    pub domain: String,
    /// The headers beside From that carry it, as the carrier wants them.
    pub headers: Vec<IdentityHeader>,
}

/// A header beside From that says who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityHeader {
    /// P-Asserted-Identity, RFC 3325 section 9.1.
    Asserted,
}

impl Identity {
    /// The shown identity as a URI in angle brackets.
    pub fn address(&self) -> String {
        format!("<sip:{}@{}>", self.caller, self.domain)
    }

    /// Writes the headers of an INVITE that say who calls, From with `tag` first.
    pub fn write(&self, headers: &mut Headers, tag: &str) {
        headers.push("From", format!("{};tag={tag}", self.address()));
        for header in &self.headers {
            match header {
                IdentityHeader::Asserted => headers.push("P-Asserted-Identity", self.address()),
            }
        }
    }
}
