//! Offer and answer (RFC 3264) of one audio stream: G.711 and RFC 4733 telephone events over
//! plain RTP. Reading is tolerant, writing is exact.

mod read;
mod write;

use std::net::SocketAddr;

pub use read::accept;
pub use write::{answer, offer};

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

/// Payload type under which we offer telephone events.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// Where the peer wants its RTP.
    pub remote: SocketAddr,
    /// The codec to send; the peer may send any that it accepted.
    pub codec: Codec,
    /// Payload type of `codec` towards the peer.
    pub payload_type: u8,
    /// Payload type of telephone events towards the peer, if it takes them.
    pub telephone_event: Option<u8>,
    /// Which way media flows, seen from our side.
    pub direction: Direction,
    /// Packet length in milliseconds that the peer asks for; 20 when it names none.
    pub ptime: u16,
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
    /// The audio stream is refused (port 0).
    #[error("the peer refused the audio stream (port 0)")]
    Rejected,
    /// It cannot be understood or carried out.
    #[error("the peer's session description is unusable: {why}")]
    Unusable {
        /// What is wrong with it.
        why: String,
    },
}

/// Our side of a session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Address and port of our RTP.
    pub rtp: SocketAddr,
    /// Constant through the session.
    pub session_id: u64,
    /// Raised with every description that differs from the one before.
    pub version: u64,
}
