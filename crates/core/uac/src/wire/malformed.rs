//! Why bytes are not a message we work on, and what a request of that kind is answered with.

/// The first thing found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Neither Request-Line nor Status-Line.
    #[error("no SIP start line")]
    StartLine,
    /// A start line of another protocol version.
    #[error("another version than SIP/2.0")]
    Version,
    /// The Request-URI cannot be read, or carries headers, which only other places allow.
    #[error("the Request-URI is malformed")]
    Uri,
    /// The Request-URI is longer than allowed.
    #[error("the Request-URI is too long")]
    UriTooLong,
    /// A line between start line and body is no header, or holds a bare CR.
    #[error("a header line without a name, or with a bare CR")]
    Header,
    /// No empty line ends the headers: the message was cut short.
    #[error("no empty line after the headers")]
    Unfinished,
    /// Larger, longer or more than allowed.
    #[error("over a limit of size")]
    TooLarge,
    /// The body alone is larger than allowed.
    #[error("the body is over the limit of size")]
    BodyTooLarge,
    /// From, To, Call-ID or CSeq is missing, doubled or unreadable.
    #[error("From, To, Call-ID or CSeq is missing, doubled or unreadable")]
    Mandatory,
    /// The topmost Via is missing or unreadable, or promises a branch and has none.
    #[error("the topmost Via is missing or unreadable")]
    Via,
    /// A Contact with URI headers outside angle brackets: whose they are cannot be told.
    #[error("a Contact needs angle brackets around its URI")]
    Contact,
    /// CSeq names another method than the start line.
    #[error("CSeq names another method")]
    Method,
    /// Content-Length is unreadable, doubled, or promises more than there is.
    #[error("Content-Length does not fit the message")]
    Length,
}

impl Malformed {
    /// Status and phrase of the refusal. The phrase says what is wrong, as RFC 3261 section 21.4.1
    /// asks for.
    pub fn answer(self) -> (u16, &'static str) {
        match self {
            Self::StartLine => (400, "Malformed Request-Line"),
            Self::Version => (505, "Version Not Supported"),
            Self::Uri => (400, "Malformed Request-URI"),
            Self::UriTooLong => (414, "Request-URI Too Long"),
            Self::Header => (400, "Malformed Header Line"),
            Self::Unfinished => (400, "No Empty Line After Headers"),
            Self::TooLarge => (513, "Message Too Large"),
            Self::BodyTooLarge => (413, "Request Entity Too Large"),
            Self::Mandatory => (400, "From, To, Call-ID or CSeq Missing, Doubled or Malformed"),
            Self::Via => (400, "Malformed Via"),
            Self::Contact => (400, "Malformed Contact"),
            Self::Method => (400, "CSeq Names Another Method"),
            Self::Length => (400, "Content-Length Does Not Fit"),
        }
    }
}
