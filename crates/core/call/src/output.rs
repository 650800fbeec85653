//! What a call wants done.

use std::time::Duration;

use records::{Evidence, Fact, Marker, Reason};
use survey::PromptRef;

/// An order to the shells, carried out in sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send INVITE.
    Dial,
    /// Answer the inbound call; [`crate::Input::Answered`] follows, or [`crate::Input::NoCommonCodec`] where its
    /// offer is of no use.
    Answer,
    /// Send CANCEL as soon as a provisional response allows it, or give up the INVITE where none came.
    /// [`crate::Input::Failed`], [`crate::Input::LateAnswered`] or [`crate::Input::LegEnded`] follows.
    Cancel,
    /// Send BYE, or refuse an inbound call not yet answered; [`crate::Input::LegEnded`] follows.
    HangUp,
    /// Speak; [`crate::Input::PromptDone`] with the same number follows, unless stopped before.
    Play { play: u32, prompt: PromptRef },
    /// Fall silent at once.
    StopPlay,
    /// Listen for the end of a spoken answer; [`crate::Input::SpeechEnded`] with the same number follows.
    /// `tag` is its name in the recording's markers.
    RecordSpan { span: u32, tag: String, max: Duration, end_silence: Duration },
    /// End the span now; [`crate::Input::SpeechEnded`] follows all the same.
    StopSpan { span: u32 },
    /// The customer objects: keep nothing of what follows. The call goes on.
    StopRecording,
    /// Mark this moment of the recording with a cue point.
    Mark(Marker),
    /// Make a fact durable; [`crate::Input::Saved`] or [`crate::Input::StoreFailed`] follows. No prompt starts before.
    Save(Fact),
    /// The call is over; always last, exactly once.
    Ended(Box<Report>),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub reason: Reason,
    pub evidence: Evidence,
    /// Whether the customer answered in time for an interview; false for `answered_late`.
    pub answered: bool,
    /// Slugs of the flags raised by this interview.
    pub flags: Vec<String>,
    /// The customer asked for a person.
    pub person_asked: bool,
    /// `later_today`, `tomorrow_morning` or `tomorrow_afternoon`.
    pub time_asked: Option<String>,
    /// The customer objected to being recorded.
    pub objected: bool,
}
