//! `[trunk.NAME]`: a carrier's SIP peer.

mod breaker;
mod identity;
mod numbers;
mod register;
mod srtp;
mod transport;

use serde::{Deserialize, Deserializer};
use sip::Network;
use sip::sdp::Suite;
use trunk::{Form, Undialable};

use super::Secret;
use super::secret::{optional_text, text, texts};
pub use breaker::Breaker;
pub use identity::{Hidden, ShownIn};
pub use numbers::Rewrite;
pub use srtp::Srtp;
pub use transport::{LargeRequests, Tls, Transport};

/// One trunk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the shape of the file: each is a key of its own")]
pub struct Trunk {
    /// The carrier: `host:port` is looked up as a host, `host` alone as a service (SRV).
    #[serde(default)]
    pub peer: String,
    /// Instead of `peer`: several, in order of preference.
    #[serde(default)]
    pub peers: Vec<String>,
    #[serde(default)]
    pub transport: Transport,
    #[serde(default)]
    pub large_requests: LargeRequests,
    #[serde(default)]
    pub tls: Tls,
    /// Digest user and password; a plain IP trunk where absent.
    #[serde(default, deserialize_with = "optional_text")]
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// User of the digest, where it is not `user`.
    #[serde(default, deserialize_with = "optional_text")]
    pub auth_user: Option<String>,
    /// Register as `user`; where false the carrier knows us by our address.
    #[serde(default)]
    pub register: bool,
    /// Host of the registrar's URI; the domain where absent.
    pub registrar: Option<String>,
    /// Seconds that a registration is asked for.
    #[serde(default = "default_expires")]
    pub register_expires: u64,
    /// Seconds of the first pause after a registration failed.
    #[serde(default = "default_retry")]
    pub register_retry_seconds: u64,
    /// Register the address that the registrar sees us under.
    #[serde(default)]
    pub contact_from_rport: bool,
    /// Answer challenges of these realms only; where absent, those of domain, peer, proxy and registrar.
    #[serde(default, deserialize_with = "texts")]
    pub realm: Vec<String>,
    /// Answer challenges by MD5 too.
    #[serde(default = "yes")]
    pub allow_md5: bool,
    /// The 400 number shown to the customer (W6.1).
    #[serde(deserialize_with = "text")]
    pub caller: String,
    /// Host part of From; the peer's where absent.
    pub domain: Option<String>,
    /// The headers that show the number.
    #[serde(default = "identity::default_shown_in")]
    pub identity: Vec<ShownIn>,
    /// User part of From where the carrier wants its account there; the others then show the number.
    #[serde(default, deserialize_with = "optional_text")]
    pub from_user: Option<String>,
    /// A name shown with the number.
    #[serde(default, deserialize_with = "optional_text")]
    pub display_name: Option<String>,
    /// Privacy header (RFC 3323); left out where absent.
    pub privacy: Option<Hidden>,
    /// The subscribed number, for carriers that let only diverted calls show another one (RFC 5806).
    #[serde(default, deserialize_with = "optional_text")]
    pub diversion: Option<String>,
    /// Concurrent calls.
    #[serde(default = "default_lines")]
    pub lines: u32,
    /// Calls placed per second.
    #[serde(default = "default_cps")]
    pub cps: u32,
    /// Lower goes first.
    #[serde(default)]
    pub priority: u16,
    /// Share of the calls among trunks of the same priority.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// Used by policy only: see `[dialer.fallback]`.
    #[serde(default)]
    pub fallback: bool,
    /// How a dialled number is written in the request URI.
    #[serde(default)]
    pub number_form: Form,
    /// Before mobiles in the form `zero_prefixed`.
    #[serde(default = "default_mobile_prefix", deserialize_with = "text")]
    pub mobile_prefix: String,
    /// Rules over that form; the first that fits is applied.
    #[serde(default)]
    pub rewrite: Vec<Rewrite>,
    #[serde(default)]
    pub breaker: Breaker,
    /// Where the carrier's calls to us come from, beside the addresses of the peer.
    #[serde(default, deserialize_with = "networks")]
    pub sources: Vec<Network>,
    /// Over `[ring_back] enabled` for this trunk.
    pub ring_back: Option<bool>,
    /// Seconds between OPTIONS; 0 never asks.
    #[serde(default = "default_options")]
    pub options_seconds: u64,
    #[serde(default)]
    pub srtp: Srtp,
    /// What SRTP is offered with, most wanted first.
    #[serde(default = "srtp::default_suites")]
    pub srtp_suites: Vec<Suite>,
    /// The keys may be read by whoever reads the signalling.
    #[serde(default)]
    pub srtp_over_clear_signalling: bool,
    /// Seconds of a session between two refreshes (RFC 4028); 0 asks for no session timer.
    #[serde(default = "default_session")]
    pub session_seconds: u32,
    /// Most redirections (3xx) followed in one call, and only to the trunk itself.
    #[serde(default)]
    pub redirects: u8,
    /// Seconds after which a way that says nothing to an INVITE is left for the next; 0 waits until OPTIONS shows it down.
    #[serde(default)]
    pub silence_seconds: u64,
}

fn default_expires() -> u64 {
    3600
}

fn default_retry() -> u64 {
    5
}

fn yes() -> bool {
    true
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

/// More than any trunk has that one process carries: whoever writes more has slipped.
const MOST_LINES: u32 = 5000;

fn default_lines() -> u32 {
    30
}

fn default_cps() -> u32 {
    5
}

fn default_weight() -> u32 {
    1
}

fn default_mobile_prefix() -> String {
    "0".to_owned()
}

fn default_options() -> u64 {
    30
}

fn default_session() -> u32 {
    1800
}

impl Trunk {
    /// The carrier's first host.
    pub fn first_peer(&self) -> &str {
        self.peers.first().unwrap_or(&self.peer)
    }

    /// The same as an address, if it is one or the system knows it as a host.
    pub fn address(&self) -> Option<std::net::SocketAddr> {
        let hop = uac::Hop::parse(self.first_peer())?;
        let transport = self.transport;
        let known = hop.address(transport);
        known.or_else(|| {
            use std::net::ToSocketAddrs as _;
            (hop.host.as_str(), hop.port.unwrap_or(transport.default_port())).to_socket_addrs().ok()?.next()
        })
    }

    /// What is wrong with this trunk, as `key: fault. Remedy`.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if (1..90).contains(&self.session_seconds) {
            faults.push(
                "session_seconds: under 90, which no peer takes (RFC 4028): write 1800, or 0 for none"
                    .to_owned(),
            );
        }
        match (self.peer.is_empty(), self.peers.is_empty()) {
            (true, true) => {
                faults.push("peer: missing: name the carrier, such as sip.carrier.example:5060".to_owned());
            }
            (false, false) => faults.push("peers: peer is given too: give one of the two".to_owned()),
            _ => {}
        }
        let named = std::iter::once(&self.peer).filter(|peer| !peer.is_empty()).chain(&self.peers);
        let unreadable: Vec<&String> = named.filter(|peer| uac::Hop::parse(peer).is_none()).collect();
        let readable = unreadable.is_empty() && !self.first_peer().is_empty();
        for peer in unreadable {
            faults.push(format!(
                "peer: \"{peer}\" is no host: write sip.carrier.example, or with a port sip.carrier.example:5060, \
                 [2001:db8::1]:5060"
            ));
        }
        faults.extend(self.tls.faults(self.transport));
        if self.user.is_some() != self.password.is_some() {
            faults.push(
                "password: user and password belong together: give both, or none for an IP trunk".into(),
            );
        }
        if self.caller.is_empty() || !self.caller.chars().all(|c| c.is_ascii_digit() || c == '+') {
            faults
                .push(format!("caller: \"{}\" is not a number: give the 400 number as digits", self.caller));
        }
        if self.lines == 0 || self.lines > MOST_LINES {
            faults.push(format!("lines: {} lines are not possible: give 1 to {MOST_LINES}", self.lines));
        }
        if self.cps == 0 {
            faults.push("cps: 0 calls a second would never call: give 1 or more".into());
        }
        if self.weight == 0 {
            faults.push("weight: 0 would never be chosen: give 1 or more, or remove the trunk".into());
        }
        if !self.mobile_prefix.bytes().all(|digit| digit.is_ascii_digit()) {
            faults.push(format!(
                "mobile_prefix: \"{}\" is not digits: give 0, or what the carrier asks for",
                self.mobile_prefix
            ));
        }
        if readable {
            faults.extend(self.identity_fault());
        }
        faults.extend(self.register_faults());
        faults.extend(self.breaker.faults());
        faults.extend(self.srtp_faults());
        faults
    }

    /// A number as this carrier wants it dialled.
    pub fn dialled(&self, number: &records::Number) -> Result<String, Undialable> {
        let rules = self.rewrite.iter().map(|rule| &rule.0);
        trunk::dialled::dialled(number, self.number_form, &self.mobile_prefix, rules)
    }
}
