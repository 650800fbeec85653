//! What the application may order; stamped when ordered, or with when it happened on the wire, so that no delay moves
//! anything.

use super::Leg;
use crate::Remote;
use audio::{Clip, SpanLimits};
use records::{KeyTones, Marker};
use std::{fmt, sync::Arc, time::Instant};

pub(crate) struct Order {
    pub(crate) leg: u64,
    pub(crate) at: Instant,
    pub(crate) command: Command,
}

pub(crate) enum Command {
    Open(Box<Leg>),
    RequireSrtp,
    Connect(Remote),
    Answered,
    Play(u32, String, Arc<Clip>),
    StopPlay,
    ListenSpan(u32, String, SpanLimits),
    StopSpan(u32),
    StopRecording,
    Hold(bool),
    Mark(Marker),
    KeyTones(KeyTones),
    Info(char),
    Close,
    /// To the thread itself.
    Shutdown,
}

impl fmt::Debug for Command {
    /// Names only: what is played or marked is the customer's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Open",
            Self::RequireSrtp => "RequireSrtp",
            Self::Connect(_) => "Connect",
            Self::Answered => "Answered",
            Self::Play(..) => "Play",
            Self::StopPlay => "StopPlay",
            Self::ListenSpan(..) => "ListenSpan",
            Self::StopSpan(_) => "StopSpan",
            Self::StopRecording => "StopRecording",
            Self::Hold(_) => "Hold",
            Self::Mark(_) => "Mark",
            Self::KeyTones(_) => "KeyTones",
            Self::Info(_) => "Info",
            Self::Close => "Close",
            Self::Shutdown => "Shutdown",
        })
    }
}
