//! The session description of one call: our offer, the peer's answer, and re-offers.

use std::net::SocketAddr;

use media::{Codec, Remote};
use sip::sdp::{self, Local, Negotiated};

use super::hearing::Unusable;

/// One call's offer and answer (RFC 3264).
pub(super) struct Session {
    local: Local,
    /// What was last agreed on.
    agreed: Option<Remote>,
}

/// Our answer to a re-offer.
pub(super) struct Reanswer {
    pub(super) sdp: String,
    pub(super) remote: Remote,
    /// The peer does not listen: it has us on hold.
    pub(super) held: bool,
}

impl Session {
    /// A session over our RTP address. `id` makes the session id unique among our calls.
    pub(super) fn new(rtp: SocketAddr, id: u64) -> Self {
        // RFC 4566 wants a number that fits a signed 64-bit integer.
        Self { local: Local { rtp, session_id: id >> 1, version: 1 }, agreed: None }
    }

    /// Our offer.
    pub(super) fn offer(&self) -> String {
        sdp::offer(&self.local)
    }

    /// What was last agreed on.
    pub(super) fn agreed(&self) -> Option<Remote> {
        self.agreed
    }

    /// Takes the peer's answer.
    pub(super) fn answered(&mut self, answer: &str) -> Result<Remote, Unusable> {
        let remote = sdp::accept(answer).map(remote).map_err(|refusal| Unusable(refusal.to_string()))?;
        self.agreed = Some(remote);
        Ok(remote)
    }

    /// Answers the peer's re-offer; `None` refuses it and the session goes on as it was.
    pub(super) fn reoffered(&mut self, offer: &str) -> Option<Reanswer> {
        let next = Local { version: self.local.version + 1, ..self.local };
        let (sdp, negotiated) = sdp::answer(offer, &next).ok()?;
        self.local = next;
        let remote = remote(negotiated);
        self.agreed = Some(remote);
        Some(Reanswer { sdp, remote, held: !negotiated.direction.sends() })
    }
}

fn remote(negotiated: Negotiated) -> Remote {
    Remote {
        addr: negotiated.remote,
        codec: match negotiated.codec {
            sdp::Codec::Pcma => Codec::Pcma,
            sdp::Codec::Pcmu => Codec::Pcmu,
        },
        payload_type: negotiated.payload_type,
        telephone_event: negotiated.telephone_event,
    }
}
