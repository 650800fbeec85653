//! Reading WWW-Authenticate and Proxy-Authenticate.

use serde::{Deserialize, Serialize};

use crate::address::{split_outside, unquote};

/// Hash of a challenge; the `-sess` variants are not spoken by carriers and not by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RFC 2617's, also when no algorithm is named.
    Md5,
    /// RFC 7616's.
    Sha256,
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
        let param = |name: &str| {
            let pairs = params.iter().filter_map(|param| param.split_once('='));
            pairs
                .map(|(key, value)| (key.trim(), value))
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| unquote(value))
        };
        let algorithm_text = param("algorithm");
        let algorithm = match algorithm_text.as_deref().map(str::to_ascii_uppercase).as_deref() {
            None | Some("MD5") => Some(Algorithm::Md5),
            Some("SHA-256") => Some(Algorithm::Sha256),
            Some(_) => None,
        };
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

    /// Whether we speak its algorithm and one of its qops.
    pub fn is_usable(&self) -> bool {
        self.algorithm.is_some() && (self.qop.is_some() || !self.offers_qop)
    }
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
            ("a, b", Some(Algorithm::Sha256), Some(Qop::Auth))
        );
        assert_eq!((all[1].realm.as_str(), all[1].qop, all[1].stale), ("c", None, true));
    }

    #[test]
    fn what_we_do_not_speak_is_not_usable() {
        let table = [
            (r#"Digest realm="r",nonce="n""#, true),
            (r#"Digest realm="r",nonce="n",qop="auth-int""#, true),
            (r#"Digest realm="r",nonce="n",qop="auth-conf""#, false),
            (r#"Digest realm="r",nonce="n",algorithm=MD5-sess"#, false),
            (r#"Digest realm="r",nonce="n",algorithm=SHA-512-256"#, false),
        ];
        for (line, usable) in table {
            assert_eq!(Challenge::parse_all(line)[0].is_usable(), usable, "{line}");
        }
        assert!(Challenge::parse_all(r#"Digest realm="r""#).is_empty(), "a nonce is needed");
    }
}
