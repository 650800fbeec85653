//! One entry of Via (RFC 3261 section 20.42).

use std::net::SocketAddr;

use crate::address::{split_outside, value_of};

/// Who sent a message and where its response goes. Reading is lenient: what of it is sound tells
/// [`Via::is_sound`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via<'a> {
    /// `2.0` in all that we speak.
    pub version: &'a str,
    /// `UDP`, `TCP` or any other, as written.
    pub transport: &'a str,
    /// Host, and port where one is written.
    pub sent_by: &'a str,
    params: Vec<&'a str>,
}

impl<'a> Via<'a> {
    /// Reads `SIP/2.0/UDP host:port;params`, with blanks wherever the grammar has them.
    pub fn parse(entry: &'a str) -> Option<Self> {
        let mut parts = split_outside(entry, ';').map(str::trim);
        let mut protocol = parts.next()?.splitn(3, '/').map(str::trim);
        let (name, version, rest) = (protocol.next()?, protocol.next()?, protocol.next()?);
        let (transport, sent_by) = rest.split_once(char::is_whitespace)?;
        let sent_by = sent_by.trim();
        let known = name.eq_ignore_ascii_case("SIP") && !version.is_empty() && !sent_by.is_empty();
        known.then(|| Self { version, transport, sent_by, params: parts.collect() })
    }

    /// Whether it is SIP/2.0's, names one host, and has no empty parameters.
    pub fn is_sound(&self) -> bool {
        let host_char = |c: char| c.is_ascii_alphanumeric() || ".-_:[]% ".contains(c);
        self.version == "2.0"
            && self.sent_by.chars().all(host_char)
            && self.params.iter().all(|param| !param.is_empty())
    }

    /// The branch, which names the transaction.
    pub fn branch(&self) -> Option<&'a str> {
        value_of(self.params.iter().copied(), "branch")
    }

    /// The entry as a server that answers without a transaction writes it back: with the address the
    /// request came from, where it says another, and its port, where that is asked for
    /// (RFC 3261 section 18.2.1, RFC 3581 section 4). Nothing else is changed.
    pub fn stamped(&self, entry: &str, from: SocketAddr) -> String {
        let named = |name: &str| {
            self.params
                .iter()
                .any(|param| param.split('=').next().is_some_and(|key| key.trim().eq_ignore_ascii_case(name)))
        };
        let ip = from.ip().to_canonical();
        let host = self.sent_by.trim_start_matches('[').split(']').next().unwrap_or_default();
        let stated = host == ip.to_string() || host.split(':').next() == Some(ip.to_string().as_str());
        let mut text = entry.trim().to_owned();
        if (!stated || named("rport")) && !named("received") {
            text.extend([";received=", &ip.to_string()]);
        }
        match self.params.iter().position(|param| param.eq_ignore_ascii_case("rport")) {
            Some(_) => with_rport(&text, from.port()),
            None => text,
        }
    }

    /// The same entry without the grammar's optional blanks.
    pub fn canonical(&self) -> String {
        let sent_by: String = self.sent_by.split_whitespace().collect();
        let mut text = format!("SIP/{}/{} {sent_by}", self.version, self.transport);
        for param in &self.params {
            text.push(';');
            match param.split_once('=') {
                Some((name, value)) => text.extend([name.trim(), "=", value.trim()]),
                None => text.push_str(param),
            }
        }
        text
    }
}

/// Fills in the bare rport.
fn with_rport(entry: &str, port: u16) -> String {
    let parts = split_outside(entry, ';').map(|part| {
        if part.trim().eq_ignore_ascii_case("rport") { format!("rport={port}") } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_via_is_told_where_it_came_from() {
        let table = [
            ("SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1"),
            ("SIP/2.0/UDP h;branch=z9hG4bK1", "SIP/2.0/UDP h;branch=z9hG4bK1;received=192.0.2.9"),
            (
                "SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bK1",
                "SIP/2.0/UDP 192.0.2.9;rport=5070;branch=z9hG4bK1;received=192.0.2.9",
            ),
        ];
        for (entry, stamped) in table {
            let from: SocketAddr = "192.0.2.9:5070".parse().unwrap();
            assert_eq!(Via::parse(entry).unwrap().stamped(entry, from), stamped);
        }
        let six = "SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bK1";
        assert_eq!(Via::parse(six).unwrap().stamped(six, "[2001:db8::9:1]:5060".parse().unwrap()), six);
    }

    #[test]
    fn blanks_are_no_part_of_an_entry() {
        let via = Via::parse(
            "SIP  / 2.0  / TCP     spindle.example.com : 5061   ;  branch  =   z9hG4bK9ikj8 ;rport ",
        )
        .unwrap();
        assert!(via.is_sound());
        assert_eq!(via.branch(), Some("z9hG4bK9ikj8"));
        assert_eq!(via.canonical(), "SIP/2.0/TCP spindle.example.com:5061;branch=z9hG4bK9ikj8;rport");
    }

    #[test]
    fn what_is_legible_need_not_be_sound() {
        for entry in ["SIP/2.0/UDP 192.0.2.15;;", "SIP/7.0/UDP h;branch=z9hG4bK1", "SIP/2.0/UDP h, or not"] {
            assert!(!Via::parse(entry).unwrap().is_sound(), "{entry}");
        }
        for entry in ["", ";;", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=x", "HTTP/2.0/UDP h", "SIP//UDP h"] {
            assert_eq!(Via::parse(entry), None, "{entry}");
        }
    }

    #[test]
    fn received_takes_an_ipv6_address_with_brackets_or_without() {
        for received in ["2001:db8::9:255", "[2001:db8::9:255]"] {
            let entry = format!("SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3");
            let via = Via::parse(&entry).unwrap();
            assert!(via.is_sound());
            assert_eq!((via.branch(), via.sent_by), (Some("z9hG4bKas3"), "[2001:db8::9:1]"));
        }
    }
}
