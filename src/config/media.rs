//! `[media]`: RTP.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

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
    /// The threads come before all others where the system allows it.
    pub realtime: bool,
    pub keys: Keys,
    pub source: Source,
}

/// From where a call's packets may come, beside the address that the carrier's SDP names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Nowhere else.
    Named,
    /// Other ports of that host.
    Host,
    /// Anywhere; whoever sends from nearer to the named address takes over.
    #[default]
    Any,
}

impl Source {
    /// As the media path wants it.
    pub fn policy(self) -> media::SourcePolicy {
        match self {
            Self::Named => media::SourcePolicy::Named,
            Self::Host => media::SourcePolicy::Host,
            Self::Any => media::SourcePolicy::Any,
        }
    }
}

/// `[media.keys]`: how key presses are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub in_band: InBand,
    /// Telephone events are taken on a payload type that nobody agreed on.
    pub unagreed_events: bool,
    /// The same digit by two ways within this is one press.
    pub together_ms: u64,
    /// A press of which nothing came for this long is over.
    pub lost_end_ms: u64,
    /// A key held longer is taken as released.
    pub longest_ms: u64,
}

/// When tones in the sound are listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InBand {
    /// Where the carrier has not agreed to telephone events.
    #[default]
    WithoutEvents,
    Always,
    Never,
}

impl Keys {
    /// As the media path wants it.
    pub fn policy(self) -> media::KeyPolicy {
        let samples = |ms| audio::samples_in(Duration::from_millis(ms));
        media::KeyPolicy {
            in_band: match self.in_band {
                InBand::WithoutEvents => media::InBand::WithoutEvents,
                InBand::Always => media::InBand::Always,
                InBand::Never => media::InBand::Never,
            },
            unagreed_events: self.unagreed_events,
            together: samples(self.together_ms),
            lost_end: samples(self.lost_end_ms),
            longest: samples(self.longest_ms),
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            in_band: InBand::default(),
            unagreed_events: true,
            together_ms: 1000,
            lost_end_ms: 500,
            longest_ms: 10_000,
        }
    }
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
            realtime: true,
            keys: Keys::default(),
            source: Source::default(),
        }
    }
}

impl Media {
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.threads == 0 {
            faults.push("threads: 0 threads carry no call: give 1 or more".into());
        }
        let times = [
            ("together_ms", self.keys.together_ms, 5000),
            ("lost_end_ms", self.keys.lost_end_ms, 10_000),
            ("longest_ms", self.keys.longest_ms, 60_000),
        ];
        for (key, ms, most) in times {
            if !(100..=most).contains(&ms) {
                faults.push(format!("keys.{key}: {ms} ms is no time for a key press: give 100 to {most}"));
            }
        }
        faults
    }
}
