//! Whether a trunk's calls are encrypted, and how their keys travel.

use serde::Deserialize;
use sip::sdp::Suite;

use super::{Transport, Trunk};

/// Whether the calls' sound is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Srtp {
    /// RTP in the clear; a peer that insists on SRTP is refused.
    #[default]
    Off,
    /// SRTP keyed by SDES (RFC 4568) or no call.
    Required,
}

pub(super) fn default_suites() -> Vec<Suite> {
    Suite::ALL.to_vec()
}

impl Trunk {
    pub(super) fn srtp_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let repeated =
            self.srtp_suites.iter().enumerate().any(|(at, suite)| self.srtp_suites[..at].contains(suite));
        if self.srtp_suites.is_empty() || repeated {
            faults.push("srtp_suites: name one suite or more, each once".into());
        }
        if self.leaks_keys() && !self.srtp_over_clear_signalling {
            faults.push(
                "srtp: \"required\" sends the keys within the signalling, which this trunk does not encrypt: whoever reads it hears the calls. Set transport = \"tls\", or srtp_over_clear_signalling = true if that way is safe by other means, such as a VPN"
                    .into(),
            );
        }
        faults
    }

    /// Whether the keys of SRTP go through signalling that others can read.
    pub fn leaks_keys(&self) -> bool {
        self.srtp == Srtp::Required && self.transport != Transport::Tls
    }

    /// The suites of SRTP that calls of this trunk must use, most wanted first; none in the clear.
    pub fn suites(&self) -> &[Suite] {
        match self.srtp {
            Srtp::Off => &[],
            Srtp::Required => &self.srtp_suites,
        }
    }
}
