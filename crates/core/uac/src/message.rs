//! A SIP message as this crate sees it: start line, ordered headers, body.
//! Header names are held in their long form; values are text without line folds.

use serde::{Deserialize, Serialize};

use crate::address::NameAddr;

mod headers;
mod method;
mod via;

pub use headers::{Header, Headers, long_name};
pub use method::Method;
pub use via::Via;

/// A request or a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A request, RFC 3261 section 7.1.
    Request(Request),
    /// A response, RFC 3261 section 7.2.
    Response(Response),
}

impl Message {
    /// The headers of either kind.
    pub fn headers(&self) -> &Headers {
        match self {
            Message::Request(request) => &request.headers,
            Message::Response(response) => &response.headers,
        }
    }
}

/// A SIP request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// The Request-URI as written.
    pub uri: String,
    /// All headers but Content-Length, which the wire form computes.
    pub headers: Headers,
    /// The body, opaque octets.
    pub body: Vec<u8>,
}

/// A SIP response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Status code, 100 to 699.
    pub status: u16,
    /// Reason phrase as written; may be empty.
    pub phrase: String,
    /// All headers but Content-Length, which the wire form computes.
    pub headers: Headers,
    /// The body, opaque octets.
    pub body: Vec<u8>,
}

impl Request {
    /// The session description carried, if the body is one. Bytes that are not UTF-8 (GBK session
    /// names are common) are replaced, since they never carry meaning for the media.
    pub fn sdp(&self) -> Option<String> {
        sdp_of(&self.headers, &self.body)
    }
}

impl Response {
    /// A response to `request` with the headers RFC 3261 section 8.2.6.2 has copied. `to_tag` is
    /// added to a To that has none.
    pub fn to(request: &Request, status: u16, phrase: &str, to_tag: &str) -> Self {
        let mut headers = Headers::default();
        for header in request.headers.iter() {
            let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
            if !copied.iter().any(|name| header.is(name)) {
                continue;
            }
            let untagged =
                header.is("To") && NameAddr::parse(&header.value).is_none_or(|to| to.tag().is_none());
            let value = if untagged && status > 100 {
                format!("{};tag={to_tag}", header.value)
            } else {
                header.value.clone()
            };
            headers.push(&header.name, value);
        }
        Self { status, phrase: phrase.to_owned(), headers, body: Vec::new() }
    }

    /// The session description carried, if the body is one; see [`Request::sdp`].
    pub fn sdp(&self) -> Option<String> {
        sdp_of(&self.headers, &self.body)
    }

    /// 100 to 199.
    pub fn is_provisional(&self) -> bool {
        self.status < 200
    }

    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A missing Content-Type is forgiven when the body plainly is SDP: some gateways leave it out.
fn sdp_of(headers: &Headers, body: &[u8]) -> Option<String> {
    let is_sdp = match headers.first("Content-Type") {
        Some(kind) => {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/sdp"))
        }
        None => body.starts_with(b"v=0"),
    };
    (is_sdp && !body.is_empty()).then(|| String::from_utf8_lossy(body).into_owned())
}
