//! Reading WWW-Authenticate and Proxy-Authenticate.

use serde::{Deserialize, Serialize};

use crate::address::{split_outside, unquote};

/// Hash of a challenge. SHA-512-256 is not among them: of its two readings, RFC 7616 names one and
/// its worked example used the other, and a peer that knows it offers another beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hash {
    /// RFC 2617's, also when no algorithm is named.
    Md5,
    /// SHA-256, of RFC 7616.
    Sha256,
}

/// Algorithm of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Algorithm {
    /// Its hash.
    pub hash: Hash,
    /// The `-sess` variant: nonce and first cnonce go into the secret (RFC 7616 section 3.4.2).
    pub session: bool,
}

impl Algorithm {
    fn parse(text: &str) -> Option<Self> {
        let name = text.to_ascii_uppercase();
        let (name, session) = name.strip_suffix("-SESS").map_or((name.as_str(), false), |name| (name, true));
        let hash = match name {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            _ => return None,
        };
        Some(Self { hash, session })
    }
}

/// Quality of protection we answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Qop {
    /// Method and URI are protected.
    Auth,
    /// The body too.
    AuthInt,
}

/// One digest challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Protection domain.
    pub realm: String,
    /// Server nonce.
    pub nonce: String,
    /// Returned unchanged when given.
    pub opaque: Option<String>,
    /// Algorithm as written, to be echoed; `None` when the peer named none.
    pub algorithm_text: Option<String>,
    /// Its meaning; `None` when unknown to us.
    pub algorithm: Option<Algorithm>,
    /// Whether a qop was offered at all.
    offers_qop: bool,
    /// The one we choose: auth before auth-int; `None` answers as RFC 2069.
    pub qop: Option<Qop>,
    /// The nonce was too old, the password was right.
    pub stale: bool,
}

impl Challenge {
    /// All digest challenges of one header line: usually one, but a line may carry several.
    pub fn parse_all(value: &str) -> Vec<Self> {
        let mut challenges: Vec<Vec<&str>> = Vec::new();
        for part in split_outside(value, ',').map(str::trim).filter(|part| !part.is_empty()) {
            match scheme_of(part) {
                Some((scheme, first)) if scheme.eq_ignore_ascii_case("digest") => {
                    challenges.push(vec![first]);
                }
                // Another scheme: its parameters must not leak into a digest before it.
                Some(_) => challenges.push(Vec::new()),
                None => {
                    if let Some(params) = challenges.last_mut().filter(|params| !params.is_empty()) {
                        params.push(part);
                    }
                }
            }
        }
        challenges.iter().filter_map(|params| Self::from_params(params)).collect()
    }

    fn from_params(params: &[&str]) -> Option<Self> {
        let param = |name: &str| param(params, name);
        let algorithm_text = param("algorithm");
        let algorithm = Algorithm::parse(algorithm_text.as_deref().unwrap_or("MD5"));
        let offered = param("qop");
        let offers = |name: &str| {
            offered.as_deref().is_some_and(|qop| qop.split(',').any(|q| q.trim().eq_ignore_ascii_case(name)))
        };
        let qop = match () {
            () if offers("auth") => Some(Qop::Auth),
            () if offers("auth-int") => Some(Qop::AuthInt),
            () => None,
        };
        Some(Self {
            realm: param("realm")?,
            nonce: param("nonce")?,
            opaque: param("opaque"),
            algorithm_text,
            algorithm,
            offers_qop: offered.as_deref().is_some_and(|qop| !qop.trim().is_empty()),
            qop,
            stale: param("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// Whether we speak its algorithm and one of its qops. A session variant without qop has no
    /// cnonce to make its secret from.
    pub fn is_usable(&self) -> bool {
        match (self.algorithm, self.qop) {
            (None, _) => false,
            (Some(_), Some(_)) => true,
            (Some(algorithm), None) => !self.offers_qop && !algorithm.session,
        }
    }
}

/// The nonce for the next request, as Authentication-Info or Proxy-Authentication-Info tells it
/// (RFC 7616 section 3.5).
pub(super) fn next_nonce(value: &str) -> Option<String> {
    let params: Vec<&str> = split_outside(value, ',').map(str::trim).collect();
    param(&params, "nextnonce").filter(|nonce| !nonce.is_empty())
}

fn param(params: &[&str], name: &str) -> Option<String> {
    let pairs = params.iter().filter_map(|param| param.split_once('='));
    pairs
        .map(|(key, value)| (key.trim(), value))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| unquote(value))
}

/// `Digest realm="x"` starts a challenge; `realm="x"` continues one.
fn scheme_of(part: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = part.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    (!scheme.contains('=') && !rest.starts_with('=')).then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_may_carry_several_challenges() {
        let line = r#"Digest realm="a, b", nonce="n1", algorithm=SHA-256, qop="auth,auth-int", Basic realm="no", Digest realm="c",nonce="n2",stale=TRUE"#;
        let all = Challenge::parse_all(line);
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].realm.as_str(), all[0].algorithm, all[0].qop),
            ("a, b", Some(Algorithm { hash: Hash::Sha256, session: false }), Some(Qop::Auth))
        );
        assert_eq!((all[1].realm.as_str(), all[1].qop, all[1].stale), ("c", None, true));
    }

    #[test]
    fn what_we_do_not_speak_is_not_usable() {
        let table = [
            (r#"Digest realm="r",nonce="n""#, true),
            (r#"Digest realm="r",nonce="n",qop="auth-int""#, true),
            (r#"Digest realm="r",nonce="n",qop="auth-conf""#, false),
            (r#"Digest realm="r",nonce="n",algorithm=MD5-sess,qop="auth""#, true),
            (r#"Digest realm="r",nonce="n",algorithm=MD5-sess"#, false),
            (r#"Digest realm="r",nonce="n",algorithm=sha-256"#, true),
            (r#"Digest realm="r",nonce="n",algorithm=SHA-512-256"#, false),
            (r#"Digest realm="r",nonce="n",algorithm=AKAv1-MD5"#, false),
        ];
        for (line, usable) in table {
            assert_eq!(Challenge::parse_all(line)[0].is_usable(), usable, "{line}");
        }
        assert!(Challenge::parse_all(r#"Digest realm="r""#).is_empty(), "a nonce is needed");
        assert!(Challenge::parse_all(r#"Basic realm="r", nonce="n""#).is_empty(), "Basic is never spoken");
    }

    #[test]
    fn the_nonce_for_the_next_request_is_read() {
        let info = r#"qop=auth, nextnonce="a,b", nc=00000001"#;
        assert_eq!(next_nonce(info).as_deref(), Some("a,b"));
        assert_eq!(next_nonce("qop=auth"), None);
    }
}
