//! Digest authentication of callers (RFC 3261 section 22, RFC 2617 with `qop=auth`).

use std::collections::HashMap;

use md5::{Digest as _, Md5};
use parking_lot::Mutex;
use rsipstack::sip::typed::tokenizers::AuthTokenizer;
use rsipstack::transaction::random_text;

use crate::script::Trunk;

/// How many callers may be between challenge and answer at a time.
const OUTSTANDING: usize = 10_000;

/// Challenges callers and checks what they answer.
#[derive(Debug)]
pub(crate) struct Gatekeeper {
    trunk: Trunk,
    /// Nonces given out, and the highest count used with each.
    nonces: Mutex<HashMap<String, u32>>,
}

impl Gatekeeper {
    pub(crate) fn new(trunk: Trunk) -> Self {
        Self { trunk, nonces: Mutex::default() }
    }

    /// Value of a Proxy-Authenticate header.
    pub(crate) fn challenge(&self) -> String {
        let nonce = random_text(32);
        let mut nonces = self.nonces.lock();
        if nonces.len() >= OUTSTANDING {
            nonces.clear();
        }
        nonces.insert(nonce.clone(), 0);
        format!(r#"Digest realm="{}", nonce="{nonce}", algorithm=MD5, qop="auth""#, self.trunk.realm)
    }

    /// Whether the value of a Proxy-Authorization header answers one of our challenges rightly.
    pub(crate) fn admits(&self, authorization: &str, method: &str) -> bool {
        let Ok(tokens) = AuthTokenizer::parse(authorization) else { return false };
        let value = |name: &str| {
            let found = tokens.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value)
        };
        let count = u32::from_str_radix(value("nc"), 16).unwrap_or(1);
        value("username") == self.trunk.username
            && value("realm") == self.trunk.realm
            && value("response") == self.response(&value, method)
            && self.is_fresh(value("nonce"), count)
    }

    fn response<'a>(&self, value: &impl Fn(&str) -> &'a str, method: &str) -> String {
        let Trunk { realm, username, password } = &self.trunk;
        let secret = md5(&format!("{username}:{realm}:{password}"));
        let request = md5(&format!("{method}:{}", value("uri")));
        let nonce = value("nonce");
        match value("qop") {
            "" => md5(&format!("{secret}:{nonce}:{request}")),
            qop => md5(&format!("{secret}:{nonce}:{}:{}:{qop}:{request}", value("nc"), value("cnonce"))),
        }
    }

    /// A nonce of ours whose count goes up: a replayed answer is refused.
    fn is_fresh(&self, nonce: &str, count: u32) -> bool {
        match self.nonces.lock().get_mut(nonce) {
            Some(used) if count > *used => {
                *used = count;
                true
            }
            _ => false,
        }
    }
}

fn md5(text: &str) -> String {
    hex::encode(Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gatekeeper() -> Gatekeeper {
        Gatekeeper::new(Trunk { realm: "carrier".into(), username: "u".into(), password: "p".into() })
    }

    fn answer(challenge: &str, password: &str) -> String {
        let nonce = challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
        let response = md5(&format!(
            "{}:{nonce}:00000001:c:auth:{}",
            md5(&format!("u:carrier:{password}")),
            md5("INVITE:sip:1@h")
        ));
        format!(
            r#"Digest username="u", realm="carrier", nonce="{nonce}", uri="sip:1@h", response="{response}", qop=auth, nc=00000001, cnonce="c""#
        )
    }

    #[test]
    fn the_right_password_is_admitted_once_a_nonce() {
        let gate = gatekeeper();
        let answer = answer(&gate.challenge(), "p");
        assert!(gate.admits(&answer, "INVITE"));
        assert!(!gate.admits(&answer, "INVITE"), "a replay");
    }

    #[test]
    fn wrong_passwords_and_foreign_nonces_are_refused() {
        let gate = gatekeeper();
        assert!(!gate.admits(&answer(&gate.challenge(), "q"), "INVITE"));
        assert!(!gate.admits(&answer(r#"Digest nonce="mine""#, "p"), "INVITE"));
        assert!(!gate.admits("Basic dTpw", "INVITE"));
    }
}
