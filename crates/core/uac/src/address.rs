//! Addresses of SIP headers: name-addr with parameters, and the host and port of a URI.

use crate::line::{Hop, Transport};

/// The value of From, To, Contact, Route or Record-Route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The URI, without angle brackets.
    pub uri: String,
    /// Header parameters after the address, as written.
    params: Vec<String>,
}

impl NameAddr {
    /// Parses `"Name" <uri>;params` or the bare `uri;params`, whose parameters belong to the
    /// header and not to the URI (RFC 3261 section 20.10).
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let (before, inner) = value.split_at(opening_bracket(value)?);
        let (uri, rest) = match inner.strip_prefix('<') {
            Some(inner) => inner.split_once('>')?,
            None => before.split_once(';').unwrap_or((before, "")),
        };
        let uri = uri.trim();
        if uri.is_empty() {
            return None;
        }
        let params = split_outside(rest, ';').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned);
        Some(Self { uri: uri.to_owned(), params: params.collect() })
    }

    /// The tag parameter.
    pub fn tag(&self) -> Option<&str> {
        value_of(self.params.iter().map(String::as_str), "tag")
    }
}

/// Where a SIP URI points: its host, and the port and transport it names; sips asks for TLS.
pub fn hop_of(uri: &str) -> Option<Hop> {
    let rest = strip_scheme(uri)?;
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let rest = rest.split('?').next()?;
    let mut parts = rest.split(';');
    let mut hop = Hop::parse(parts.next()?)?;
    hop.transport = value_of(parts, "transport").and_then(Transport::parse);
    let secure = uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sips:"));
    if secure {
        hop.transport = Some(Transport::Tls);
    }
    Some(hop)
}

/// Whether a Request-URI can be read: it has a scheme and no blanks, brackets or quotes around it.
/// One of SIP must name a host, an IPv6 address in brackets, and may not carry headers
/// (RFC 3261 section 19.1.1); what follows another scheme is not ours to judge.
pub fn is_sound_uri(uri: &str) -> bool {
    let legible = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"".contains(c);
    let Some((scheme, rest)) = uri.split_once(':').filter(|_| uri.chars().all(legible)) else { return false };
    if scheme.is_empty() || strip_scheme(uri).is_none() {
        return !scheme.is_empty() && !rest.is_empty();
    }
    let (_, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    !place.contains('?') && hop_of(uri).is_some()
}

fn strip_scheme(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    ["sip", "sips"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// The value of `name` among `name=value` parameters.
pub fn value_of<'a>(params: impl Iterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    params
        .filter_map(|param| param.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// Splits at `separator` where it stands outside quotes and angle brackets.
pub fn split_outside(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped, mut angled) = (false, false, false);
    value.split(move |c| {
        let literal = std::mem::take(&mut escaped);
        match c {
            _ if literal => {}
            '\\' if quoted => escaped = true,
            '"' if !angled => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            _ => return c == separator && !quoted && !angled,
        }
        false
    })
}

/// The text of a quoted string, or the word itself where there are no quotes.
pub fn unquote(value: &str) -> String {
    let value = value.trim();
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

/// Where the first `<` outside quotes stands, or the end; `None` when a quote before it is never
/// closed, so that nobody can tell (RFC 4475 section 3.1.2.6).
fn opening_bracket(value: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => return Some(at),
            _ => {}
        }
    }
    (!quoted).then_some(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_behind_any_form_of_address() {
        let table = [
            ("<sip:a@b>;tag=1", Some("1")),
            ("\"x <y>; \\\" tag=9\" <sip:a@b;tag=no>;x=2;tag=1", Some("1")),
            ("sip:a@b;tag=1", Some("1")),
            ("<sip:a@b;tag=1>", None),
        ];
        for (value, tag) in table {
            assert_eq!(NameAddr::parse(value).unwrap().tag(), tag, "{value}");
        }
        assert_eq!(NameAddr::parse("<>"), None);
        assert_eq!(NameAddr::parse("\"never closed <sip:a@b>"), None);
    }

    #[test]
    fn a_uri_points_at_its_host_and_port() {
        let table = [
            ("sip:10.0.0.1", Some(("10.0.0.1", None, None))),
            ("sip:138@10.0.0.1:5070;transport=UDP", Some(("10.0.0.1", Some(5070), Some(Transport::Udp)))),
            ("sip:a;b=c@host.example?x=y", Some(("host.example", None, None))),
            ("sip:a@[2001:db8::1]:5062", Some(("2001:db8::1", Some(5062), None))),
            ("sips:a@h", Some(("h", None, Some(Transport::Tls)))),
            ("tel:+86138", None),
            ("sip:a@h:99999", None),
        ];
        for (uri, expected) in table {
            let hop = hop_of(uri);
            assert_eq!(
                hop.as_ref().map(|hop| (hop.host.as_str(), hop.port, hop.transport)),
                expected,
                "{uri}"
            );
        }
    }

    #[test]
    fn a_request_uri_is_legible_or_it_is_not() {
        let sound = [
            "sip:us",
            "sip:user;par=u%40example.net@example.com",
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
            "sips:a@[2001:db8::192.0.2.1]:5071;lr",
            "sip:user@[2001:db8:::192.0.2.1]",
            "tel:+8613800138000",
            "soap.beep://192.0.2.103:3002",
        ];
        let unsound = [
            "",
            "sip",
            ":x",
            "sip:",
            "sip:a@",
            "<sip:a@b>",
            "sip:a@b?Route=%3Csip:c%3E",
            "sip:2001:db8::10",
            "sip:[2001:db8::10",
            "sip:[2001:db8::10]junk",
            "sip:a@b:99999",
            "sip:a\tb@c",
            "tel:",
        ];
        for uri in sound {
            assert!(is_sound_uri(uri), "{uri}");
        }
        for uri in unsound {
            assert!(!is_sound_uri(uri), "{uri}");
        }
    }

    #[test]
    fn commas_inside_quotes_and_brackets_do_not_split() {
        let parts: Vec<_> = split_outside("\"a,b\" <sip:x,y@z>, <sip:c>", ',').map(str::trim).collect();
        assert_eq!(parts, ["\"a,b\" <sip:x,y@z>", "<sip:c>"]);
    }
}
