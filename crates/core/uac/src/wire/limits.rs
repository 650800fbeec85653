//! How large a message may be: far beyond what carriers send, far below what could hurt.

/// Sizes above which a message is not worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a whole message. No UDP datagram holds more than 65,535 (RFC 3261 section 18.1.1).
    pub message: usize,
    /// Octets of the body: a session description takes one or two thousand.
    pub body: usize,
    /// Octets of a Request-URI.
    pub uri: usize,
    /// Header lines.
    pub headers: usize,
    /// Octets of one header's value, its folds joined.
    pub value: usize,
    /// Entries of Via, of Route, of Record-Route and of Contact each, over all their lines. A
    /// request that has taken 70 hops has used up its Max-Forwards.
    pub hops: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message: 65_535, body: 16_384, uri: 2_048, headers: 256, value: 8_192, hops: 70 }
    }
}
