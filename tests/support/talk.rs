//! What went over the wire, as SIPp logged it.

use std::collections::HashMap;
use std::time::Duration;

use md5::{Digest as _, Md5};

/// The messages of one called party.
pub(crate) struct Talk {
    /// A line a message: date, time, seconds, S or R, Call-ID, CSeq, first line.
    pub(super) short: String,
    /// Every message whole.
    pub(super) full: String,
}

impl Talk {
    /// The first lines of all messages, each behind `S` (sent) or `R` (received) by SIPp.
    pub(crate) fn lines(&self) -> Vec<String> {
        let fields = self.short.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        fields
            .filter(|fields| fields.len() > 6)
            .map(|fields| format!("{} {}", fields[3], fields[6]))
            .collect()
    }

    /// From the 200 to the INVITE until the BYE, by SIPp's clock.
    pub(crate) fn length(&self) -> Duration {
        let at = |wanted: &str| {
            let line = self.short.lines().find(|line| line.contains(wanted));
            let line = line.unwrap_or_else(|| panic!("no {wanted:?} in\n{}", self.short));
            line.split('\t')
                .nth(2)
                .and_then(|seconds| seconds.parse::<f64>().ok())
                .expect("seconds since 1970")
        };
        Duration::from_secs_f64(at("BYE sip:") - at(" INVITE\tSIP/2.0 200 OK"))
    }

    /// Whether the credentials brought are those of this user: reckoned anew by RFC 7616 section 3.4.1, for SIPp
    /// cannot verify `Proxy-Authorization`.
    pub(crate) fn credentials_fit(&self, user: &str, password: &str) -> bool {
        let header = self.full.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: Digest "));
        let header = header.unwrap_or_else(|| panic!("no credentials in\n{}", self.full));
        let fields: HashMap<&str, &str> = header
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        let owner = hash(&format!("{user}:{}:{password}", fields["realm"]));
        let request = hash(&format!("INVITE:{}", fields["uri"]));
        let once = [fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"]].join(":");
        fields["username"] == user && fields["response"] == hash(&format!("{owner}:{once}:{request}"))
    }
}

fn hash(text: &str) -> String {
    hex::encode(Md5::digest(text))
}
