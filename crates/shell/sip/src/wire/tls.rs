//! TLS: a peer proves the name it was asked by (RFC 5922), against the system's authorities or the
//! trunk's own. There is no way to leave the proof out.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, Error as TlsError, RootCertStore, ServerConfig,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::config::{TlsListener, TrunkTls};
use crate::error::SipError;

/// Whom a trunk trusts, and what it shows of itself.
pub(super) struct Trust {
    connector: TlsConnector,
    name: Option<String>,
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trust({:?})", self.name)
    }
}

impl Trust {
    pub(super) fn of(trunk: &str, config: &TrunkTls) -> Result<Self, SipError> {
        let place = format!("trunk {trunk}: tls");
        let roots = match &config.ca {
            Some(file) => roots_of(&place, "ca", file)?,
            None => system_roots(&place)?,
        };
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| broken(&place, "ca", &error))?
            .with_root_certificates(roots);
        let config_tls = match (&config.certificate, &config.key) {
            (Some(certificate), Some(key)) => builder
                .with_client_auth_cert(
                    certificates(&place, "certificate", certificate)?,
                    private_key(&place, key)?,
                )
                .map_err(|error| broken(&place, "certificate", &error))?,
            (None, None) => builder.with_no_client_auth(),
            _ => return Err(broken(&place, "key", &"certificate and key go together: set both or neither")),
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config_tls)), name: config.name.clone() })
    }

    /// The name to be proven, where it is not the host's.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Shakes hands over `stream`; the peer has to prove that it is `name`.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
        name: &str,
        to: SocketAddr,
    ) -> Result<TlsStream<TcpStream>, String> {
        let server = ServerName::try_from(name.to_owned())
            .map_err(|_| format!("{name:?} is no name that a certificate can show: correct tls.name"))?;
        self.connector.connect(server, stream).await.map_err(|error| said(&error, name, to))
    }
}

/// Takes connections with the listener's own certificate.
pub(super) fn acceptor(config: &TlsListener) -> Result<TlsAcceptor, SipError> {
    let place = "sip.tls";
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(place, "certificate", &error))?;
    let builder = match &config.client_ca {
        Some(file) => {
            let roots = Arc::new(roots_of(place, "client_ca", file)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            builder.with_client_cert_verifier(verifier.map_err(|error| broken(place, "client_ca", &error))?)
        }
        None => builder.with_no_client_auth(),
    };
    let config = builder
        .with_single_cert(
            certificates(place, "certificate", &config.certificate)?,
            private_key(place, &config.key)?,
        )
        .map_err(|error| broken(place, "certificate", &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn broken(place: &str, key: &'static str, fault: &dyn std::fmt::Display) -> SipError {
    SipError::Tls { place: place.to_owned(), key, fault: fault.to_string() }
}

fn system_roots(place: &str) -> Result<RootCertStore, SipError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let fault = "the system has no certificate authorities: install ca-certificates, or name a file";
        return Err(broken(place, "ca", &fault));
    }
    Ok(roots)
}

fn roots_of(place: &str, key: &'static str, file: &Path) -> Result<RootCertStore, SipError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(place, key, file)? {
        roots.add(certificate).map_err(|error| broken(place, key, &in_file(file, &error)))?;
    }
    Ok(roots)
}

fn certificates(
    place: &str,
    key: &'static str,
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, SipError> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = read.map_err(|error| broken(place, key, &in_file(file, &error)))?;
    if all.is_empty() {
        return Err(broken(place, key, &in_file(file, &"no certificate in it")));
    }
    Ok(all)
}

fn private_key(place: &str, file: &PathBuf) -> Result<PrivateKeyDer<'static>, SipError> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| broken(place, "key", &in_file(file, &error)))
}

fn in_file(file: &Path, fault: &dyn std::fmt::Display) -> String {
    format!("{}: {fault}", file.display())
}

/// What went wrong on a TLS connection, with its remedy.
pub(super) fn said(error: &io::Error, name: &str, to: SocketAddr) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    match inner {
        Some(TlsError::InvalidCertificate(fault)) => refused(fault, name, to),
        Some(TlsError::AlertReceived(
            alert @ (AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::HandshakeFailure),
        )) => format!(
            "{to} does not accept us ({alert:?}): the carrier may want a certificate of ours, set tls.certificate \
             and tls.key"
        ),
        Some(TlsError::InvalidMessage(_)) => {
            format!("{to} does not speak TLS: correct the port or the trunk's transport")
        }
        _ => format!("no TLS with {to} ({error})"),
    }
}

fn refused(fault: &CertificateError, name: &str, to: SocketAddr) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {to} has expired: the carrier has to renew it")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {to} is not valid yet: check this machine's clock")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "the certificate of {to} is not for {name}: set the trunk's peer to the name it is for, or tls.name"
        ),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate of {to} is signed by nobody we trust: if that is the carrier's own authority, name its \
             certificate in tls.ca"
        ),
        other => format!("the certificate of {to} is not accepted ({other:?}): ask the carrier"),
    }
}
