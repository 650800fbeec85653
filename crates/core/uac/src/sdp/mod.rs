//! Offer and answer (RFC 3264) of one audio stream: G.711 and RFC 4733 telephone events over RTP,
//! or over SRTP keyed by SDES (RFC 4568). Reading is tolerant, writing is exact.
//!
//! [`Session`] holds one call's side of it, whoever offers: our offer and its answer, the peer's
//! offer and ours, and the offer that a peer asks for.

mod crypto;
mod read;
mod session;
mod stream;
mod write;

use std::net::SocketAddr;

pub use crypto::{Crypto, CryptoFault, KEY_RANDOMNESS, MasterKey, SrtpKeys, Suite};
pub use session::{Answer, Randomness, Session};

/// A codec that both sides can speak; 8 kHz, one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// G.711 A-law, static payload type 8.
    Pcma,
    /// G.711 μ-law, static payload type 0.
    Pcmu,
}

impl Codec {
    /// Encoding name of RFC 3551.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        }
    }

    /// Static payload type of RFC 3551.
    pub fn payload_type(self) -> u8 {
        match self {
            Codec::Pcma => 8,
            Codec::Pcmu => 0,
        }
    }
}

/// The codecs we offer, in our order of liking.
pub const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

/// Payload type under which we offer telephone events, until the peer names another.
pub const TELEPHONE_EVENT: u8 = 101;

/// Which way media flows, seen from our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We send, the peer does not.
    SendOnly,
    /// We receive, the peer has us on hold.
    RecvOnly,
    /// Nothing flows.
    Inactive,
}

impl Direction {
    fn from_flags(send: bool, receive: bool) -> Self {
        match (send, receive) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// Whether we send.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether we receive.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    fn attribute(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

/// What both sides agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// Where the peer wants its RTP. Unspecified (`0.0.0.0`) only where we do not send.
    pub remote: SocketAddr,
    /// The codec to send; the peer may send any that we described.
    pub codec: Codec,
    /// Payload type of `codec` towards the peer.
    pub payload_type: u8,
    /// Payload type that the peer gives to telephone events, if it takes them.
    pub telephone_event: Option<u8>,
    /// Payload type that our description gives to them: on it they should come.
    pub telephone_event_here: Option<u8>,
    /// Which way media flows, seen from our side.
    pub direction: Direction,
    /// Packet length in milliseconds that the peer asks for; 20 when it names none.
    pub ptime: u16,
    /// The longest packet that the peer takes, where it says so, in milliseconds.
    pub max_ptime: Option<u16>,
    /// The keys, where the stream is SRTP.
    pub srtp: Option<SrtpKeys>,
    /// Where the peer's RTCP is.
    pub rtcp: Option<Rtcp>,
}

/// Where RTCP goes to and comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rtcp {
    /// Besides the media: on the next port, or where `a=rtcp` says (RFC 3605).
    At(SocketAddr),
    /// With the media, on its port: the peer offered `a=rtcp-mux` (RFC 5761). We take it and do not offer it: a trunk
    /// that knows nothing of it needs the second port anyway.
    Muxed(SocketAddr),
}

/// Why a description is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No codec in common.
    #[error("no codec in common (the peer has {offered}): have the carrier enable PCMA or PCMU")]
    NoCommonCodec {
        /// Formats of the peer's audio stream as written.
        offered: String,
    },
    /// There is no audio stream.
    #[error("the peer describes no audio stream: have the carrier send m=audio")]
    NoAudio,
    /// The audio stream is refused (port 0).
    #[error("the peer refused the audio stream (port 0)")]
    Rejected,
    /// The trunk requires SRTP and the peer would have it otherwise.
    #[error(
        "this trunk requires SRTP, and {why}: have the carrier enable SDES-SRTP (RTP/SAVP, RFC 4568) with one of the suites in srtp_suites, or set srtp = \"off\" if its calls may go in the clear"
    )]
    NotEncrypted {
        /// What the peer did instead.
        why: String,
    },
    /// The peer insists on SRTP and the trunk has none.
    #[error(
        "the peer insists on SRTP ({transport}), which this trunk has off: set srtp = \"required\", or have the carrier offer RTP/AVP"
    )]
    Encrypted {
        /// Transport of the peer's audio stream.
        transport: String,
    },
    /// It cannot be understood or carried out.
    #[error("the peer's session description is unusable: {why}")]
    Unusable {
        /// What is wrong with it.
        why: String,
    },
}

/// What our side of a session is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Address and port of our RTP.
    pub rtp: SocketAddr,
    /// Constant through the session; below 2^63 (RFC 8866 wants a number, peers a signed one).
    pub session_id: u64,
    /// The suites of SRTP, most wanted first, which then is required; empty for RTP in the clear.
    pub srtp: Vec<Suite>,
}
