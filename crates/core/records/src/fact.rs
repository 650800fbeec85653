//! Facts of a call: append-only, serialisable, accepted by attempt id however late.

use serde::{Deserialize, Serialize};

/// One answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Answer {
    pub question: String,
    /// The key pressed, `0`–`9`, `*`, `#`.
    pub key: char,
    pub value: String,
    pub label: String,
    pub flag: Option<String>,
}

/// A spoken answer, as a span of the recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpokenSpan {
    pub question: String,
    pub tag: String,
    /// Offsets in the recording.
    pub from_ms: u64,
    pub to_ms: u64,
    /// Whether anything was said.
    pub spoke: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Noted {
    /// 1xx received.
    Progress {
        status: u16,
    },
    Answered,
    RecordingNoticed,
    ObjectedToRecording,
    Identity {
        confirmed: bool,
    },
    Convenient {
        yes: bool,
    },
    Answer(Answer),
    Spoken(SpokenSpan),
    Flag {
        flag: String,
    },
    /// When to call instead: `later_today`, `tomorrow_morning`, `tomorrow_afternoon`.
    TimeAsked {
        when: String,
    },
    OptOut,
    PersonAsked,
    WrongKey {
        question: String,
        key: char,
    },
    NoKey {
        question: String,
    },
    Ended,
}

/// A numbered fact. `seq` makes writing it twice harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Fact {
    pub seq: u32,
    /// Milliseconds since the attempt started.
    pub at_ms: u64,
    pub noted: Noted,
}
