//! Keys told in INFO, as gateways that know no RFC 4733 send them.

use super::event::Event;
use crate::message::{Headers, Request, Response};

/// Our answer to an INFO of the call, and the key that it tells.
pub(crate) fn answer(info: &Request, our_tag: &str) -> (Response, Option<Event>) {
    match read(info) {
        Info::Empty => (Response::to(info, 200, "OK", our_tag), None),
        Info::Key(event) => (Response::to(info, 200, "OK", our_tag), Some(event)),
        Info::Foreign => {
            let mut response = Response::to(info, 415, "Unsupported Media Type", our_tag);
            response.headers.push("Accept", "application/dtmf-relay, application/dtmf");
            (response, None)
        }
    }
}

/// What the body of an INFO is to us.
enum Info {
    /// Nothing: it only asks whether the call stands.
    Empty,
    /// A key.
    Key(Event),
    /// A body that we do not take.
    Foreign,
}

fn read(info: &Request) -> Info {
    if info.body.is_empty() {
        return Info::Empty;
    }
    let text = String::from_utf8_lossy(&info.body);
    let pressed = match kind(&info.headers).as_str() {
        "application/dtmf-relay" => relayed(&text),
        "application/dtmf" => relayed(&text).or_else(|| Some((key_of(&text)?, None))),
        _ => None,
    };
    pressed.map_or(Info::Foreign, |(key, milliseconds)| Info::Key(Event::Key { key, milliseconds }))
}

fn kind(headers: &Headers) -> String {
    let value = headers.first("Content-Type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `Signal=5` and `Duration=160`, a line each.
fn relayed(text: &str) -> Option<(char, Option<u32>)> {
    let value = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines
            .into_iter()
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    Some((key_of(value("Signal")?)?, value("Duration").and_then(|duration| duration.parse().ok())))
}

/// The key, also where it is named by its event number (10 is the star, 11 the hash; RFC 4733
/// section 3.2).
fn key_of(text: &str) -> Option<char> {
    let text = text.trim();
    if let Some(key) = text.chars().next().filter(|_| text.chars().count() == 1) {
        let key = key.to_ascii_uppercase();
        return (key.is_ascii_digit() || "*#ABCD".contains(key)).then_some(key);
    }
    let event: usize = text.parse().ok().filter(|event| (10..16).contains(event))?;
    "*#ABCD".chars().nth(event - 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Method;

    #[test]
    fn keys_are_read_in_every_form_seen() {
        let table = [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", Some(('5', Some(160)))),
            ("application/dtmf-relay", "Signal= *\nDuration = x", Some(('*', None))),
            ("Application/DTMF-Relay; x=y", "signal=11", Some(('#', None))),
            ("application/dtmf", "7", Some(('7', None))),
            ("application/dtmf", "d\r\n", Some(('D', None))),
            ("application/dtmf", "Signal=1\r\nDuration=90", Some(('1', Some(90)))),
            ("application/dtmf-relay", "5", None),
            ("application/dtmf", "16", None),
            ("application/dtmf", "E", None),
            ("text/plain", "5", None),
        ];
        for (kind, body, wanted) in table {
            let mut headers = Headers::default();
            headers.push("Content-Type", kind);
            let body = body.as_bytes().to_vec();
            let request = Request { method: Method::Info, uri: "sip:us".to_owned(), headers, body };
            let pressed = match read(&request) {
                Info::Key(Event::Key { key, milliseconds }) => Some((key, milliseconds)),
                _ => None,
            };
            assert_eq!(pressed, wanted, "{kind} {request:?}");
        }
    }
}
