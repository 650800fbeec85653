//! What a stack and its trunks are made from.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use uac::digest::Credentials;
use uac::{Hop, Identity, IdentityHeader, Line, Secret, Timing, Transport};

use crate::error::SipError;
use crate::tap::Tap;

/// The UDP endpoint.
#[derive(Debug, Clone)]
pub struct SipConfig {
    /// Address to bind; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Our address as the carrier reaches it (behind a NAT, or when bound to 0.0.0.0). Port 0
    /// stands for the bound port.
    pub advertised: Option<SocketAddr>,
    /// User-Agent header.
    pub user_agent: String,
    /// T1 of RFC 3261 section 17; 64·T1 is the longest wait for a silent peer.
    pub t1: Duration,
    /// Longest ringing before a call is cancelled by itself; callers cancel long before.
    pub ring_limit: Duration,
    /// Takes a copy of every message; feeds nobody unless one is opened.
    pub tap: Tap,
}

impl Default for SipConfig {
    fn default() -> Self {
        let timing = Timing::default();
        Self {
            bind: (Ipv4Addr::UNSPECIFIED, 5060).into(),
            advertised: None,
            user_agent: concat!("huifang/", env!("CARGO_PKG_VERSION")).to_owned(),
            t1: timing.t1,
            ring_limit: timing.ring_limit,
            tap: Tap::default(),
        }
    }
}

impl SipConfig {
    /// The advertised address of an endpoint bound to `local`.
    pub(crate) fn advertised_at(&self, local: SocketAddr) -> Option<SocketAddr> {
        self.advertised.map(|address| match address.port() {
            0 => SocketAddr::new(address.ip(), local.port()),
            _ => address,
        })
    }

    pub(crate) fn timing(&self) -> Timing {
        Timing { t1: self.t1, ring_limit: self.ring_limit, ..Timing::default() }
    }
}

/// One carrier's SIP peer.
#[derive(Debug, Clone)]
pub struct TrunkConfig {
    /// Name in configuration, logs and reports.
    pub name: String,
    /// `host:port` of the peer; port 5060 when left out.
    pub peer: String,
    /// `host:port` of an outbound proxy, if the carrier wants one.
    pub proxy: Option<String>,
    /// Digest user.
    pub user: Option<String>,
    /// Digest password.
    pub password: Option<Secret>,
    /// The realms whose challenges are answered; empty stands for the hosts of domain, peer, proxy
    /// and registrar.
    pub realms: Vec<String>,
    /// Whether challenges by MD5 are answered.
    pub allow_md5: bool,
    /// The number shown to the customer: the company's 400 number.
    pub caller: String,
    /// Host part of From; the peer's host when not set.
    pub domain: Option<String>,
    /// Who is shown, in which headers; `caller` at `domain` in From and P-Asserted-Identity when not set.
    pub identity: Option<Identity>,
    /// Time between two OPTIONS pings; zero never pings.
    pub options_interval: Duration,
    /// Calls that the carrier allows at a time.
    pub lines: u32,
}

impl TrunkConfig {
    /// A trunk by IP address alone: no authentication, 30 lines, a ping every 30 s.
    pub fn new(name: impl Into<String>, peer: impl Into<String>, caller: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            peer: peer.into(),
            proxy: None,
            user: None,
            password: None,
            realms: Vec::new(),
            allow_md5: true,
            caller: caller.into(),
            domain: None,
            identity: None,
            options_interval: Duration::from_secs(30),
            lines: 30,
        }
    }

    pub(crate) fn line(&self, user_agent: &str) -> Result<Line, SipError> {
        let hop = |key: &'static str, text: &str| {
            let wrong = || SipError::Address { trunk: self.name.clone(), key, value: text.to_owned() };
            Hop::parse(text).ok_or_else(wrong)
        };
        let peer = hop("peer", &self.peer)?;
        let proxy = self.proxy.as_deref().map(|proxy| hop("proxy", proxy)).transpose()?;
        Ok(Line {
            identity: self.identity(&peer)?,
            ways: Vec::new(),
            service_route: Vec::new(),
            transport: Transport::Udp,
            credentials: self.credentials(&peer, proxy.as_ref())?,
            // The stack fills in which of our addresses this peer sees.
            local: peer.clone(),
            user_agent: user_agent.to_owned(),
            peer,
            proxy,
        })
    }

    fn identity(&self, peer: &Hop) -> Result<Identity, SipError> {
        if let Some(identity) = &self.identity {
            return Ok(identity.clone());
        }
        let identity = Identity::new(&self.caller, self.domain.as_deref().unwrap_or(&peer.host))
            .and_then(|identity| identity.headers(vec![IdentityHeader::Asserted]));
        identity.map_err(|fault| SipError::Identity { trunk: self.name.clone(), fault })
    }

    fn credentials(&self, peer: &Hop, proxy: Option<&Hop>) -> Result<Option<Credentials>, SipError> {
        match (&self.user, &self.password) {
            (Some(user), Some(password)) => {
                let hosts = [Some(&peer.host), self.domain.as_ref(), proxy.map(|proxy| &proxy.host)];
                let own = || hosts.into_iter().flatten().cloned().collect();
                Ok(Some(Credentials {
                    user: user.clone(),
                    password: password.clone(),
                    realms: if self.realms.is_empty() { own() } else { self.realms.clone() },
                    allow_md5: self.allow_md5,
                }))
            }
            (None, None) => Ok(None),
            _ => Err(SipError::HalfCredentials { trunk: self.name.clone() }),
        }
    }
}
