//! `[media]`: RTP.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;

/// Where RTP is sent and received.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    pub bind: IpAddr,
    /// Address written into SDP where it differs from `bind`.
    pub advertise: Option<IpAddr>,
    /// Two ports a line.
    pub ports: PortRange,
    pub threads: usize,
}

/// First and last port, such as `"20000-20999"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

impl TryFrom<String> for PortRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.split_once('-')
            .and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)))
            .filter(|(first, last): &(u16, u16)| first < last && *first >= 1024)
            .map(|(first, last)| Self { first, last })
            .ok_or_else(|| format!("\"{text}\" is not a port range: write it as 20000-20999, above 1023"))
    }
}

impl Default for Media {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            advertise: None,
            ports: PortRange { first: 20_000, last: 20_999 },
            threads: 1,
        }
    }
}

impl Media {
    pub(super) fn faults(&self) -> Vec<String> {
        if self.threads == 0 {
            return vec!["threads: 0 threads carry no call: give 1 or more".into()];
        }
        Vec::new()
    }
}
