//! What a stack and its trunks are made from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use uac::digest::Credentials;
use uac::registration::instance;
use uac::{Hop, Identity, IdentityHeader, Line, Policy, Registrar, Secret, Timing, Transport};

use crate::error::SipError;
use crate::tap::Tap;

/// The endpoint: its addresses, and how it behaves on them.
#[derive(Debug, Clone)]
pub struct SipConfig {
    /// UDP address to bind; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Further UDP addresses: of the other family, or of other interfaces.
    pub more_udp: Vec<SocketAddr>,
    /// Addresses where peers may open TCP connections to us.
    pub tcp: Vec<SocketAddr>,
    /// The same with TLS; needs `tls_identity`.
    pub tls: Vec<SocketAddr>,
    /// What we show to peers that open TLS connections to us.
    pub tls_identity: Option<TlsListener>,
    /// Our addresses as the carrier reaches us behind a NAT, at most one per family.
    pub advertised: Vec<IpAddr>,
    /// Name servers to ask; the system's where empty.
    pub name_servers: Vec<SocketAddr>,
    /// A connection of ours that is not heard for this long is asked for a sign of life.
    pub keep_alive: Duration,
    /// Most connections that peers may have open to us.
    pub connections: usize,
    /// The same from one address.
    pub connections_per_source: usize,
    /// User-Agent header.
    pub user_agent: String,
    /// T1 of RFC 3261 section 17; 64·T1 is the longest wait for a silent peer.
    pub t1: Duration,
    /// Longest ringing before a call is cancelled by itself; callers cancel long before.
    pub ring_limit: Duration,
    /// Who may speak to us, and how much.
    pub guard: uac::guard::Policy,
    /// Takes a copy of every message; feeds nobody unless one is opened.
    pub tap: Tap,
}

impl Default for SipConfig {
    fn default() -> Self {
        let timing = Timing::default();
        Self {
            bind: (Ipv4Addr::UNSPECIFIED, 5060).into(),
            more_udp: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
            tls_identity: None,
            advertised: Vec::new(),
            name_servers: Vec::new(),
            keep_alive: Duration::from_secs(25),
            connections: 256,
            connections_per_source: 16,
            user_agent: concat!("huifang/", env!("CARGO_PKG_VERSION")).to_owned(),
            t1: timing.t1,
            ring_limit: timing.ring_limit,
            guard: uac::guard::Policy::default(),
            tap: Tap::default(),
        }
    }
}

impl SipConfig {
    pub(crate) fn timing(&self) -> Timing {
        Timing { t1: self.t1, ring_limit: self.ring_limit, ..Timing::default() }
    }
}

/// Our certificate towards peers that open TLS connections to us, as PEM files.
#[derive(Debug, Clone)]
pub struct TlsListener {
    /// Our certificate, followed by those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// When set, a peer has to show a certificate signed by one of these.
    pub client_ca: Option<PathBuf>,
}

/// Whom a trunk by TLS trusts. Certificates are always checked.
#[derive(Debug, Clone, Default)]
pub struct TrunkTls {
    /// PEM file of the authorities trusted instead of the system's; a self-signed certificate is its
    /// own authority.
    pub ca: Option<PathBuf>,
    /// The name that certificates have to show, where it is not the host of peer or proxy.
    pub name: Option<String>,
    /// Our certificate, where the carrier wants one, with its chain, as PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

/// How a request of more than 1300 bytes leaves on a trunk by UDP (RFC 3261 section 18.1.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LargeRequests {
    /// By UDP all the same, in fragments: what carriers by UDP expect.
    #[default]
    Udp,
    /// By TCP to the same address, as the RFC has it.
    Tcp,
}

/// One carrier's SIP peer.
#[derive(Debug, Clone)]
pub struct TrunkConfig {
    /// Name in configuration, logs and reports.
    pub name: String,
    /// Host of the peer: `host:port` is looked up as a host, `host` alone as a service (SRV), and as a
    /// host at the transport's port where there is none.
    pub peer: String,
    /// Further peers, in order of preference: for when the carrier names addresses instead of a
    /// service.
    pub more_peers: Vec<String>,
    /// How they are spoken to.
    pub transport: Transport,
    /// For transport TLS.
    pub tls: TrunkTls,
    /// For transport UDP.
    pub large_requests: LargeRequests,
    /// `host:port` of an outbound proxy, if the carrier wants one.
    pub proxy: Option<String>,
    /// The user that the carrier knows us by: of the digest, and of the address of record.
    pub user: Option<String>,
    /// The user of the digest, where it is another.
    pub auth_user: Option<String>,
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
    /// Session timers and redirections.
    pub policy: Policy,
    /// After how long a way that stays silent is left for the next; `None` waits for a proof that
    /// it is down.
    pub silence: Option<Duration>,
    /// Where the carrier's calls to us come from, beside the addresses of peer and proxy.
    pub sources: Vec<uac::guard::Network>,
    /// How we register, on a trunk that wants it.
    pub register: Option<Register>,
}

/// How a trunk is registered.
#[derive(Debug, Clone)]
pub struct Register {
    /// `host` or `host:port` of the registrar's URI; the trunk's domain when not set. REGISTER
    /// goes there over the trunk's ways.
    pub registrar: Option<String>,
    /// Lifetime asked for.
    pub expires: Duration,
    /// First pause after a failure; doubled each time up to five minutes.
    pub retry: Duration,
    /// Register the address that the registrar saw us under.
    pub contact_from_rport: bool,
    /// What does not change about this installation: its host name and the like.
    pub installation: String,
}

impl Register {
    /// An hour at the trunk's domain, tried again after 5 s.
    pub fn new(installation: impl Into<String>) -> Self {
        Self {
            registrar: None,
            expires: Duration::from_secs(3600),
            retry: Duration::from_secs(5),
            contact_from_rport: false,
            installation: installation.into(),
        }
    }
}

impl TrunkConfig {
    /// A trunk by IP address alone: no authentication, 30 lines, a ping every 30 s.
    pub fn new(name: impl Into<String>, peer: impl Into<String>, caller: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            peer: peer.into(),
            more_peers: Vec::new(),
            transport: Transport::Udp,
            tls: TrunkTls::default(),
            large_requests: LargeRequests::Udp,
            proxy: None,
            user: None,
            auth_user: None,
            password: None,
            realms: Vec::new(),
            allow_md5: true,
            caller: caller.into(),
            domain: None,
            identity: None,
            options_interval: Duration::from_secs(30),
            lines: 30,
            sources: Vec::new(),
            register: None,
            policy: Policy::default(),
            silence: None,
        }
    }

    pub(crate) fn line(&self, user_agent: &str) -> Result<Line, SipError> {
        let peer = self.hop("peer", &self.peer)?;
        let proxy = self.proxy.as_deref().map(|proxy| self.hop("proxy", proxy)).transpose()?;
        Ok(Line {
            identity: self.identity(&peer)?,
            ways: Vec::new(),
            service_route: Vec::new(),
            transport: self.transport,
            credentials: self.credentials(&peer, proxy.as_ref())?,
            // The stack fills in which of our addresses this peer sees.
            local: peer.clone(),
            user_agent: user_agent.to_owned(),
            policy: self.policy,
            peer,
            proxy,
        })
    }

    /// The hosts to be resolved, best first: the proxy, or else every peer.
    pub(crate) fn hosts(&self) -> Result<Vec<Hop>, SipError> {
        match &self.proxy {
            Some(proxy) => Ok(vec![self.hop("proxy", proxy)?]),
            None => std::iter::once(&self.peer)
                .chain(&self.more_peers)
                .map(|peer| self.hop("peers", peer))
                .collect(),
        }
    }

    fn hop(&self, key: &'static str, text: &str) -> Result<Hop, SipError> {
        let wrong = || SipError::Address { trunk: self.name.clone(), key, value: text.to_owned() };
        Hop::parse(text).ok_or_else(wrong)
    }

    fn identity(&self, peer: &Hop) -> Result<Identity, SipError> {
        if let Some(identity) = &self.identity {
            return Ok(identity.clone());
        }
        let identity = Identity::new(&self.caller, self.domain.as_deref().unwrap_or(&peer.host))
            .and_then(|identity| identity.headers(vec![IdentityHeader::Asserted]));
        identity.map_err(|fault| SipError::Identity { trunk: self.name.clone(), fault })
    }

    /// What to register and where, on a trunk that is to be registered.
    pub(crate) fn registrar(&self) -> Result<Option<Registrar>, SipError> {
        let Some(register) = &self.register else { return Ok(None) };
        let fault =
            |key, value: &str| SipError::Address { trunk: self.name.clone(), key, value: value.to_owned() };
        let user =
            self.user.clone().ok_or_else(|| SipError::NobodyToRegister { trunk: self.name.clone() })?;
        let peer = Hop::parse(&self.peer).ok_or_else(|| fault("peer", &self.peer))?;
        let domain = self.domain.clone().unwrap_or(peer.host);
        let host = register.registrar.as_ref().unwrap_or(&domain);
        let domain = if domain.contains(':') { format!("[{domain}]") } else { domain.clone() };
        Ok(Some(Registrar {
            host: Hop::parse(host).ok_or_else(|| fault("registrar", host))?,
            user: user.clone(),
            instance: instance(&format!("{} {} {user}@{domain}", register.installation, self.name)),
            domain,
            expires: register.expires,
            retry: register.retry,
            contact_from_rport: register.contact_from_rport,
        }))
    }

    fn credentials(&self, peer: &Hop, proxy: Option<&Hop>) -> Result<Option<Credentials>, SipError> {
        match (&self.user, &self.password) {
            (Some(user), Some(password)) => {
                let registrar = self.registrar()?.map(|registrar| registrar.host.host);
                let hosts = [Some(&peer.host), self.domain.as_ref(), proxy.map(|proxy| &proxy.host)];
                let own = || hosts.into_iter().flatten().cloned().chain(registrar).collect();
                Ok(Some(Credentials {
                    user: self.auth_user.as_ref().unwrap_or(user).clone(),
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
