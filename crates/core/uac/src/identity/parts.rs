//! The parts of an identity, each of which can only be made from text that may stand in a header.

use std::fmt::Write;
use std::net::IpAddr;

/// Longest display name, in bytes of UTF-8: what every switch we know of takes.
const LONGEST_NAME: usize = 120;
/// Longest user part, in bytes.
const LONGEST_USER: usize = 64;

/// Why an identity cannot be written into a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The shown or diverting number.
    #[error("{0:?} is no number: write it in digits, with + in front where the carrier wants E.164")]
    Number(String),
    /// The user part of From.
    #[error("{0:?} is no SIP user: write 1 to 64 characters without blanks, as the carrier gave it")]
    User(String),
    /// The host part.
    #[error("{0:?} is no domain: write a host name or an IP address")]
    Domain(String),
    /// The display name.
    #[error(
        "the display name is empty, longer than 120 bytes or has control characters: write a short plain text"
    )]
    DisplayName,
    /// A national number in tel: form without a domain that gives it a context (RFC 3966).
    #[error(
        "the tel: form of a number without + needs a domain that is a name: set domain, or write the number with +"
    )]
    TelContext,
    /// Privacy "none" with others.
    #[error("privacy \"none\" goes with no other value: keep it alone or leave it out")]
    PrivacyNone,
}

/// The user part of a SIP URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(String);

impl User {
    /// Any user, as the carrier gave it.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let fits = !text.is_empty() && text.len() <= LONGEST_USER;
        if fits && !text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdentityError::User(text.to_owned()))
        }
    }

    /// A number that can be dialled, or a short name of letters and digits.
    pub fn number(text: &str) -> Result<Self, IdentityError> {
        let dialable = |c: char| c.is_ascii_alphanumeric() || "+-_.*#".contains(c);
        if text.is_empty() || text.len() > LONGEST_USER || !text.chars().all(dialable) {
            return Err(IdentityError::Number(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is an E.164 number with its plus sign.
    pub(super) fn is_global(&self) -> bool {
        self.0.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    }

    /// As a URI writes it: everything but the unreserved is escaped (RFC 3261 section 25.1).
    pub(super) fn escaped(&self) -> String {
        let mut written = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$".contains(&byte) {
                written.push(char::from(byte));
            } else {
                // Writing to a String does not fail.
                let _ = write!(written, "%{byte:02X}");
            }
        }
        written
    }
}

/// The host part of a SIP URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// A host name, an IPv4 address, or an IPv6 address with or without brackets.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => Ok(Self(format!("[{address}]"))),
            Ok(IpAddr::V4(address)) => Ok(Self(address.to_string())),
            Err(_) if is_host_name(text) => Ok(Self(text.to_owned())),
            Err(_) => Err(IdentityError::Domain(text.to_owned())),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_address(&self) -> bool {
        self.0.starts_with('[') || self.0.parse::<IpAddr>().is_ok()
    }
}

fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(inner)
    };
    text.len() <= 253 && text.strip_suffix('.').unwrap_or(text).split('.').all(label)
}

/// A name shown with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Text in any script, without control characters.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST_NAME || text.chars().any(char::is_control) {
            return Err(IdentityError::DisplayName);
        }
        Ok(Self(text.to_owned()))
    }

    /// As a quoted string (RFC 3261 section 25.1).
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_a_header_gets_into_a_part() {
        for text in ["", "a\r\nEvil: 1", "a\u{0}", "a\u{85}b", "\u{7f}"] {
            assert_eq!(DisplayName::parse(text), Err(IdentityError::DisplayName), "{text:?}");
            assert!(User::parse(text).is_err(), "{text:?}");
            assert!(User::number(text).is_err(), "{text:?}");
            assert!(Domain::parse(text).is_err(), "{text:?}");
        }
        for text in ["a b", "a>;x", "a@b", "x;tag=1", &"1".repeat(65)] {
            assert!(User::number(text).is_err(), "{text:?}");
        }
        for text in ["a b", "a>", "a@b", "a;x", "-x y", "a..b", "[x]", "a:5060"] {
            assert!(Domain::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_user_of_any_letters_is_escaped() {
        let table = [("400#1", "400%231"), ("a@b;c", "a%40b%3Bc"), ("客", "%E5%AE%A2"), ("+86-1", "+86-1")];
        for (user, escaped) in table {
            assert_eq!(User::parse(user).unwrap().escaped(), escaped);
        }
    }
}
