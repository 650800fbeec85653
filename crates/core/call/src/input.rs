//! What happens to a call.

use std::time::Duration;

use records::{Clue, Heard};

/// A fact for the machine. Offsets are stated where they are not since the attempt's start.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Place the call.
    Start,
    /// Answer the call that has come in.
    Arrived,
    /// 100 came.
    Trying,
    /// A provisional response from 101 to 199 came. `sdp`: it opened early media.
    Provisional { status: u16, sdp: bool },
    /// A tone or other sound was heard. Each kind may be told as often as it is recognised.
    Heard(Heard),
    /// Something was made out by ear; a later clue takes the place of an earlier one about the same thing.
    Clue(Clue),
    /// 200 came with a usable answer and is acknowledged, or ours is; media flow and the recorder runs.
    Answered,
    /// 200 came with an answer nobody can use. The signalling acknowledges and ends it by itself; [`Input::LegEnded`] follows.
    /// `why` becomes the note of the evidence.
    NoCommonCodec { why: String },
    /// The INVITE failed for good: a final response after all authentication and failover, or none at all.
    Failed(Failure),
    /// 200 crossed our CANCEL. The signalling acknowledges and ends it by itself; [`Input::LegEnded`] follows.
    LateAnswered,
    /// The other side sent BYE, or CANCEL before we answered.
    PeerHungUp,
    /// Our BYE or CANCEL is confirmed, or the dialog ended without either side's BYE.
    LegEnded,
    /// The first RTP packet came.
    FirstPacket,
    /// The media side misses packets: none came, or they stopped.
    NoMedia,
    /// The call can no longer be recorded, or never could.
    RecorderFailed,
    /// A key, once per press: `0`–`9`, `*`, `#`. Others are ignored.
    Key(char),
    /// The prompt of that [`crate::Output::Play`] was said to its end.
    PromptDone { play: u32 },
    /// The span of that [`crate::Output::RecordSpan`] ended, by silence, at its longest, or by [`crate::Output::StopSpan`].
    /// `from` and `to` are offsets in the recording; `spoke`: anything was said.
    SpeechEnded { span: u32, from: Duration, to: Duration, spoke: bool },
    /// The fact is durable.
    Saved { seq: u32 },
    /// Facts cannot be made durable.
    StoreFailed,
    /// The time of [`crate::Call::poll_timeout`] has passed: fires every timer that is due.
    Timeout,
    /// The customer or the number opted out by another channel.
    OptedOutMeanwhile,
    /// Calling is being stopped. Calls not answered yet are cancelled; answered ones go on to their end,
    /// or with `now` are hung up.
    Drain { now: bool },
}

/// How an INVITE failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// By a final response.
    Response,
    /// No final response within the transaction's time (RFC 3261 timer B or C).
    Timeout,
    /// The message could not be sent: no route, refused, name not found.
    Transport,
    /// The trunk refused our credentials.
    Auth,
}

/// A failed INVITE, as received.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// Final status, where one came.
    pub status: Option<u16>,
    pub phrase: Option<String>,
    /// Values of Reason headers (RFC 3326).
    pub reason_headers: Vec<String>,
    /// Q.850 cause; read from `reason_headers` where absent.
    pub q850: Option<u16>,
    /// Value of the Warning header.
    pub warning: Option<String>,
}

impl Failure {
    /// A bare final response.
    pub fn response(status: u16, phrase: &str) -> Self {
        Self { status: Some(status), phrase: Some(phrase.to_owned()), ..Self::of(FailureKind::Response) }
    }

    /// A failure of which nothing more is known.
    pub fn of(kind: FailureKind) -> Self {
        Self { kind, status: None, phrase: None, reason_headers: Vec::new(), q850: None, warning: None }
    }
}
