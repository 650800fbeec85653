//! Digest authentication (RFC 2617, RFC 7616, RFC 8760) as a client: MD5, SHA-256 and their
//! session variants, qop auth and auth-int, 401 and 407 in any order, several challenges.
//!
//! An answer is worth something to whoever gets it: the password can be guessed from it at leisure.
//! So it is given to few:
//! - of the realms that the credentials are for: those configured, else the trunk's own domain,
//!   peer, proxy and registrar. Not of the first realm that comes along: a 401 may come from behind
//!   the carrier, from the very phone that was called.
//! - to an address of the trunk's ways, or the one that the request was sent to;
//! - never in clear where the trunk is set to TLS;
//! - never by Basic, and by MD5 only while the trunk allows it.

mod answer;
mod answers;
mod challenge;
mod credentials;

pub use answer::{Answer, digest};
pub use answers::{Answers, Refused};
pub use challenge::{Algorithm, Challenge, Hash, Qop};
pub use credentials::Credentials;
