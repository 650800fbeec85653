//! What is legible of a request that is refused: enough to tell its sender why.

use super::head::{Head, is_token, name_and_value};
use crate::message::{Headers, Method, Request, long_name};

/// Header lines looked at; a message with more is not worth the reading.
const MOST_LINES: usize = 256;
/// Longest value copied into a refusal.
const LONGEST_VALUE: usize = 1_024;

/// The method of a malformed request and the headers that its response copies (RFC 3261 section
/// 8.2.6.2): each Via, and the first From, To, Call-ID and CSeq. `None` where nothing may be
/// answered: it is a response, an ACK, or names no place that an answer could go to.
pub fn salvage(bytes: &[u8]) -> Option<Request> {
    let head = Head::of(bytes)?;
    let start = String::from_utf8_lossy(head.start);
    let method = start.split(' ').next().filter(|word| is_token(word)).map(Method::from)?;
    if method == Method::Ack {
        return None;
    }
    let mut headers = Headers::default();
    let text = String::from_utf8_lossy(head.lines);
    for line in unfolded(&text).take(MOST_LINES) {
        let Some((name, value)) = name_and_value(&line) else { continue };
        let name = long_name(name);
        let single = ["From", "To", "Call-ID", "CSeq"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let copied = name.eq_ignore_ascii_case("Via") || single && headers.first(name).is_none();
        if copied && value.len() <= LONGEST_VALUE {
            headers.push(name, value);
        }
    }
    let answerable = headers.top_via().is_some();
    answerable.then(|| Request { method, uri: String::new(), headers, body: Vec::new() })
}

fn unfolded(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).peekable();
    std::iter::from_fn(move || {
        let mut line = lines.next()?.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            if line.len() <= LONGEST_VALUE {
                line.push(' ');
                line.push_str(more.trim());
            }
        }
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_copies_what_is_there() {
        let text = "INVITE <sip:a@b> SIP/2.0\r\nv: SIP/7.0/UDP h;;,;\r\nnonsense\r\nt: <sip:b@h>\r\nTo: <sip:x@h>\r\nCSeq: 9\r\n INVITE\r\nX: y\r\n\r\nTo: body";
        let request = salvage(text.as_bytes()).unwrap();
        let copied: Vec<_> = request.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
        assert_eq!(copied, [("Via", "SIP/7.0/UDP h;;,;"), ("To", "<sip:b@h>"), ("CSeq", "9 INVITE")]);
    }

    #[test]
    fn nothing_is_answered_where_nobody_asked_or_nobody_can_be_told() {
        for text in [
            "SIP/2.0 999 x\r\nVia: SIP/2.0/UDP h\r\n\r\n",
            "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n",
            "BYE sip:a@b SIP/2.0\r\n\r\n",
            "BYE sip:a@b SIP/2.0\r\nVia: nonsense\r\n\r\n",
            "\r\n",
            "",
        ] {
            assert_eq!(salvage(text.as_bytes()), None, "{text:?}");
        }
    }
}
