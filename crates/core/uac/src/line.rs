//! What the machine is told about the trunk it calls through and about itself.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::Credentials;
use crate::identity::Identity;
use crate::message::Headers;

/// How a message travels (RFC 3261 section 18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams: requests are repeated until they are answered.
    #[default]
    Udp,
    /// A stream.
    Tcp,
    /// A stream inside TLS.
    Tls,
}

impl Transport {
    /// As Via writes it.
    pub fn via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// As the transport parameter of a URI writes it.
    pub fn param(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// The port where a URI or configuration names none (RFC 3261 section 19.1.2).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
        }
    }

    /// Whether the transport itself repeats what was lost.
    pub fn is_reliable(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// Reads a transport parameter, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls].into_iter().find(|known| text.eq_ignore_ascii_case(known.param()))
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.param())
    }
}

/// A place to send to, as a URI or the configuration names it. Resolving it is the shell's
/// (RFC 3263): a name without a port may be looked up as a service, an address needs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hop {
    /// Host name or IP address, an IPv6 address without brackets.
    pub host: String,
    /// Port, where one is written.
    pub port: Option<u16>,
    /// Transport, where one is written.
    pub transport: Option<Transport>,
}

impl Hop {
    /// Parses `host`, `host:port` or `[v6]:port`, without a transport.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            Some(port) => Some(port.trim().parse().ok().filter(|port| *port != 0)?),
            None => None,
        };
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port, transport: None })
    }

    /// A resolved place: nothing is left to look up.
    pub fn resolved(address: SocketAddr, transport: Transport) -> Self {
        Self { host: address.ip().to_string(), port: Some(address.port()), transport: Some(transport) }
    }

    /// The socket address, if the host is one. `over` is the transport where the hop names none.
    pub fn address(&self, over: Transport) -> Option<SocketAddr> {
        let port = self.port.unwrap_or_else(|| self.transport.unwrap_or(over).default_port());
        Some(SocketAddr::new(self.host.parse::<IpAddr>().ok()?, port))
    }
}

/// Host and port as they stand in a URI; the transport is a parameter of its own.
impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The trunk as one call sees it, and our own address towards it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The carrier's SIP peer: host of Request-URI and To.
    pub peer: Hop,
    /// An outbound proxy that every initial request is routed through.
    pub proxy: Option<Hop>,
    /// Where requests outside any dialog go, best first: the peer or proxy as resolved by the
    /// shell (RFC 3263). Empty while unresolved; then [`Line::first_hop`] is left to the shell.
    pub ways: Vec<Hop>,
    /// The Service-Route of our registration (RFC 3608), as written; empty without one.
    pub service_route: Vec<String>,
    /// How this trunk is spoken to, unless a URI names another transport.
    pub transport: Transport,
    /// Who is shown as calling, and in which headers.
    pub identity: Identity,
    /// Digest credentials, if the carrier asks for them.
    pub credentials: Option<Credentials>,
    /// Our address as the peer reaches it, for Via and Contact.
    pub local: Hop,
    /// User-Agent header.
    pub user_agent: String,
    /// How this trunk's calls are handled where the RFCs leave a choice.
    pub policy: Policy,
}

/// What a trunk's operator decides about its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The session interval asked for (RFC 4028); `None` asks for no session timer.
    pub session_expires: Option<Duration>,
    /// The shortest session interval taken from the peer.
    pub min_se: Duration,
    /// Most redirections (3xx) followed in one call, and only to the trunk itself; 0 follows none.
    pub redirects: u8,
}

/// Half an hour and 90 s, as RFC 4028 section 4 recommends; no redirection.
impl Default for Policy {
    fn default() -> Self {
        Self {
            session_expires: Some(Duration::from_secs(1800)),
            min_se: Duration::from_secs(90),
            redirects: 0,
        }
    }
}

impl Line {
    /// Where a request outside any dialog is sent.
    pub fn first_hop(&self) -> &Hop {
        self.ways.first().unwrap_or_else(|| self.configured_hop())
    }

    /// The proxy or peer as configured, before it is resolved.
    pub fn configured_hop(&self) -> &Hop {
        self.proxy.as_ref().unwrap_or(&self.peer)
    }

    /// The Route header that leads through the configured proxy, if there is one.
    pub fn write_proxy(&self, headers: &mut Headers) {
        let Some(proxy) = &self.proxy else { return };
        match self.transport_to(proxy) {
            Transport::Udp => headers.push("Route", format!("<sip:{proxy};lr>")),
            other => headers.push("Route", format!("<sip:{proxy};transport={other};lr>")),
        }
    }

    /// The Route headers of a call: the configured proxy, then what the registrar told
    /// (RFC 3608 section 6.1).
    pub fn write_route(&self, headers: &mut Headers) {
        self.write_proxy(headers);
        for route in &self.service_route {
            headers.push("Route", route);
        }
    }

    /// Whether a response to a request sent to `hop` may come from that address: from where the
    /// request went, or from any other way of the trunk.
    pub fn expects(&self, from: IpAddr, hop: &Hop) -> bool {
        let at = |hop: &Hop| hop.host.parse() == Ok(from);
        at(hop) || self.ways.iter().any(at) || at(self.configured_hop())
    }

    /// The transport that a request to `hop` travels by.
    pub fn transport_to(&self, hop: &Hop) -> Transport {
        hop.transport.unwrap_or(self.transport)
    }

    /// A Via of ours with `branch` for a request to `hop`; rport asks for symmetric responses
    /// (RFC 3581).
    pub fn via(&self, branch: &str, hop: &Hop) -> String {
        format!("SIP/2.0/{} {};branch={branch};rport", self.transport_to(hop).via(), self.local)
    }

    /// Our Contact.
    pub fn contact(&self) -> String {
        let user = self.identity.contact_user();
        match self.transport {
            Transport::Udp => format!("<sip:{user}@{}>", self.local),
            other => format!("<sip:{user}@{};transport={other}>", self.local),
        }
    }

    /// The URI of the peer, `user` in front where there is one.
    pub fn peer_uri(&self, user: &str) -> String {
        let at = if user.is_empty() { "" } else { "@" };
        match self.transport {
            Transport::Udp => format!("sip:{user}{at}{}", self.peer),
            other => format!("sip:{user}{at}{};transport={other}", self.peer),
        }
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
    /// After how long a silent way is left for the next, where its death is not proven by anything
    /// but silence; `None` waits on, for 64·T1 at most.
    pub silence: Option<Duration>,
    /// The longest a call may last; then it is ended. Callers end theirs long before.
    pub call_limit: Duration,
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
            silence: None,
            call_limit: Duration::from_secs(4 * 3600),
        }
    }
}
