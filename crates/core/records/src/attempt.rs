//! Attempts (呼叫): one call with one number for one task, ending with exactly one reason.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Clue, CustomerId, Heard, Number, PlanId, Reason, TaskId};

/// How sure a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Said by protocol or key.
    Certain,
    /// Several signs agree.
    Likely,
    /// A single weak sign.
    Guess,
}

/// The raw signs behind a reason, kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Evidence {
    /// Final SIP status.
    pub sip_status: Option<u16>,
    pub sip_phrase: Option<String>,
    /// Reason header values as received (RFC 3326).
    pub reason_headers: Vec<String>,
    /// Warning header as received (RFC 3261 section 20.43).
    pub warning: Option<String>,
    /// Q.850 cause.
    pub q850: Option<u16>,
    pub heard: Vec<Heard>,
    /// What was made out by ear, with confidence and place; what was too unsure to be among `heard` as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clues: Vec<Clue>,
    /// Milliseconds of ringing as defined: from the first 180 or ring-back tone.
    pub ring_ms: Option<u64>,
    /// No 18x came at all, so ring time was counted from INVITE.
    pub ring_from_invite: bool,
    pub confidence: Option<Confidence>,
    /// Who ended the call: `customer`, `us`, `carrier`.
    pub ended_by: Option<String>,
    /// One sentence for people.
    pub note: Option<String>,
    /// How the media went, where there were any.
    pub media: Option<MediaQuality>,
}

/// Packets of one call, counted by us, and what the other side reported of ours (RFC 3550).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MediaQuality {
    pub received: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub reordered: u64,
    /// Of a payload type nobody agreed on, no RTP at all, or SRTP that failed authentication.
    pub refused: u64,
    /// From elsewhere than the other side.
    pub strangers: u64,
    pub sent: u64,
    /// Interarrival jitter at the end, and the highest, in milliseconds.
    pub jitter_ms: u64,
    pub most_jitter_ms: u64,
    /// Reports that came; the next three are theirs.
    pub reports: u32,
    pub peer_lost: Option<i64>,
    pub peer_jitter_ms: Option<u64>,
    /// The shortest way there and back.
    pub round_trip_ms: Option<u64>,
}

/// A word is no direction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown direction \"{0}\": use outbound or inbound")]
pub struct UnknownDirection(pub String);

/// Who called whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// We called the customer.
    #[default]
    Outbound,
    /// The customer rang back.
    Inbound,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Outbound, Self::Inbound];

    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
        }
    }

    /// Whether an attempt that ended so is one that we made on the customer (W12.3): a customer who rings back uses
    /// up none of them.
    pub fn counts(self, reason: Reason) -> bool {
        self == Self::Outbound && reason.counts()
    }
}

impl std::str::FromStr for Direction {
    type Err = UnknownDirection;

    fn from_str(text: &str) -> Result<Self, UnknownDirection> {
        Self::ALL.into_iter().find(|d| d.slug() == text).ok_or_else(|| UnknownDirection(text.to_owned()))
    }
}

/// An attempt as kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attempt {
    pub id: AttemptId,
    pub task: Option<TaskId>,
    pub plan: Option<PlanId>,
    pub customer: Option<CustomerId>,
    pub direction: Direction,
    /// The customer's number: dialled, or the caller's. Of a caller who withholds it, our own number that was called.
    pub number: Number,
    pub trunk: String,
    /// The company's number as shown to the customer.
    pub caller: Option<String>,
    /// CDR start: committed before the INVITE leaves, or before it is answered.
    pub started_at: DateTime<Utc>,
    /// CDR answer.
    pub answered_at: Option<DateTime<Utc>>,
    /// CDR end.
    pub ended_at: Option<DateTime<Utc>>,
    /// Until then no other call to this customer or number can exist, whatever became of the process.
    pub alive_until: DateTime<Utc>,
    pub reason: Option<Reason>,
    pub evidence: Evidence,
}
