//! What the machine is told about the trunk it calls through and about itself.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::Credentials;

/// A place to send to: host name or address, and port. Resolving it is the shell's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hop {
    /// Host name or IP address, an IPv6 address without brackets.
    pub host: String,
    /// UDP port.
    pub port: u16,
}

impl Hop {
    /// Parses `host`, `host:port` or `[v6]:port`; the port defaults to 5060.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                (host, after.strip_prefix(':'))
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = port.map_or(Some(5060), |port| port.trim().parse().ok())?;
        (!host.is_empty() && port != 0).then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The trunk as one call sees it, and our own address towards it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The carrier's SIP peer: host of Request-URI and To.
    pub peer: Hop,
    /// An outbound proxy that every initial request is routed through.
    pub proxy: Option<Hop>,
    /// The number shown to the customer, in From and P-Asserted-Identity.
    pub caller: String,
    /// Host part of From and P-Asserted-Identity.
    pub domain: String,
    /// Digest credentials, if the carrier asks for them.
    pub credentials: Option<Credentials>,
    /// Our address as the peer reaches it, for Via and Contact.
    pub local: Hop,
    /// User-Agent header.
    pub user_agent: String,
}

impl Line {
    /// Where a request outside any dialog is sent.
    pub fn first_hop(&self) -> &Hop {
        self.proxy.as_ref().unwrap_or(&self.peer)
    }

    /// A Via of ours with `branch`; rport asks for symmetric responses (RFC 3581).
    pub fn via(&self, branch: &str) -> String {
        format!("SIP/2.0/UDP {};branch={branch};rport", self.local)
    }

    /// Our Contact.
    pub fn contact(&self) -> String {
        format!("<sip:{}@{}>", self.caller, self.local)
    }

    /// The shown identity as a URI in angle brackets.
    pub fn identity(&self) -> String {
        format!("<sip:{}@{}>", self.caller, self.domain)
    }
}

/// Durations of the machine. `t1` scales the transaction time-outs of RFC 3261 section 17.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Round-trip estimate T1, 500 ms by default.
    pub t1: Duration,
    /// Longest time between the first provisional response and a final one, before we cancel by
    /// ourselves. The caller normally cancels long before.
    pub ring_limit: Duration,
    /// Longest time our side may take to answer the peer's offer in mid-call.
    pub reoffer_limit: Duration,
}

impl Timing {
    /// 64·T1, the life of a transaction (timers B, F, H, and RFC 6026's L and M).
    pub fn transaction_life(&self) -> Duration {
        self.t1 * 64
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            ring_limit: Duration::from_secs(300),
            reoffer_limit: Duration::from_secs(4),
        }
    }
}
