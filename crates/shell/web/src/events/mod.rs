//! What happens, told as it happens: one line of events for all listeners of this process (`/api/v1/events`).
//!
//! Single events are those of this process; the board's snapshot is counted in the database, so it tells what all
//! processes do, and puts right whatever a listener missed.

mod happening;
mod line;
mod snapshot;
mod told;

pub use happening::{Happening, HourRate, PlanBrief, Queue, Snapshot, TrunkLines};
pub use line::{Event, Events, Heard, Listener};
pub(crate) use snapshot::Snapshots;
pub(crate) use told::{Standing, Told};
