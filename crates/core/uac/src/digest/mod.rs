//! Digest authentication (RFC 2617, RFC 7616, RFC 8760): MD5 and SHA-256, qop auth and auth-int,
//! 401 and 407 in any order. A challenge of a foreign realm is never answered.

mod answer;
mod challenge;

use serde::{Deserialize, Serialize};

pub use answer::{Answer, digest};
pub use challenge::{Algorithm, Challenge, Qop};

use crate::message::{Method, Response};
use crate::seed::Secret;

/// What the carrier gave us to prove who we are.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// The one realm these belong to; any realm when not set.
    pub realm: Option<String>,
}

/// Why a challenge is not answered (again).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Challenged, but no user and password are configured.
    #[error("the peer asks for a password: set the trunk's user and password")]
    NoCredentials,
    /// Only other realms than the configured one ask.
    #[error(
        "the peer asks for realm {0:?}, which is not the trunk's realm: correct the trunk's realm if that peer is meant"
    )]
    ForeignRealm(String),
    /// No challenge has an algorithm and qop we speak.
    #[error("the peer offers no digest we speak (MD5 or SHA-256, qop auth): have the carrier enable one")]
    Unsupported,
    /// The realm asked again after our answer, and not because the nonce was stale.
    #[error("the peer rejected our answer for realm {0:?}: correct the trunk's user and password")]
    WrongPassword(String),
    /// Challenged over and over.
    #[error("the peer keeps asking for fresh credentials: have the carrier check its authentication")]
    Endless,
}

/// Most challenges answered for one request: two servers, each once stale, and one to spare.
const MOST_ROUNDS: u8 = 5;

/// The challenges answered in the course of one request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answers {
    held: Vec<Held>,
    rounds: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    proxy: bool,
    challenge: Challenge,
    used: u32,
    was_stale: bool,
}

impl Answers {
    /// Takes the challenges of a 401 or 407; `Ok` when the request is worth repeating.
    pub fn challenged(
        &mut self,
        credentials: Option<&Credentials>,
        response: &Response,
    ) -> Result<(), Refused> {
        let credentials = credentials.ok_or(Refused::NoCredentials)?;
        self.rounds += 1;
        if self.rounds > MOST_ROUNDS {
            return Err(Refused::Endless);
        }
        let proxy = response.status == 407;
        let name = if proxy { "Proxy-Authenticate" } else { "WWW-Authenticate" };
        let offered: Vec<Challenge> = response.headers.all(name).flat_map(Challenge::parse_all).collect();
        let ours =
            |challenge: &&Challenge| credentials.realm.as_ref().is_none_or(|realm| *realm == challenge.realm);
        if let Some(foreign) = offered.first().filter(|_| !offered.iter().any(|c| ours(&c))) {
            return Err(Refused::ForeignRealm(foreign.realm.clone()));
        }
        let mut taken: Vec<String> = Vec::new();
        // RFC 8760 section 2.4: of one realm, the topmost challenge that we support.
        for challenge in offered.iter().filter(ours).filter(|challenge| challenge.is_usable()) {
            if !taken.contains(&challenge.realm) {
                taken.push(challenge.realm.clone());
                self.take(proxy, challenge.clone())?;
            }
        }
        if taken.is_empty() { Err(Refused::Unsupported) } else { Ok(()) }
    }

    /// Whether no challenge has been answered yet.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn take(&mut self, proxy: bool, challenge: Challenge) -> Result<(), Refused> {
        let known =
            self.held.iter_mut().find(|held| held.proxy == proxy && held.challenge.realm == challenge.realm);
        match known {
            None => self.held.push(Held { proxy, challenge, used: 0, was_stale: false }),
            Some(held) if challenge.stale && !held.was_stale => {
                *held = Held { proxy, challenge, used: 0, was_stale: true };
            }
            Some(_) => return Err(Refused::WrongPassword(challenge.realm)),
        }
        Ok(())
    }

    /// The authorization headers for the next request, as (name, value).
    pub fn authorize(
        &mut self,
        credentials: Option<&Credentials>,
        request: (&Method, &str, &[u8]),
        cnonce: &str,
    ) -> Vec<(&'static str, String)> {
        let Some(credentials) = credentials else { return Vec::new() };
        let (method, uri, body) = request;
        let mut headers = Vec::with_capacity(self.held.len());
        for held in &mut self.held {
            held.used += 1;
            let answer = Answer { method: method.as_str(), uri, body, cnonce, count: held.used };
            let name = if held.proxy { "Proxy-Authorization" } else { "Authorization" };
            headers.push((name, answer.header(credentials, &held.challenge)));
        }
        headers
    }
}
