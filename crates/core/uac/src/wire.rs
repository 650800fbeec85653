//! Bytes to messages and back. Tolerant where carriers are careless (bare LF, folds, compact
//! names, text that is not UTF-8, no Content-Length on UDP), strict where a message is unsafe.

use crate::message::{Header, Headers, Message, Method, Request, Response, long_name};

/// Largest datagram taken; SIP over UDP has no larger ones (RFC 3261 section 18.1.1).
pub const LARGEST: usize = 65_535;
/// Most header lines of one message.
const MOST_HEADERS: usize = 256;
/// Longest header value, folds joined.
const LONGEST_VALUE: usize = 8_192;

/// Why bytes are not a message we work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not a Request-Line or Status-Line of SIP/2.0.
    #[error("no SIP/2.0 start line")]
    StartLine,
    /// A line between start line and body is no header, or holds a bare CR.
    #[error("a header line without colon or with a bare CR")]
    Header,
    /// Larger, longer or more than allowed.
    #[error("over a limit of size")]
    TooLarge,
    /// Via, From, To, Call-ID or CSeq is missing, doubled or unreadable.
    #[error("a mandatory header is missing, doubled or unreadable")]
    Mandatory,
    /// Content-Length is unreadable or promises more than the datagram holds.
    #[error("Content-Length does not fit the datagram")]
    Length,
}

/// Reads one datagram.
pub fn parse(datagram: &[u8]) -> Result<Message, Malformed> {
    if datagram.len() > LARGEST {
        return Err(Malformed::TooLarge);
    }
    // Blank lines before the start line are to be ignored (RFC 3261 section 7.5).
    let start = datagram.iter().position(|b| !matches!(b, b'\r' | b'\n')).ok_or(Malformed::StartLine)?;
    let (head, body) = split_body(&datagram[start..]);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let start_line = lines.next().filter(|line| !line.contains('\r')).ok_or(Malformed::StartLine)?;
    let mut headers = parse_headers(lines)?;
    let body = cut_body(&headers, body)?;
    headers.remove("Content-Length");
    check_mandatory(&headers)?;
    parse_start(start_line, headers, body)
}

fn split_body(message: &[u8]) -> (&[u8], &[u8]) {
    let crlf = find(message, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = find(message, b"\n\n").map(|at| (at, at + 2));
    match crlf.into_iter().chain(lf).min() {
        Some((end, body)) => (&message[..end], &message[body..]),
        None => (message, &[]),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn parse_headers<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Headers, Malformed> {
    let mut found: Vec<Header> = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        if line.contains('\r') {
            return Err(Malformed::Header);
        }
        if line.starts_with([' ', '\t']) {
            let last = found.last_mut().ok_or(Malformed::Header)?;
            last.value.push(' ');
            last.value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':').ok_or(Malformed::Header)?;
            let name = name.trim_end();
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(Malformed::Header);
            }
            found.push(Header { name: long_name(name).to_owned(), value: value.trim().to_owned() });
        }
        if found.len() > MOST_HEADERS || found.last().is_some_and(|h| h.value.len() > LONGEST_VALUE) {
            return Err(Malformed::TooLarge);
        }
    }
    let mut headers = Headers::default();
    for header in found {
        headers.push(&header.name, header.value);
    }
    Ok(headers)
}

/// Bytes beyond Content-Length are dropped; without one the datagram ends the body
/// (RFC 3261 section 18.3).
fn cut_body(headers: &Headers, body: &[u8]) -> Result<Vec<u8>, Malformed> {
    let length = match headers.first("Content-Length") {
        Some(text) => text.parse().map_err(|_| Malformed::Length)?,
        None => body.len(),
    };
    body.get(..length).map(<[u8]>::to_vec).ok_or(Malformed::Length)
}

fn check_mandatory(headers: &Headers) -> Result<(), Malformed> {
    let once = |name: &str| headers.all(name).count() == 1;
    let whole = ["From", "To", "Call-ID", "CSeq"].iter().all(|name| once(name));
    let readable = headers.branch().is_some() && headers.from_tag().is_some() && headers.cseq().is_some();
    if whole && readable { Ok(()) } else { Err(Malformed::Mandatory) }
}

fn parse_start(line: &str, headers: Headers, body: Vec<u8>) -> Result<Message, Malformed> {
    let mut words = line.splitn(3, ' ');
    let (first, second, third) = (words.next(), words.next(), words.next());
    let (first, second) = (first.unwrap_or_default(), second.ok_or(Malformed::StartLine)?);
    if first.eq_ignore_ascii_case("SIP/2.0") {
        let status = second.trim().parse().ok().filter(|status| (100..700).contains(status));
        let status = status.ok_or(Malformed::StartLine)?;
        let phrase = third.unwrap_or_default().trim().to_owned();
        return Ok(Message::Response(Response { status, phrase, headers, body }));
    }
    let version = third.ok_or(Malformed::StartLine)?;
    let method = Method::from(first);
    let agrees = headers.cseq().is_some_and(|(_, named)| named == method);
    if !version.trim().eq_ignore_ascii_case("SIP/2.0") || second.is_empty() || !is_token(first) {
        return Err(Malformed::StartLine);
    }
    if !agrees {
        return Err(Malformed::Mandatory);
    }
    Ok(Message::Request(Request { method, uri: second.to_owned(), headers, body }))
}

fn is_token(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// The canonical wire form: CRLF, long names, one line a header, Content-Length last.
pub fn to_bytes(message: &Message) -> Vec<u8> {
    match message {
        Message::Request(request) => request_bytes(request),
        Message::Response(response) => response_bytes(response),
    }
}

/// [`to_bytes`] of a request.
pub fn request_bytes(request: &Request) -> Vec<u8> {
    assemble(&format!("{} {} SIP/2.0", request.method, request.uri), &request.headers, &request.body)
}

/// [`to_bytes`] of a response.
pub fn response_bytes(response: &Response) -> Vec<u8> {
    assemble(&format!("SIP/2.0 {} {}", response.status, response.phrase), &response.headers, &response.body)
}

fn assemble(start: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 + body.len());
    let mut line = |parts: &[&str]| {
        for part in parts {
            // A line break inside a value would end the header: it can only be hostile or a mistake.
            bytes.extend(part.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
        }
        bytes.extend_from_slice(b"\r\n");
    };
    line(&[start]);
    for header in headers.iter() {
        line(&[&header.name, ": ", &header.value]);
    }
    line(&["Content-Length: ", &body.len().to_string()]);
    line(&[]);
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANDATORY: &str = "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=f\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n";

    #[test]
    fn careless_but_clear_messages_are_taken() {
        let compact = "\r\nBYE sip:b@h SIP/2.0\nv: SIP/2.0/UDP h;branch=z9hG4bK1\nf: <sip:a@h>\n ;tag=f\nt : <sip:b@h>\ni: c\nCSeq: 1  BYE\n\nbody";
        let message = parse(compact.as_bytes()).unwrap();
        let Message::Request(request) = message else { panic!("a request") };
        assert_eq!(request.headers.first("Call-ID"), Some("c"));
        assert_eq!(request.headers.from_tag().as_deref(), Some("f"));
        assert_eq!(request.body, b"body", "no Content-Length: the datagram ends the body");
    }

    #[test]
    fn text_that_is_not_utf8_costs_nothing_but_itself() {
        let mut text = b"SIP/2.0 480 \xc4\xfa\xba\xc3\r\n".to_vec();
        text.extend_from_slice(MANDATORY.as_bytes());
        text.extend_from_slice(
            b"Reason: Q.850;cause=20;text=\"\xb9\xd8\xbb\xfa\"\r\nContent-Length: 0\r\n\r\n",
        );
        let Message::Response(response) = parse(&text).unwrap() else { panic!("a response") };
        assert_eq!(response.status, 480);
        assert_eq!(crate::reason::q850(&crate::reason::raw(&response.headers)), Some(20));
    }

    #[test]
    fn unsafe_messages_are_refused() {
        let with = |start: &str, more: &str| format!("{start}\r\n{MANDATORY}{more}\r\n").into_bytes();
        let table = [
            (with("BYE sip:b@h SIP/3.0", ""), Malformed::StartLine),
            (with("BYE sip:b@h", ""), Malformed::StartLine),
            (with("SIP/2.0 99 x", ""), Malformed::StartLine),
            (with("INVITE sip:b@h SIP/2.0", ""), Malformed::Mandatory),
            (with("BYE sip:b@h SIP/2.0", "To: <sip:x@h>\r\n"), Malformed::Mandatory),
            (with("BYE sip:b@h SIP/2.0", "Content-Length: 9\r\n"), Malformed::Length),
            (with("BYE sip:b@h SIP/2.0", "Content-Length: -1\r\n"), Malformed::Length),
            (with("BYE sip:b@h SIP/2.0", "nonsense\r\n"), Malformed::Header),
            (with("BYE sip:b@h SIP/2.0", &"X: y\r\n".repeat(300)), Malformed::TooLarge),
            (b"\r\n\r\n".to_vec(), Malformed::StartLine),
        ];
        for (text, refusal) in table {
            assert_eq!(parse(&text), Err(refusal), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn the_canonical_form_reads_back_the_same_and_holds_no_smuggled_lines() {
        let mut message = parse(format!("BYE sip:b@h SIP/2.0\r\n{MANDATORY}\r\n").as_bytes()).unwrap();
        assert_eq!(parse(&to_bytes(&message)).as_ref(), Ok(&message));
        let Message::Request(request) = &mut message else { panic!("a request") };
        request.headers.push("Reason", "x\r\nEvil: 1");
        let again = parse(&request_bytes(request)).unwrap();
        assert_eq!(again.headers().first("Evil"), None);
    }
}
