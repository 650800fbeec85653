//! When a message came off the wire. rsipstack hands messages on without it, from task to task, so it travels in a
//! header that is ours alone: set behind the gate, taken out before the call sees the message, never sent.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rsipstack::sip::{Header, Headers, SipMessage};

const NAME: &str = "X-Arrived";

/// What the header counts from, in nanoseconds.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// To be called before anything can come.
pub(super) fn begin() {
    LazyLock::force(&ORIGIN);
}

/// Notes in a message when it came. What the peer may have written there is its own invention.
pub(super) fn note(message: &mut SipMessage, at: Instant) {
    let headers = match message {
        SipMessage::Request(request) => &mut request.headers,
        SipMessage::Response(response) => &mut response.headers,
    };
    headers.retain(|header| !is_ours(header));
    let since = at.saturating_duration_since(*ORIGIN).as_nanos();
    headers.push(Header::Other(NAME.to_owned(), since.to_string()));
}

/// Takes that out again. What did not come off the wire comes just now.
pub(super) fn take(headers: &mut Headers) -> Instant {
    let noted = headers.iter().find(|header| is_ours(header)).and_then(|header| header.value().parse().ok());
    headers.retain(|header| !is_ours(header));
    noted.map_or_else(Instant::now, |since| *ORIGIN + Duration::from_nanos(since))
}

fn is_ours(header: &Header) -> bool {
    header.name().eq_ignore_ascii_case(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_comes_back_and_the_header_goes() {
        begin();
        let text = "BYE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nx-arrived: 7\r\n\
            From: <sip:a@h>;tag=f\r\nTo: <sip:b@h>;tag=t\r\nCall-ID: c\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n";
        let mut message = SipMessage::try_from(text.as_bytes()).unwrap();
        let at = Instant::now();
        note(&mut message, at);
        let SipMessage::Request(mut request) = message else { panic!("a request") };
        assert_eq!(take(&mut request.headers), at);
        assert!(!request.to_string().to_ascii_lowercase().contains("x-arrived"));
    }
}
