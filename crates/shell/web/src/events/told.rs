//! One event as a listener is told it: what is written into the stream, and what the API's description says of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Event, Happening, Snapshot};

/// One event of the stream: its lines `event:`, `id:` and `data:`, the last of them JSON on one line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamedEvent)]
#[serde(untagged)]
pub(crate) enum Told<'a> {
    Happened(Happened<'a>),
    Standing(Standing<'a>),
}

/// Something that happened in this process.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HappenedEvent)]
pub(crate) struct Happened<'a> {
    /// Sent back as `Last-Event-ID`, the stream goes on behind this event.
    id: &'a str,
    #[serde(flatten)]
    happening: &'a Happening,
}

/// How things stand. It has no id: who comes back is told anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StandingEvent)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub(crate) enum Standing<'a> {
    /// The board over every process: at first, every two seconds, and behind `missed`.
    Board(&'a Snapshot),
    /// Events were lost to this listener: it was too slow, or came back too late.
    Missed {
        /// How many; none where nobody can tell, because the process is another one.
        missed: Option<u64>,
    },
}

impl<'a> From<&'a Event> for Told<'a> {
    fn from(event: &'a Event) -> Self {
        Self::Happened(Happened { id: &event.id, happening: &event.happening })
    }
}

impl<'a> From<Standing<'a>> for Told<'a> {
    fn from(standing: Standing<'a>) -> Self {
        Self::Standing(standing)
    }
}
