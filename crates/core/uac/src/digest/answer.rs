//! Computing the answer to a challenge, RFC 7616 section 3.4.

use std::fmt::Write;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::{Challenge, Credentials, Hash, Qop};

/// The request that is being authorized, and the client's part of the digest.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Method of the request.
    pub method: &'a str,
    /// Request-URI as written.
    pub uri: &'a str,
    /// Body, hashed for auth-int only.
    pub body: &'a [u8],
    /// Client nonce; of a session variant, the same for as long as the nonce is.
    pub cnonce: &'a str,
    /// How often this nonce has been used, from 1.
    pub count: u32,
}

impl Answer<'_> {
    /// The value of Authorization or Proxy-Authorization. The challenge must be usable.
    pub fn header(&self, credentials: &Credentials, challenge: &Challenge) -> String {
        let response = digest(self, credentials, challenge);
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\"",
            quoted(&credentials.user),
            quoted(&challenge.realm),
            quoted(&challenge.nonce),
            quoted(self.uri)
        );
        // Writing to a String does not fail.
        if let Some(algorithm) = &challenge.algorithm_text {
            let _ = write!(value, ", algorithm={algorithm}");
        }
        if let Some(qop) = challenge.qop {
            let _ = write!(value, ", qop={}, nc={:08x}, cnonce=\"{}\"", name(qop), self.count, self.cnonce);
        }
        if let Some(opaque) = &challenge.opaque {
            let _ = write!(value, ", opaque=\"{}\"", quoted(opaque));
        }
        value
    }
}

/// The response value alone: RFC 7616 section 3.4.1, and RFC 2069 without qop. User and password
/// are hashed as UTF-8.
pub fn digest(answer: &Answer, credentials: &Credentials, challenge: &Challenge) -> String {
    let algorithm = challenge.algorithm;
    let hash = |parts: &str| hash(algorithm.map(|algorithm| algorithm.hash), parts.as_bytes());
    let mut secret =
        hash(&format!("{}:{}:{}", credentials.user, challenge.realm, credentials.password.expose()));
    if algorithm.is_some_and(|algorithm| algorithm.session) {
        secret = hash(&format!("{secret}:{}:{}", challenge.nonce, answer.cnonce));
    }
    let mut request = format!("{}:{}", answer.method, answer.uri);
    if challenge.qop == Some(Qop::AuthInt) {
        let body = self::hash(algorithm.map(|algorithm| algorithm.hash), answer.body);
        request = format!("{request}:{body}");
    }
    let request = hash(&request);
    match challenge.qop {
        Some(qop) => hash(&format!(
            "{secret}:{}:{:08x}:{}:{}:{request}",
            challenge.nonce,
            answer.count,
            answer.cnonce,
            name(qop)
        )),
        None => hash(&format!("{secret}:{}:{request}", challenge.nonce)),
    }
}

fn hash(hash: Option<Hash>, bytes: &[u8]) -> String {
    match hash {
        Some(Hash::Sha256) => hex::encode(Sha256::digest(bytes)),
        Some(Hash::Md5) | None => hex::encode(Md5::digest(bytes)),
    }
}

fn name(qop: Qop) -> &'static str {
    match qop {
        Qop::Auth => "auth",
        Qop::AuthInt => "auth-int",
    }
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
