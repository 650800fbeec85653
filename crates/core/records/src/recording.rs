//! Recordings (录音): both legs of one attempt, sealed by a hash.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, RecordingId};

/// A marked moment in a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Cue {
    pub at_ms: u64,
    pub label: String,
}

/// A sealed recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Recording {
    pub id: RecordingId,
    pub attempt: AttemptId,
    /// Relative to the vault: `date/plan/attempt-id.wav`.
    pub path: String,
    pub bytes: u64,
    pub seconds: f64,
    /// Of the plaintext WAV, hex.
    pub sha256: String,
    pub cues: Vec<Cue>,
    pub sealed_at: DateTime<Utc>,
}
