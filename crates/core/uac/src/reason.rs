//! The Reason header (RFC 3326): `Q.850;cause=16;text="…"`, `SIP;cause=487`.

use crate::address::{split_outside, unquote, value_of};
use crate::message::Headers;

/// One parsed Reason value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Protocol as written: `Q.850`, `SIP` or another.
    pub protocol: String,
    /// Cause number, if one is given.
    pub cause: Option<u16>,
    /// Text without its quotes.
    pub text: Option<String>,
}

impl Reason {
    /// Parses one value; `None` when it has no protocol.
    pub fn parse(value: &str) -> Option<Self> {
        let mut parts = split_outside(value, ';').map(str::trim);
        let protocol = parts.next().filter(|protocol| !protocol.is_empty())?.to_owned();
        let params: Vec<&str> = parts.collect();
        let param = |name| value_of(params.iter().copied(), name).map(unquote);
        Some(Self {
            protocol,
            cause: param("cause").and_then(|cause| cause.parse().ok()),
            text: param("text"),
        })
    }
}

/// Every Reason value of a message as written.
pub fn raw(headers: &Headers) -> Vec<String> {
    headers.list("Reason").into_iter().map(str::to_owned).collect()
}

/// The Q.850 cause among raw Reason values.
pub fn q850(raw: &[String]) -> Option<u16> {
    raw.iter()
        .filter_map(|value| Reason::parse(value))
        .find(|reason| reason.protocol.eq_ignore_ascii_case("Q.850"))
        .and_then(|reason| reason.cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_in_every_form_seen() {
        let table = [
            ("Q.850;cause=20;text=\"Subscriber absent\"", Some(20), Some("Subscriber absent")),
            ("q.850 ; cause = 1", Some(1), None),
            ("SIP;cause=487;text=\"a;b, \\\"c\\\"\"", Some(487), Some("a;b, \"c\"")),
            ("Q.850", None, None),
            ("Q.850;cause=x", None, None),
        ];
        for (value, cause, text) in table {
            let reason = Reason::parse(value).unwrap();
            assert_eq!((reason.cause, reason.text.as_deref()), (cause, text), "{value}");
        }
        assert_eq!(Reason::parse(""), None);
    }

    #[test]
    fn the_q850_cause_is_found_beside_a_sip_one() {
        let mut headers = Headers::default();
        headers.push("Reason", "SIP;cause=480;text=\"x, y\", Q.850;cause=18");
        let raw = raw(&headers);
        assert_eq!(raw.len(), 2);
        assert_eq!(q850(&raw), Some(18));
    }
}
