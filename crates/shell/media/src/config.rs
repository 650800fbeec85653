//! What the engine and a leg are told at their start.

use audio::{Codec, KeyPolicy, PayloadTypes, SourcePolicy};
use hearing::{Library, Limits};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use uac::sdp::{Rtcp, SrtpKeys};

/// The engine's settings.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The address all RTP sockets are bound to.
    pub bind: IpAddr,
    /// The UDP ports to use: for each leg an even one for RTP and the next for RTCP (RFC 3550 section 11).
    pub ports: RangeInclusive<u16>,
    /// Tick threads; each leg stays on one.
    pub threads: usize,
    /// Whether they come before all ordinary threads, where the system allows it.
    pub realtime: bool,
    /// Where recordings grow as `<id>.wav.part`. Made if missing.
    pub staging: PathBuf,
    /// How long an answered leg may receive nothing before [`crate::Heard::NoMedia`] is told.
    pub no_media_after: Duration,
    /// How keys are heard.
    pub keys: KeyPolicy,
    /// The announcements to be recognised.
    pub announcements: Arc<Library>,
    /// For how long an answered leg is listened to.
    pub listening: Limits,
    /// From where a peer's packets may come.
    pub source: SourcePolicy,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports: 20_000..=29_999,
            threads: 1,
            realtime: false,
            staging: PathBuf::from("staging"),
            no_media_after: Duration::from_secs(10),
            keys: KeyPolicy::default(),
            announcements: Arc::default(),
            listening: Limits::default(),
            source: SourcePolicy::default(),
        }
    }
}

/// One leg to be opened.
#[derive(Clone, Debug)]
pub struct OpenLeg {
    /// The attempt's id: letters, digits, `-` and `_`. It names the staged file.
    pub id: String,
    /// Whether both sides are recorded from the answer on.
    pub record: bool,
}

/// Where to send, and what was agreed on, after each offer and answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The peer's `c=` and `m=` lines.
    pub addr: SocketAddr,
    /// The audio codec.
    pub codec: Codec,
    /// Its payload type in the peer's description.
    pub payload_type: u8,
    /// The payload types on which `telephone-event/8000` may come: the one our own description names (RFC 3264
    /// section 5.1), and the peer's, which many use instead and without which it has agreed to none.
    pub telephone_events: [Option<u8>; 2],
    /// The keys, where the stream is SRTP.
    pub srtp: Option<SrtpKeys>,
    /// Where RTCP goes; none is spoken without it, nor where the stream is SRTP.
    pub rtcp: Option<Rtcp>,
}

impl Remote {
    /// Whether the peer takes, and so sends, telephone events.
    pub(crate) fn agreed_to_events(&self) -> bool {
        self.telephone_events[1].is_some()
    }

    pub(crate) fn payload_types(&self) -> PayloadTypes {
        PayloadTypes { audio: self.payload_type, codec: self.codec, telephone_events: self.telephone_events }
    }
}
