//! The challenges met in the course of a request, and what is answered to them.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::challenge::next_nonce;
use super::{Answer, Challenge, Credentials};
use crate::line::{Hop, Line};
use crate::message::{Method, Response};

/// Why a challenge is not answered (again).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Challenged, but no user and password are configured.
    #[error("the peer asks for a password: set the trunk's user and password")]
    NoCredentials,
    /// Only realms ask that the credentials do not belong to.
    #[error(
        "the peer asks for a password of realm {0:?}, which is not known as this trunk's: if it is the carrier's, set the trunk's realm to it"
    )]
    ForeignRealm(String),
    /// No challenge has an algorithm and qop we speak.
    #[error("the peer offers no digest we speak (MD5 or SHA-256, qop auth): have the carrier enable one")]
    Unsupported,
    /// Only MD5 is offered, and the trunk does not allow it.
    #[error("the peer offers MD5 only: have the carrier enable SHA-256, or set the trunk's allow_md5")]
    OnlyMd5,
    /// The realm asked again after our answer, and not because the nonce was stale.
    #[error("the peer rejected our answer for realm {0:?}: correct the trunk's user and password")]
    WrongPassword(String),
    /// Challenged over and over.
    #[error("the peer keeps asking for fresh credentials: have the carrier check its authentication")]
    Endless,
    /// The challenge does not come from where the request went.
    #[error(
        "{0} asks for a password but is none of the trunk's addresses: if it is the carrier's, add it to the trunk's peers"
    )]
    UnexpectedSource(IpAddr),
    /// The trunk is set to TLS, and the request went without.
    #[error("a password is asked for without TLS, which this trunk is set to: have the carrier stay on TLS")]
    InClear,
}

/// Most challenges answered for one request: two servers, each once stale, and one to spare.
const MOST_ROUNDS: u8 = 5;

/// The challenges answered in the course of one request, or of one request after the other to the
/// same server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answers {
    held: Vec<Held>,
    rounds: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    proxy: bool,
    challenge: Challenge,
    /// Requests that this nonce was used for.
    used: u32,
    /// The cnonce of the first of them, which a session variant keeps.
    #[serde(default)]
    cnonce: String,
    /// The nonce was replaced once in this request, for being stale.
    was_stale: bool,
    /// Taken over from an earlier request: any new nonce replaces it.
    #[serde(default)]
    carried: bool,
}

impl Answers {
    /// Takes the challenges of a 401 or 407 that came from the first of `source` to a request sent
    /// to the second; `Ok` when the request is worth repeating.
    pub fn challenged(
        &mut self,
        line: &Line,
        response: &Response,
        source: (IpAddr, &Hop),
    ) -> Result<(), Refused> {
        let credentials = line.credentials.as_ref().ok_or(Refused::NoCredentials)?;
        line.admits(source)?;
        self.rounds += 1;
        if self.rounds > MOST_ROUNDS {
            return Err(Refused::Endless);
        }
        let offered = offered(response);
        let ours: Vec<_> =
            offered.iter().filter(|(_, challenge)| credentials.belong_to(&challenge.realm)).collect();
        if let Some((_, foreign)) = offered.first().filter(|_| ours.is_empty()) {
            return Err(Refused::ForeignRealm(foreign.realm.clone()));
        }
        let mut taken: Vec<(bool, &str)> = Vec::new();
        // RFC 8760 section 2.4: of one realm, the topmost challenge that we support.
        for (proxy, challenge) in ours.iter().filter(|(_, challenge)| credentials.speak(challenge)) {
            if !taken.contains(&(*proxy, &challenge.realm)) {
                taken.push((*proxy, &challenge.realm));
                self.take(*proxy, challenge.clone())?;
            }
        }
        match taken.is_empty() {
            false => Ok(()),
            true if ours.iter().any(|(_, challenge)| challenge.is_usable()) => Err(Refused::OnlyMd5),
            true => Err(Refused::Unsupported),
        }
    }

    /// Whether no challenge has been answered yet.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether the next request goes out with a nonce of an earlier one.
    pub fn is_carried(&self) -> bool {
        self.held.iter().any(|held| held.carried)
    }

    /// The weakest of the challenges that are being answered.
    pub fn weakest(&self) -> Option<super::Hash> {
        let hashes = self.held.iter().filter_map(|held| held.challenge.algorithm);
        hashes.map(|algorithm| algorithm.hash).min_by_key(|hash| *hash != super::Hash::Md5)
    }

    /// Begins the next request to the same server: the nonces are used on, counted, until the
    /// server asks for others. `accepted` is the final response to the last one; it may name the
    /// next nonce.
    pub fn carry_over(&mut self, accepted: &Response) {
        self.rounds = 0;
        let next = |name| accepted.headers.all(name).find_map(next_nonce);
        let (server, proxy) = (next("Authentication-Info"), next("Proxy-Authentication-Info"));
        for held in &mut self.held {
            held.carried = true;
            held.was_stale = false;
            if let Some(nonce) = if held.proxy { proxy.clone() } else { server.clone() } {
                held.challenge.nonce = nonce;
                held.used = 0;
            }
        }
    }

    fn take(&mut self, proxy: bool, challenge: Challenge) -> Result<(), Refused> {
        let known =
            self.held.iter_mut().find(|held| held.proxy == proxy && held.challenge.realm == challenge.realm);
        let fresh = |challenge, was_stale| Held {
            proxy,
            challenge,
            used: 0,
            cnonce: String::new(),
            was_stale,
            carried: false,
        };
        match known {
            None => self.held.push(fresh(challenge, false)),
            Some(held) if held.carried => *held = fresh(challenge, false),
            Some(held) if challenge.stale && !held.was_stale => *held = fresh(challenge, true),
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
            let session = held.challenge.algorithm.is_some_and(|algorithm| algorithm.session);
            if held.used == 1 || !session {
                cnonce.clone_into(&mut held.cnonce);
            }
            let answer =
                Answer { method: method.as_str(), uri, body, cnonce: &held.cnonce, count: held.used };
            let name = if held.proxy { "Proxy-Authorization" } else { "Authorization" };
            headers.push((name, answer.header(credentials, &held.challenge)));
        }
        headers
    }
}

/// The challenges of a 401 or 407, with whether a proxy asks. Either status may carry both kinds,
/// where a proxy forked the request (RFC 3261 section 22.3).
fn offered(response: &Response) -> Vec<(bool, Challenge)> {
    let of = |proxy: bool, name: &'static str| {
        let lines = response.headers.all(name).flat_map(Challenge::parse_all);
        lines.map(move |challenge| (proxy, challenge)).collect::<Vec<_>>()
    };
    let (server, proxy) = (of(false, "WWW-Authenticate"), of(true, "Proxy-Authenticate"));
    server.into_iter().chain(proxy).collect()
}
