//! Why a stack cannot be started.

use std::net::SocketAddr;

/// A stack that does not start.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// The port is taken or the address is not ours.
    #[error("cannot bind SIP to {address} ({source}): choose a free port or an address of this machine")]
    Bind {
        /// The wanted address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A trunk's address cannot be read.
    #[error("trunk {trunk}: {key} = {value:?} is no address: write host or host:port")]
    Address {
        /// Trunk name.
        trunk: String,
        /// Configuration key.
        key: &'static str,
        /// What stands there.
        value: String,
    },
    /// A trunk's shown identity cannot be written into a SIP message.
    #[error("trunk {trunk}: {fault}")]
    Identity {
        /// Trunk name.
        trunk: String,
        /// Which part, and what to write instead.
        fault: uac::IdentityError,
    },
    /// Only one of user and password.
    #[error("trunk {trunk}: user and password go together: set both or neither")]
    HalfCredentials {
        /// Trunk name.
        trunk: String,
    },
    /// A registration without a user.
    #[error("trunk {trunk}: register needs a user: set user and password as the carrier gave them")]
    NobodyToRegister {
        /// Trunk name.
        trunk: String,
    },
    /// Two trunks of one name.
    #[error("two trunks are called {trunk}: give each its own name")]
    SameName {
        /// Trunk name.
        trunk: String,
    },
    /// A file of certificates or keys cannot be used.
    #[error("{place}.{key}: {fault}: give a readable PEM file")]
    Tls {
        /// Whose.
        place: String,
        /// Configuration key.
        key: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// A TLS listener without a certificate.
    #[error("sip.tls: a TLS listener needs a certificate: set sip.tls.certificate and sip.tls.key")]
    NoCertificate,
    /// The system's name servers are not known.
    #[error("the name servers are not known ({0}): mend /etc/resolv.conf, or set sip.name_servers")]
    NameServers(String),
    /// The SIP transport failed otherwise.
    #[error("the SIP endpoint did not start: {0}; see the system log for the cause")]
    Endpoint(String),
}
