//! What is registered where, and how that stands.

use std::time::Duration;

use crate::line::Hop;

/// What to register, and where.
#[derive(Debug, Clone)]
pub struct Registrar {
    /// Host of the Request-URI (RFC 3261 section 10.2). REGISTER goes there over the trunk's ways.
    pub host: Hop,
    /// User and host of the address of record.
    pub user: String,
    /// Host of the address of record, an IPv6 address in brackets.
    pub domain: String,
    /// Lifetime asked for; the registrar may shorten it.
    pub expires: Duration,
    /// First pause after a failure; doubled each time up to five minutes.
    pub retry: Duration,
    /// Names this installation over restarts: `urn:uuid:…` (RFC 5626 section 4.1).
    pub instance: String,
    /// Register the address that the registrar saw us under, where it is another than ours.
    pub contact_from_rport: bool,
}

/// How a registration stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RegistrationState {
    /// Under way for the first time.
    #[default]
    Registering,
    /// The registrar sends calls to us, and takes ours.
    Registered(Binding),
    /// Not registered, and tried again.
    Failed {
        /// Why, with a remedy.
        reason: String,
    },
    /// The registrar does not accept our user and password; tried again seldom.
    AuthFailed {
        /// Why, with a remedy.
        reason: String,
    },
    /// Given back, at the end.
    Ended,
}

/// What the registrar holds for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Our address as it stands in the Contact.
    pub local: Hop,
    /// When it ends unless refreshed, on the clock of `now`.
    pub until: Duration,
    /// The way that calls are to take (RFC 3608), as written.
    pub service_route: Vec<String>,
}
