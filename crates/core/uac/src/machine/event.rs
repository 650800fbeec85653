//! What a call tells its caller.

use serde::{Deserialize, Serialize};

use crate::digest::Refused;
use crate::line::Hop;
use crate::message::Response;
use crate::reason;

/// A fact of the call, in order. `Failed`, `LateAnswered`, `PeerHungUp` and `Ended` are terminal:
/// exactly one of them comes, last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// 100: the next hop works on it.
    Trying,
    /// 101 to 199, told once for each different (status, SDP) of a fork.
    Provisional {
        /// Status code.
        status: u16,
        /// Session description: early media, or the answer.
        sdp: Option<String>,
    },
    /// The kept 2xx; its ACK is sent. Of an inbound call: our 2xx is acknowledged.
    Answered {
        /// The answer to our offer; `None` when it came before in a reliable provisional
        /// response, or when the peer forgot it. Of an inbound call: only where its INVITE had no offer.
        sdp: Option<String>,
    },
    /// The peer changes the session; answer with [`super::Input::AnswerOffer`] at once.
    Reoffer {
        /// Its offer; `None` asks for an offer of ours.
        sdp: Option<String>,
    },
    /// The answer to an offer of ours in mid-call: one that the peer asked for, or that of a
    /// session refresh. It may have moved the peer's media.
    Reanswer {
        /// Session description of the ACK, or of the 2xx.
        sdp: String,
    },
    /// A key pressed, told in an INFO (application/dtmf-relay or application/dtmf).
    Key {
        /// One of 0–9, `*`, `#`, A–D.
        key: char,
        /// How long it was pressed, where it is said.
        milliseconds: Option<u32>,
    },
    /// The INVITE was given up on one way of the trunk and sent on the next.
    FailedOver {
        /// The way that was left.
        from: Hop,
        /// Why.
        cause: Cause,
    },
    /// A way that was left for its silence has come to life while another was tried: for a moment
    /// the call stood on both. What came late was cancelled, or acknowledged and ended.
    Overlapped {
        /// The way that was left before.
        on: Hop,
    },
    /// No call came about: by the peer's final response, 487 to our CANCEL included, or by its silence.
    Failed(Failure),
    /// A 200 crossed our CANCEL: it was acknowledged and ended by BYE.
    LateAnswered,
    /// The peer ended the call, an inbound one also by CANCEL before the answer.
    PeerHungUp {
        /// Reason headers of its BYE or CANCEL, as written.
        reasons: Vec<String>,
        /// The Q.850 cause among them.
        q850: Option<u16>,
    },
    /// Our BYE has left: for our side the call is over (RFC 3261 section 15.1.1), and the terminal event follows. Told
    /// of each BYE, as where one has to answer a challenge; not of one that could not be sent.
    HungUp,
    /// We ended the call: by BYE, or by CANCEL before there was anything to confirm it.
    Ended {
        /// Whether the peer confirmed it; else it never answered our BYE in 64·T1.
        confirmed: bool,
    },
}

impl Event {
    /// Whether this is the last event of its call.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Event::Failed(_) | Event::LateAnswered | Event::PeerHungUp { .. } | Event::Ended { .. }
        )
    }
}

/// Why a way was left for the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The transport says so.
    Unreachable(String),
    /// It rejected the call for a trouble of its own.
    Rejected {
        /// 503, or another status of the 5xx class.
        status: u16,
        /// Retry-After in seconds: until then the way wants no calls.
        retry_after: Option<u32>,
    },
    /// It does not answer OPTIONS either.
    Down,
    /// Nothing was heard for the time that the trunk's policy allows.
    Silent,
}

/// How a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// A final response of 300 to 699.
    Rejected,
    /// Nobody answered the INVITE at all; or the session of an answered call was not refreshed.
    Timeout,
    /// The hop cannot be reached (ICMP error, no route, name not found).
    Transport,
    /// The trunk did not accept our credentials, or we have none for it.
    Auth,
    /// We cancelled, and the peer never confirmed it.
    Cancelled,
    /// The peer broke the protocol so that the call had to be ended.
    Protocol,
}

/// Everything known about a failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// Final SIP status, when one came.
    pub status: Option<u16>,
    /// Its reason phrase as written.
    pub reason_phrase: String,
    /// Its Reason headers as written.
    pub reason_headers: Vec<String>,
    /// The Q.850 cause among them.
    pub q850: Option<u16>,
    /// Its Warning header as written.
    pub warning: Option<String>,
    /// Our own explanation with its remedy, where there is one.
    pub detail: Option<String>,
}

impl Failure {
    /// A failure without any response.
    pub fn silent(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            reason_phrase: String::new(),
            reason_headers: Vec::new(),
            q850: None,
            warning: None,
            detail: Some(detail.into()),
        }
    }

    /// A failure told by `response`.
    pub fn rejected(response: &Response) -> Self {
        let reason_headers = reason::raw(&response.headers);
        Self {
            kind: FailureKind::Rejected,
            status: Some(response.status),
            reason_phrase: response.phrase.clone(),
            q850: reason::q850(&reason_headers),
            reason_headers,
            warning: response.headers.first("Warning").map(str::to_owned),
            detail: None,
        }
    }

    /// A challenge that is not answered, or not again.
    pub fn auth(response: &Response, refused: &Refused) -> Self {
        Self { kind: FailureKind::Auth, detail: Some(refused.to_string()), ..Self::rejected(response) }
    }
}
