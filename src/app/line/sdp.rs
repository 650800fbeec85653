//! The session description of one call as signalling and media see it.

use std::net::SocketAddr;

use media::{Codec, Remote};
use sip::sdp::{self, Local, Negotiated, Refusal};

use crate::config::Trunk;

/// One call's offers and answers (RFC 3264).
pub(super) struct Session(sdp::Session);

/// What the media path is to do after an exchange.
pub(super) struct Agreement {
    pub(super) remote: Remote,
    /// The peer does not listen: it has us on hold.
    pub(super) held: bool,
}

impl Session {
    /// A session over our RTP address, on the terms of a trunk. `id` makes the session id unique among our calls.
    pub(super) fn new(rtp: SocketAddr, id: u64, trunk: &Trunk) -> Self {
        // RFC 8866 wants a number that fits a signed 64-bit integer.
        Self(sdp::Session::new(Local { rtp, session_id: id >> 1, srtp: trunk.suites().to_vec() }))
    }

    /// Our offer.
    pub(super) fn offer(&mut self) -> String {
        self.0.offer(&mut rand::random)
    }

    /// What was last agreed on.
    pub(super) fn agreed(&self) -> Option<Agreement> {
        self.0.agreed().cloned().map(agreement)
    }

    /// Takes the peer's answer.
    pub(super) fn answered(&mut self, answer: &str) -> Result<Agreement, Refusal> {
        self.0.answered(answer).map(agreement)
    }

    /// Answers the peer's re-offer; a refused one leaves the session as it was.
    pub(super) fn reoffered(&mut self, offer: &str) -> Result<(String, Agreement), Refusal> {
        let answer = self.0.answer(offer, &mut rand::random)?;
        Ok((answer.sdp, agreement(answer.negotiated)))
    }
}

fn agreement(negotiated: Negotiated) -> Agreement {
    let held = !negotiated.direction.sends();
    if let Some(most) = negotiated.max_ptime.filter(|most| *most < 20) {
        tracing::warn!(most, "the peer takes packets of so many milliseconds at most, and is sent 20");
    }
    let remote = Remote {
        addr: negotiated.remote,
        codec: match negotiated.codec {
            sdp::Codec::Pcma => Codec::Pcma,
            sdp::Codec::Pcmu => Codec::Pcmu,
        },
        payload_type: negotiated.payload_type,
        telephone_events: [negotiated.telephone_event_here, negotiated.telephone_event],
        srtp: negotiated.srtp,
        rtcp: negotiated.rtcp,
    };
    Agreement { remote, held }
}
