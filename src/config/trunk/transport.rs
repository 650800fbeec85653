//! `[trunk.NAME]`, keys `peer`, `peers`, `transport`, `large_requests` and `tls`: where a carrier is and how it is spoken
//! to.

use std::path::PathBuf;

use serde::Deserialize;
pub use sip::Transport;

/// How a request of more than 1300 bytes leaves on a trunk by UDP (RFC 3261 section 18.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LargeRequests {
    #[default]
    Udp,
    Tcp,
}

impl From<LargeRequests> for sip::LargeRequests {
    fn from(large: LargeRequests) -> Self {
        match large {
            LargeRequests::Udp => Self::Udp,
            LargeRequests::Tcp => Self::Tcp,
        }
    }
}

/// Whom a trunk by TLS trusts, and what it shows of itself. Certificates are always checked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM file of the authorities trusted instead of the system's.
    pub ca: Option<PathBuf>,
    /// The name certificates have to show; the host of peer where absent.
    pub name: Option<String>,
    /// Our certificate and key, where the carrier wants them.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

impl Tls {
    pub(super) fn faults(&self, transport: Transport) -> Vec<String> {
        let mut faults = Vec::new();
        if transport != Transport::Tls && *self != Self::default() {
            faults.push(
                "tls: the trunk does not use TLS: set transport = \"tls\", or remove the section".to_owned(),
            );
        }
        if self.certificate.is_some() != self.key.is_some() {
            faults.push("tls.key: certificate and key belong together: give both or none".to_owned());
        }
        faults
    }
}

impl From<&Tls> for sip::TrunkTls {
    fn from(tls: &Tls) -> Self {
        let Tls { ca, name, certificate, key } = tls.clone();
        Self { ca, name, certificate, key }
    }
}
